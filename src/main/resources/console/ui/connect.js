// Connects a mailbox: to Google's page of consent, and what it says when the browser is back.

import { access, post } from "./api.js";
import { say } from "./notice.js";
import { address, go, link } from "./router.js";

/** Goes to the page of consent; for a mailbox, or for whichever its owner chooses there. */
export function askConsent(screen, email) {
  return screen.doing(async () => {
    const { page } = await post("/connections", email ? { email } : {});
    if (!/^https?:/.test(page)) {
      throw new Error("The page of consent has no address to go to.");
    }
    location.assign(page);
  });
}

/** What the browser brought back, taken out of the address, where it must not stay; else null. */
export function broughtBack() {
  const { query } = address();
  const { state, code, error } = query;
  if (!state || !(code || error)) {
    return null;
  }
  history.replaceState(null, "", link("mailboxes"));
  dispatchEvent(new HashChangeEvent("hashchange"));
  return code ? { state, code } : { state, error };
}

/** Ends it; throws a Refusal that says why there is no mailbox. */
export async function finishConsent(brought) {
  const { user, email } = await post("/connections/finish", brought);
  access.dispatchEvent(new Event("entered")); // Whose it is now, its events are for.
  say(`${email} is connected; its first sync starts.`);
  go("mailboxes", user);
}
