// One action on all that a filter means: counted first, then done in the server's bounded steps.

import { post } from "./api.js";
import { confirm } from "./confirm.js";
import { number, plural } from "./format.js";
import { say } from "./notice.js";

/**
 * @param screen whose filter it is; once it is gone nothing more is done
 * @param path where the action is taken
 * @param body action and filter
 * @param words {one, many, action, text, reason, meant} for who has to say yes; meant is the filter
 *     in words
 * @param did how many one step did, and how many it met with, from its answer
 * @return whether anything was done
 */
export async function many(screen, path, body, words, did) {
  const { count, atLeast, at, upTo } = await post(path, { ...body, dryRun: true });
  const name = (n) => plural(n, words.one, words.many);
  if (!screen.isConnected) {
    return false;
  }
  if (count === 0 && !atLeast) {
    say(`No ${words.one} is meant: nothing to do.`);
    return false;
  }
  const all = atLeast ? `at least ${name(count)}` : name(count);
  const yes = await confirm({
    title: `${words.action} ${all}?`,
    text: `${words.meant} ${words.text}`,
    action: `${words.action} ${all}`,
    reason: words.reason,
  });
  if (!yes) {
    return false;
  }
  const step = { ...body, filter: { ...body.filter, ...bound(path, at, upTo) }, reason: yes.reason };
  return inSteps(screen, path, step, { ...words, name, all: atLeast ? Infinity : count, count }, did);
}

/** What came after it was counted is not meant. What is undefined is not sent. */
const bound = (path, at, upTo) =>
  path.startsWith("/dead") ? { until: at ?? undefined } : { upTo: upTo ?? undefined };

async function inSteps(screen, path, step, words, did) {
  let stopped = false;
  let sum = 0;
  let met = 0;
  let next;
  const stop = () => (stopped = true);
  do {
    const sentence = `${words.done}: ${number(sum)} of ${words.all > words.count ? "at least " : ""}${words.name(words.count)}.`;
    screen.work = { sentence, part: met, all: words.count, stop };
    const answer = await post(path, next ? { ...step, after: next } : step).catch((refusal) => {
      refusal.message = `${words.done}: ${words.name(sum)}. Then it stopped: ${refusal.message}`;
      throw refusal;
    });
    const { done, seen = done } = did(answer);
    sum += done;
    met += seen;
    next = following(step.action, answer);
  } while (next != null && met < words.all && !stopped && screen.isConnected);
  const early = next != null && met < words.all;
  say(`${words.done}: ${words.name(sum)}.${early ? ` Stopped before the rest${stopped ? "" : ": its screen was left"}.` : ""}`);
  return true;
}

/** Where the next step begins; null after the last. A purge begins at what is left. */
function following(action, answer) {
  switch (action) {
    case "purge":
      return answer.more ? "" : null;
    case "cancel":
      return answer.next == null ? null : Number(answer.next);
    default:
      return answer.next;
  }
}
