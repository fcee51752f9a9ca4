// One sentence about what was just done, or why it was not.

export const notices = new EventTarget();

export function say(sentence, kind = "done") {
  notices.dispatchEvent(new CustomEvent("say", { detail: { sentence, kind } }));
}
