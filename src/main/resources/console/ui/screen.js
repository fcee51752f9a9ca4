// What all screens have in common: they load, they show what they know, they say what they lack,
// and they look again when something happened. Drawn into the page itself: one style sheet for all.

import { LitElement, html, nothing } from "lit";
import { post } from "./api.js";
import { live } from "./events.js";
import { Looking } from "./looking.js";
import { say } from "./notice.js";
import { problemNote, workNote } from "./parts.js";

const SOONEST_MS = 1_500;

export class Screen extends LitElement {
  static properties = {
    address: { attribute: false },
    me: { attribute: false },
    data: { state: true },
    problem: { state: true },
    busy: { state: true },
    work: { state: true },
  };

  /** Names of events after which this is looked at again. */
  hears = ["jobs", "check", "limit", "sync"];

  #looking = new Looking(() => this.#look());
  #shown = null; // The address that what is shown was the answer to.

  createRenderRoot() {
    return this;
  }

  connectedCallback() {
    super.connectedCallback();
    live.addEventListener("event", this.#heard);
    this.#looking.begin();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    live.removeEventListener("event", this.#heard);
    this.#looking.end();
  }

  willUpdate(changed) {
    if (changed.has("address")) {
      if (changed.get("address")?.id !== this.address.id) {
        this.data = undefined;
        this.problem = undefined;
      }
      this.#looking.forget();
      this.refresh();
    }
  }

  get operator() {
    return this.me?.role === "operator";
  }

  get staff() {
    return this.me?.role !== "user";
  }

  /** Whether what is shown is what the address means, as far as the server has told. */
  get settled() {
    return this.data !== undefined && this.problem === undefined && this.#shown === this.address;
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
    if (name === "again" || name === "reset") {
      this.#looking.anew();
    } else if (this.hears.includes(name) && !this.took(name, data)) {
      this.#looking.soon(SOONEST_MS);
    }
  };

  /** Looks now, or as soon as the look that is under way has ended. */
  refresh() {
    return this.#looking.now();
  }

  async #look() {
    const asked = this.address;
    try {
      const data = await this.load(asked);
      return { failed: false, show: () => this.#show(asked, data) };
    } catch (problem) {
      return { failed: true, show: () => (this.problem = problem) };
    }
  }

  #show(asked, data) {
    this.#shown = asked;
    this.data = data;
    this.problem = undefined;
    this.requestUpdate(); // What is shown may be the same as before, and settled only now.
  }

  /** Changes something and tells how it went. */
  async act(sentence, path, body) {
    return this.doing(async () => {
      const answer = await post(path, body);
      say(typeof sentence === "function" ? sentence(answer) : sentence);
      return answer;
    });
  }

  /** While it is done nothing else can be begun; answers undefined if it failed or could not be. */
  async doing(work) {
    if (this.busy) {
      return undefined;
    }
    this.busy = true;
    try {
      return await work();
    } catch (problem) {
      const fields = (problem.errors ?? []).map((e) => `${e.field} ${e.detail}`).join("; ");
      say(fields ? `${problem.message} ${fields}.` : problem.message, "failed");
      return undefined;
    } finally {
      this.busy = false;
      this.work = undefined;
      if (this.isConnected) {
        this.refresh();
      }
    }
  }

  render() {
    if (this.data === undefined) {
      return this.problem
        ? problemNote(this.problem, () => this.refresh())
        : html`<p class="note" role="status">Loading…</p>`;
    }
    return html`
      ${this.work ? workNote(this.work) : nothing}
      ${this.problem ? problemNote(this.problem, () => this.refresh(), true) : nothing}
      ${this.content(this.data)}
    `;
  }
}
