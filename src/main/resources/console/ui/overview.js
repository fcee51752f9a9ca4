// The whole on one screen: what flows, what waits and why, who works.

import { html, nothing } from "lit";
import { NOWHERE } from "./alerts.js";
import { get } from "./api.js";
import { flowLines } from "./charts.js";
import { Rate, duration, number, percent, plural, rate, upTo } from "./format.js";
import { bar, empty, figure, lines, quotaBars, state, when } from "./parts.js";
import { link } from "./router.js";
import { Screen } from "./screen.js";

/** Messages stored each second, until this page has seen for itself. */
const lastMinute = (flow) => (flowLines(flow, "stored")[0].points.at(-2) ?? 0) / 60;

class Overview extends Screen {
  #stored = new Rate(60_000);

  async load() {
    const [overview, workers, limits, flow] = await Promise.all([
      get("/overview"),
      get("/workers"),
      get("/limits"),
      get("/flow"),
    ]);
    this.#stored.see(overview.mailboxes.stored);
    return { ...overview, workers: workers.items, limits, flow };
  }

  content(data) {
    return html`
      <h1>Overview</h1>
      <p class="quiet">
        ${data.running.version} · quota profile ${data.running.profile}${data.running.timeScale === 1
          ? nothing
          : ` · ${number(data.running.timeScale)} times real time`}
      </p>
      <alert-list .address=${NOWHERE}></alert-list>
      ${this.#figures(data)} ${this.#mailboxes(data.mailboxes)}
      <section>
        <h2>The last hour</h2>
        <flow-chart .flow=${data.flow}></flow-chart>
      </section>
      ${this.#quota(data.limits.use)} ${this.#waiting(data)} ${this.#kinds(data)} ${this.#workers(data.workers)}
    `;
  }

  #figures({ kinds, ended, mailboxes, limits, flow, cache, countedTo }) {
    const sum = (name) => kinds.reduce((all, kind) => all + kind[name], 0);
    const today = new Date().toISOString().slice(0, 10);
    const jobs = (states) =>
      ended
        .filter((one) => one.day === today && states.includes(one.state))
        .reduce((all, one) => all + one.jobs, 0);
    const day = limits.quota.filter((bucket) => bucket.scope === "day").at(-1);
    const closed = limits.quota.filter((bucket) => Date.parse(bucket.closedUntil) > Date.now());
    const dead = sum("dead");
    return html`
      <dl class="figures">
        ${figure("Messages", rate(this.#stored.perSecond() || lastMinute(flow)), `${number(mailboxes.stored)} stored`)}
        ${figure("Jobs running", upTo(sum("running"), countedTo), `${upTo(sum("ready"), countedTo)} ready`)}
        ${figure("Jobs done today", number(jobs(["completed", "skipped"])), "since midnight, UTC")}
        ${figure(
          "Failed for good",
          html`<a href=${link("failures")}>${upTo(dead, countedTo)}</a>`,
          `${number(jobs(["dead"]))} today`,
        )}
        ${figure(
          "Quota of the day",
          day ? `${number(day.units)} units` : "0 units",
          closed.length ? `${plural(closed.length, "bucket")} closed by Google` : "nothing closed",
        )}
        ${cache ? figure("Cache hits", percent(cache.hitRate, 1), plural(cache.asks, "ask")) : nothing}
      </dl>
    `;
  }

  #quota(use) {
    return html`
      <section>
        <h2>Quota of Google</h2>
        ${use.length === 0 ? empty("What is used is not known here.") : quotaBars(use)}
      </section>
    `;
  }

  #mailboxes(all) {
    const trouble = all.inTrouble
      ? html` · <a href=${link("mailboxes")}>${plural(all.inTrouble, "mailbox", "mailboxes")} in trouble</a>`
      : nothing;
    return html`
      <section>
        <h2>Mailboxes</h2>
        ${all.mailboxes === 0
          ? empty("No mailbox is connected yet.")
          : html`
              <div class="progress">
                ${bar(all.accounted, Math.max(all.estimate, all.accounted), {
                  done: all.inSync === all.mailboxes,
                  label: "Messages of all mailboxes accounted for",
                })}
              </div>
              <p class="quiet">
                ${number(all.inSync)} of ${plural(all.mailboxes, "mailbox", "mailboxes")} in sync
                ${all.paused ? `· ${number(all.paused)} paused` : nothing}
                ${all.disconnected ? `· ${number(all.disconnected)} disconnected` : nothing} ${trouble}
              </p>
            `}
      </section>
    `;
  }

  #waiting({ waiting, kinds, countedTo }) {
    const ready = kinds.reduce((all, kind) => all + kind.ready, 0);
    const paused = kinds.filter((kind) => kind.paused).reduce((all, kind) => all + kind.ready, 0);
    const rows = [
      ["for their time (a delay, a retry, quota)", waiting.scheduled, "scheduled"],
      ["for parents", waiting.parents, "waiting"],
      ["for a slot of their user or key", waiting.limits, "ready"],
      ["for a kind that is paused", paused, "ready"],
      ["for a worker", ready - paused, "ready"],
    ].filter(([, n]) => n > 0);
    return html`
      <section>
        <h2>What waits</h2>
        ${rows.length === 0
          ? empty("Nothing waits.")
          : html`
              <ul class="causes">
                ${rows.map(
                  ([why, n, of]) => html`
                    <li><a href=${link("jobs", null, { state: of })}>${upTo(n, countedTo)}</a> ${why}</li>
                  `,
                )}
              </ul>
            `}
      </section>
    `;
  }

  #kinds({ kinds, countedTo }) {
    return html`
      <section>
        <h2>Kinds</h2>
        ${lines(kinds, [
          [
            "Kind",
            (kind) => html`
              <a href=${link("jobs", null, { kind: kind.kind })}>${kind.kind}</a>
              ${kind.paused ? state("paused") : nothing}
            `,
          ],
          ["Ready", (kind) => upTo(kind.ready, countedTo), "number"],
          ["Running", (kind) => upTo(kind.running, countedTo), "number"],
          ["Failed for good", (kind) => upTo(kind.dead, countedTo), "number"],
          [
            "First has waited",
            (kind) => (kind.headSeconds == null ? "" : duration(kind.headSeconds * 1000)),
            "number",
          ],
        ])}
      </section>
    `;
  }

  #workers(workers) {
    const alive = workers.filter((worker) => worker.state === "alive");
    const gone = workers.filter((worker) => worker.state === "lost");
    return html`
      <section>
        <h2>Workers</h2>
        ${alive.length === 0 ? empty("No worker is alive: nothing runs.") : nothing}
        <ul class="causes">
          ${[...alive, ...gone].map(
            (worker) => html`
              <li>
                ${worker.host}, process ${worker.pid} ${state(worker.state)}
                ${plural(worker.running, "job")} running · started ${when(worker.startedAt)}
              </li>
            `,
          )}
        </ul>
      </section>
    `;
  }
}

customElements.define("overview-screen", Overview);
