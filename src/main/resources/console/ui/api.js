// Asks the server. Every answer that is not what was asked for becomes a Refusal with a sentence.

import { database } from "./away.js";
import { members } from "./jsontext.js";

const ROOT = "/api/v1";
const TOKEN = "millrace-token";
const LONGEST_MS = 25_000;

/** Tells of "locked": nobody is let in with what this page holds. */
export const access = new EventTarget();

let csrf = null;

export class Refusal extends Error {
  /** Status 0 is no answer at all. */
  constructor(status, problem) {
    super(problem.detail ?? "The server refused without a reason.");
    this.status = status;
    this.code = problem.code;
    this.errors = problem.errors ?? [];
  }
}

export function keepToken(token) {
  if (token) {
    sessionStorage.setItem(TOKEN, token);
  } else {
    sessionStorage.removeItem(TOKEN);
  }
}

const keptToken = () => sessionStorage.getItem(TOKEN);

/** The answer as it comes, for who reads it bit by bit. */
export async function open(path, { headers = {}, token = keptToken(), ...more } = {}) {
  const shown = token ? { Authorization: `Bearer ${token}`, ...headers } : headers;
  let response;
  try {
    response = await fetch(ROOT + path, { headers: shown, ...more });
  } catch {
    throw new Refusal(0, { code: "away", detail: "Millrace does not answer." });
  }
  if (response.ok) {
    return response;
  }
  const problem = await response.json().catch(() => ({ detail: response.statusText }));
  const refusal = new Refusal(response.status, problem);
  database.met(refusal.code);
  if (refusal.status === 401 && token === keptToken()) {
    refusal.wrongToken = token !== null;
    keepToken(null);
    access.dispatchEvent(new CustomEvent("locked", { detail: refusal }));
  }
  throw refusal;
}

/**
 * Reads; what is empty in the query is left out.
 *
 * @param texts members that are wanted as the text that came: numbers beyond 2^53 are in them
 */
export async function get(path, query = {}, texts = []) {
  const given = Object.entries(query).filter(([, value]) => value !== "" && value != null);
  const asked = given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
  const response = await open(asked, { signal: AbortSignal.timeout(LONGEST_MS) });
  try {
    const text = await response.text();
    return { ...JSON.parse(text), ...members(text, texts) };
  } catch {
    throw new Refusal(0, { code: "away", detail: "Millrace broke off in the middle of an answer." });
  }
}

/**
 * Changes something, once: if no answer comes it is sent again under the same key.
 *
 * @param body a value, or JSON that is sent as it is
 */
export async function post(path, body = {}) {
  const headers = { "Content-Type": "application/json", "Idempotency-Key": newKey() };
  if (csrf) {
    headers["X-CSRF-Token"] = csrf;
  }
  const send = async () =>
    (
      await open(path, {
        method: "POST",
        headers,
        body: typeof body === "string" ? body : JSON.stringify(body),
        signal: AbortSignal.timeout(LONGEST_MS),
      })
    ).json();
  try {
    return await send();
  } catch (refusal) {
    if (refusal.status !== 0) {
      throw refusal;
    }
    return send();
  }
}

/** Who is asking; throws a Refusal of 401 if that is nobody. */
export async function whoAmI() {
  const me = await get("/me");
  csrf = me.csrf;
  return me;
}

/** Ends the session of this browser, also one that a token covers, and forgets the token. */
export async function logOut() {
  const bare = { token: "", signal: AbortSignal.timeout(LONGEST_MS) };
  try {
    const me = await (await open("/me", bare)).json();
    if (me.csrf) {
      const headers = { "Content-Type": "application/json", "X-CSRF-Token": me.csrf };
      await open("/logout", { ...bare, method: "POST", headers, body: "{}" });
    }
  } catch (refusal) {
    if (refusal.status !== 401) {
      throw refusal;
    }
  }
  keepToken(null);
  csrf = null;
}

// Pages that come by plain http from elsewhere have no randomUUID.
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
