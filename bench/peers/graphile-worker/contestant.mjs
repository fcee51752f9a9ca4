// graphile-worker behind the commands of io.millrace.bench.peer.Stage.
// Options: concurrency=N localQueue=N (0 for none) refetchDelay=MS
import { createInterface } from "node:readline";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

// Modules are installed below bench/target, not beside this file.
const require = createRequire(process.env.BENCH_MODULES + "/");
const { run, makeWorkerUtils, Logger } = await import(
  pathToFileURL(require.resolve("graphile-worker")).href
);
const pg = require("pg");
// Its package does not export its own description.
const { version } = JSON.parse(
  await readFile(process.env.BENCH_MODULES + "/node_modules/graphile-worker/package.json", "utf8"),
);

const options = Object.fromEntries(
  process.argv.slice(2).map((option) => option.split("=", 2)),
);
const concurrency = Number(options.concurrency ?? 24);
const localQueue = Number(options.localQueue ?? 500);
const refetchDelay = Number(options.refetchDelay ?? 10);
const CALL = 10_000;
const PATIENCE_MS = 60_000;

const [host, port] = process.env.BENCH_SERVER.split(":");
function pool(max) {
  const made = new pg.Pool({
    host,
    port: Number(port),
    database: process.env.BENCH_DATABASE,
    user: process.env.BENCH_USER,
    password: process.env.BENCH_PASSWORD,
    max,
  });
  const complain = (e) => console.error("connection:", e.message);
  made.on("error", complain);
  made.on("connect", (client) => client.on("error", complain));
  return made;
}
const logger = new Logger(() => (level, message) => {
  if (level === "error" || level === "warning") console.error(level, message);
});

// Enqueuing has connections of its own, as it has in an application.
const enqueuePool = pool(8);
const utils = await makeWorkerUtils({ pgPool: enqueuePool, logger });
await utils.migrate();

const answer = (line) => process.stdout.write(line + "\n");
let runner;
let workPool;
let left = 0;
let allRan = () => {};
let begun = null;

const taskList = {
  bench: async ({ n }) => {
    if (begun !== null && begun[n] === 0) begun[n] = performance.now();
    if (--left === 0) allRan();
  },
};

async function start(jobs) {
  left = jobs;
  workPool = pool(concurrency + 1);
  runner = await run({
    pgPool: workPool,
    taskList,
    logger,
    noHandleSignals: true,
    parsedCronItems: [],
    preset: {
      worker: {
        concurrentJobs: concurrency,
        maxPoolSize: concurrency + 1,
        ...(localQueue > 0
          ? {
              localQueue: {
                size: localQueue,
                ...(refetchDelay > 0 ? { refetchDelay: { durationMs: refetchDelay } } : {}),
              },
            }
          : {}),
        completeJobBatchDelay: 0,
        failJobBatchDelay: 0,
      },
    },
  });
}

async function stop() {
  await runner.stop();
  await workPool.end();
}

async function enqueue(count) {
  for (let from = 0; from < count; from += CALL) {
    const jobs = [];
    for (let n = from; n < Math.min(count, from + CALL); n++) {
      jobs.push({ identifier: "bench", payload: { n } });
    }
    await utils.addJobs(jobs);
  }
}

async function pickup(rate, seconds) {
  const jobs = rate * seconds;
  begun = new Float64Array(jobs);
  const called = new Float64Array(jobs);
  const all = new Promise((resolve) => {
    allRan = resolve;
  });
  await start(jobs);
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const from = performance.now();
  let next = 0;
  await new Promise((resolve) => {
    const tick = () => {
      // As many as are due: a timer of Node's is never finer than a millisecond.
      while (next < jobs && from + (next * 1_000) / rate <= performance.now()) {
        const n = next++;
        called[n] = performance.now();
        utils.addJob("bench", { n }).catch((e) => console.error("not enqueued", n, e));
      }
      if (next < jobs) setTimeout(tick, 1);
      else resolve();
    };
    tick();
  });
  let patience;
  await Promise.race([
    all,
    new Promise((resolve) => {
      patience = setTimeout(resolve, PATIENCE_MS);
    }),
  ]);
  clearTimeout(patience);
  const latencies = Array.from(begun, (at, n) => (at === 0 ? "NaN" : at - called[n]));
  begun = null;
  await stop();
  return latencies;
}

answer(
  "ready " +
    JSON.stringify({
      version,
      node: process.version,
      concurrency,
      localQueue,
      refetchDelay,
      completeJobBatchDelay: 0,
      failJobBatchDelay: 0,
    }),
);
for await (const line of createInterface({ input: process.stdin })) {
  const [command, first, second] = line.split(" ");
  if (command === "enqueue") {
    await enqueue(Number(first));
    answer("enqueued");
  } else if (command === "start") {
    allRan = () => answer("ran");
    await start(Number(first));
    answer("started");
  } else if (command === "stop") {
    await stop();
    answer("stopped");
  } else if (command === "pickup") {
    answer("latencies " + JSON.stringify(await pickup(Number(first), Number(second))));
  } else {
    throw new Error(`There is no command ${line}.`);
  }
}
process.exit(0);
