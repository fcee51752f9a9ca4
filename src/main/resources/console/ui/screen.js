// What all screens have in common: they load, they show what they know, they say what they lack,
// and they look again when something happened. Drawn into the page itself: one style sheet for all.

import { LitElement, html, nothing } from "lit";
import { post } from "./api.js";
import { live } from "./events.js";
import { say } from "./notice.js";
import { problemNote } from "./parts.js";

const SOONEST_MS = 1_500;
const LATEST_MS = 15_000;
const REST = 10; // Looking must not keep the server busy more than a tenth of the time.

export class Screen extends LitElement {
  static properties = {
    address: { attribute: false },
    me: { attribute: false },
    data: { state: true },
    problem: { state: true },
    busy: { state: true },
  };

  /** Names of events after which this is looked at again. */
  hears = ["jobs", "check", "limit", "sync"];

  #timer = 0;
  #due = 0;
  #earliest = 0;
  #round = 0;

  createRenderRoot() {
    return this;
  }

  connectedCallback() {
    super.connectedCallback();
    live.addEventListener("event", this.#heard);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    live.removeEventListener("event", this.#heard);
    clearTimeout(this.#timer);
    this.#round++;
  }

  willUpdate(changed) {
    if (changed.has("address")) {
      if (changed.get("address")?.id !== this.address.id) {
        this.data = undefined;
      }
      this.refresh();
    }
  }

  get operator() {
    return this.me?.role === "operator";
  }

  get staff() {
    return this.me?.role !== "user";
  }

  /** Reads what is shown. @abstract */
  async load() {
    return {};
  }

  /** Called for each event; true if it needs no other look. */
  took() {
    return false;
  }

  #heard = ({ detail: { name, data } }) => {
    const anew = name === "again" || name === "reset";
    if (anew || (this.hears.includes(name) && !this.took(name, data))) {
      this.#schedule(SOONEST_MS);
    }
  };

  #schedule(waitMs) {
    const now = performance.now();
    const due = Math.max(now + waitMs, this.#earliest);
    if (this.#timer && this.#due <= due) {
      return;
    }
    clearTimeout(this.#timer);
    this.#due = due;
    this.#timer = setTimeout(() => {
      this.#timer = 0;
      if (document.hidden) {
        return; // The stream tells when the page is looked at again.
      }
      this.refresh();
    }, due - now);
  }

  async refresh() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    const round = ++this.#round;
    const began = performance.now();
    try {
      const data = await this.load(this.address);
      if (round === this.#round) {
        this.data = data;
        this.problem = undefined;
      }
    } catch (problem) {
      if (round === this.#round) {
        this.problem = problem;
      }
    }
    if (round === this.#round && this.isConnected) {
      const now = performance.now();
      this.#earliest = now + REST * (now - began);
      this.#schedule(LATEST_MS);
    }
  }

  /** Changes something and tells how it went. */
  async act(sentence, path, body) {
    return this.doing(async () => {
      const answer = await post(path, body);
      say(typeof sentence === "function" ? sentence(answer) : sentence);
      return answer;
    });
  }

  /** While it is done nothing else can be begun; answers undefined if it failed. */
  async doing(work) {
    this.busy = true;
    try {
      return await work();
    } catch (problem) {
      const fields = (problem.errors ?? []).map((e) => `${e.field} ${e.detail}`).join("; ");
      say(fields ? `${problem.message} ${fields}.` : problem.message, "failed");
      return undefined;
    } finally {
      this.busy = false;
      this.refresh();
    }
  }

  render() {
    if (this.data === undefined) {
      return this.problem
        ? problemNote(this.problem, () => this.refresh())
        : html`<p class="note" role="status">Loading…</p>`;
    }
    return html`
      ${this.problem ? problemNote(this.problem, () => this.refresh(), true) : nothing}
      ${this.content(this.data)}
    `;
  }
}
