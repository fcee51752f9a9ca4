// Jobs that a filter means; the filter stands in the address.

import { html, nothing } from "lit";
import { get } from "./api.js";
import { inWords, listed, meant } from "./filter.js";
import { many } from "./many.js";
import { number } from "./format.js";
import { cut, empty, faultNote, jobLink, lines, pages, state, textField, when } from "./parts.js";
import { given, link, refine } from "./router.js";
import { Screen } from "./screen.js";

const STATES = ["waiting", "scheduled", "ready", "running", "completed", "skipped", "cancelled", "dead"];
const FILTERS = ["kind", "state", "user", "batch", "from", "until", "error"];

/** What a field for a local time holds, and the instant that it means. */
const local = (iso) => {
  const time = new Date(iso ?? "");
  return Number.isNaN(time.valueOf())
    ? ""
    : new Date(time - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
};
const instant = (text) => (text ? new Date(text).toISOString() : "");

class Jobs extends Screen {
  hears = ["jobs"];
  #known = null;

  async load({ query }) {
    const asked = Object.fromEntries([...FILTERS, "after"].map((name) => [name, query[name]]));
    const [page, known] = await Promise.all([
      listed(get("/jobs", { ...asked, limit: 50 })),
      this.#complete(),
    ]);
    return { ...page, ...known };
  }

  /** What the fields of the filter offer; asked for once. */
  async #complete() {
    if (!this.staff) {
      return { kinds: [], mailboxes: [] };
    }
    this.#known ??= Promise.all([get("/kinds"), get("/mailboxes", { limit: 500 })]).then(
      ([kinds, mailboxes]) => ({
        kinds: kinds.items.map((kind) => kind.name),
        mailboxes: mailboxes.items,
      }),
    );
    return this.#known.catch((problem) => {
      this.#known = null;
      throw problem;
    });
  }

  content({ items, next, kinds, mailboxes, fault }) {
    const { query } = this.address;
    return html`
      <h1>Jobs</h1>
      ${this.#filter(query, kinds, mailboxes, fault)}
      ${this.operator && this.settled && !fault ? this.#bulk(query) : nothing}
      ${fault ? faultNote(fault) : items.length === 0
        ? empty(next ? "None among those looked at so far; there are more on the next page." : "No job is meant by this filter.")
        : this.#table(items)}
      ${pages("jobs", query, next)}
    `;
  }

  #filter(query, kinds, mailboxes, fault) {
    const text = (name, label, more) => textField(name, label, query[name], fault, more);
    const time = (name, label) =>
      textField(name, label, local(query[name]), fault, { type: "datetime-local" });
    return html`
      <form class="filter" aria-label="Filter" @change=${this.#refine} @submit=${this.#refine}>
        ${text("kind", "Kind", { list: "kinds" })}
        <div>
          <label for="by-state">State</label>
          <select id="by-state" name="state" .value=${query.state ?? ""}>
            <option value="" ?selected=${!query.state}>any</option>
            ${STATES.map((one) => html`<option ?selected=${query.state === one}>${one}</option>`)}
          </select>
        </div>
        ${this.staff ? text("user", "User", { list: "users", placeholder: "id or address" }) : nothing}
        ${text("batch", "Batch", { inputmode: "numeric" })} ${time("from", "From")}
        ${time("until", "Until")} ${text("error", "Error says", { type: "search" })}
        <div><a href=${link("jobs")}>Clear</a></div>
        <datalist id="kinds">${kinds.map((kind) => html`<option value=${kind}></option>`)}</datalist>
        <datalist id="users">
          ${mailboxes.map(({ user, email }) => html`<option value=${user}>${email}</option>`)}
        </datalist>
      </form>
    `;
  }

  #refine = (event) => {
    event.preventDefault();
    const fields = given(event.currentTarget);
    const owner = this.data.mailboxes.find(({ email }) => email === fields.user);
    const user = owner ? owner.user : fields.user;
    refine({ ...fields, user, from: instant(fields.from), until: instant(fields.until) });
  };

  /** Only what the server's own filter for many knows: more would mean more than is shown. */
  #bulk(query) {
    if (query.state || query.from || query.until || query.error) {
      return html`<p class="quiet">To cancel many, filter by kind, user and batch only.</p>`;
    }
    const words = {
      one: "job",
      action: "Cancel",
      done: "Cancelled or stopping",
      text: "Those that run are told to stop; what has ended already stays as it is.",
      reason: true,
    };
    const did = ({ cancelled, stopping }) => ({ done: cancelled + stopping });
    const cancel = () =>
      this.doing(() => {
        const { kind, user, batch } = query;
        const filter = meant({ kind, user, batch });
        return many(
          this,
          "/jobs/bulk",
          { action: "cancel", filter },
          { ...words, meant: inWords(filter) },
          did,
        );
      });
    return html`
      <p class="buttons">
        <button ?disabled=${this.busy} @click=${cancel}>Cancel all live ones that match…</button>
      </p>
    `;
  }

  #table(items) {
    return lines(items, [
      ["Job", (job) => jobLink(job.id)],
      ["Kind", (job) => job.kind],
      ["State", (job) => state(job.state)],
      ["User", (job) => job.user, "number"],
      ["Since or due", (job) => when(job.at)],
      ["Runs", (job) => number(job.runs), "number"],
      ["Failures", (job) => number(job.failures), "number"],
      ["Last error", (job) => cut(job.error), "text"],
    ]);
  }
}

customElements.define("jobs-screen", Jobs);
