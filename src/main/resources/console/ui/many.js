// One action on all that a filter means: counted first, then done in the server's bounded steps.

import { post } from "./api.js";
import { confirm } from "./confirm.js";
import { plural } from "./format.js";
import { say } from "./notice.js";

/**
 * @param path where the action is taken
 * @param body action and filter
 * @param words {one, many, action, text, reason} for who has to say yes
 * @param done how many one step did, from its answer
 * @return whether anything was done
 */
export async function many(path, body, words, done) {
  const { count, atLeast } = await post(path, { ...body, dryRun: true });
  const name = (n) => plural(n, words.one, words.many);
  if (count === 0) {
    say(`No ${words.one} is meant: nothing to do.`);
    return false;
  }
  const meant = atLeast ? `${name(count)} or more` : name(count);
  const yes = await confirm({
    title: `${words.action} ${meant}?`,
    text: words.text,
    action: `${words.action} ${meant}`,
    reason: words.reason,
  });
  if (!yes) {
    return false;
  }
  const step = yes.reason ? { ...body, reason: yes.reason } : body;
  let sum = 0;
  let next;
  do {
    const answer = await post(path, next ? { ...step, after: next } : step);
    sum += done(answer);
    next = following(body.action, answer);
    say(`${words.done}: ${name(sum)}${next == null ? "." : " so far…"}`);
  } while (next != null);
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
