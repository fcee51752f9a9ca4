// When a screen is looked at again: soon after something happened, one look at a time, seldom
// where looking is slow, never while nobody sees the page.

const LATEST_MS = 15_000;
const REST = 10; // Looking must not keep the server busy more than a tenth of the time.
const LONGEST_REST_MS = 30_000;

export class Looking {
  #look;
  #timer = 0;
  #due = 0;
  #earliest = 0;
  #underWay = null;
  #next = LATEST_MS; // How soon after what is under way another look is due.

  /** @param look begins one; answers a function that shows what was seen, and whether it failed */
  constructor(look) {
    this.#look = look;
  }

  begin() {
    document.addEventListener("visibilitychange", this.#seen);
  }

  end() {
    document.removeEventListener("visibilitychange", this.#seen);
    this.forget();
  }

  /** Whatever comes of the look that is under way is not asked for any more. */
  forget() {
    this.#rest();
    this.#underWay = null;
  }

  /** However long the last look took, another is due. */
  anew() {
    this.#earliest = 0;
    this.soon(0);
  }

  /** In so many milliseconds, if it may be. */
  soon(waitMs) {
    if (this.#underWay) {
      this.#next = Math.min(this.#next, waitMs);
      return;
    }
    const now = performance.now();
    const due = Math.max(now + waitMs, this.#earliest);
    if (this.#timer && this.#due <= due) {
      return;
    }
    this.#rest();
    this.#due = due;
    this.#timer = setTimeout(() => {
      this.#timer = 0;
      if (!document.hidden) {
        this.now();
      }
    }, due - now);
  }

  /** At once; while a look is under way only notes that another is due at once after it. */
  async now() {
    this.#rest();
    if (this.#underWay) {
      this.#next = 0;
      return;
    }
    const own = {};
    this.#underWay = own;
    this.#next = LATEST_MS;
    const began = performance.now();
    const { show, failed } = await this.#look();
    if (this.#underWay !== own) {
      return;
    }
    this.#underWay = null;
    show();
    const now = performance.now();
    const rest = REST * (now - began);
    // Who wants to see what they did, or that all is well again, need not wait.
    this.#earliest = this.#next === 0 ? 0 : now + (failed ? Math.min(rest, LONGEST_REST_MS) : rest);
    this.soon(this.#next);
  }

  /** What was put off while nobody looked is due. */
  #seen = () => {
    if (!document.hidden && !this.#timer) {
      this.soon(0);
    }
  };

  #rest() {
    clearTimeout(this.#timer);
    this.#timer = 0;
  }
}
