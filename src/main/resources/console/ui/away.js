// Whether the database answers, as far as this page knows: the stream of events tells, and so does
// any answer that lacks it. Then it is asked after until it is back, while anybody looks.

const AGAIN_MS = 3_000;
const LONGEST_MS = 10_000;
const CODE = "database_away";

class Database extends EventTarget {
  /** The instant since which it does not answer; null while it does. */
  since = null;
  #timer = 0;

  constructor() {
    super();
    document.addEventListener("visibilitychange", () => this.#look());
  }

  /** A problem that an answer was. */
  met(code) {
    if (code === CODE && this.since === null) {
      this.away(new Date().toISOString());
    }
  }

  away(since) {
    this.#become(since);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(), AGAIN_MS);
  }

  here() {
    clearTimeout(this.#timer);
    this.#become(null);
  }

  #become(since) {
    if (this.since !== since) {
      this.since = since;
      this.dispatchEvent(new Event("state"));
    }
  }

  async #look() {
    clearTimeout(this.#timer);
    if (this.since === null || document.hidden) {
      return;
    }
    let code = CODE;
    try {
      const ready = await fetch("/health/ready", { signal: AbortSignal.timeout(LONGEST_MS) });
      code = (await ready.json()).code;
    } catch {
      code = CODE; // Millrace itself is away: it tells when it is back.
    }
    if (this.since === null) {
      return;
    }
    if (code === CODE) {
      this.away(this.since);
    } else {
      this.here();
    }
  }
}

export const database = new Database();
