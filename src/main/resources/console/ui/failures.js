// Dead letters: those of one cause together, what it means, and what to do.

import { html, nothing } from "lit";
import { get } from "./api.js";
import { many } from "./many.js";
import { number, plural } from "./format.js";
import { cut, empty, lines, pages, when } from "./parts.js";
import { link, refine } from "./router.js";
import { Screen } from "./screen.js";

const REDRIVE = {
  one: "dead letter",
  action: "Redrive",
  done: "Redriven",
  text: "Each runs again as a new job. Where the cause is not gone, they fail again.",
};
const PURGE = {
  one: "dead letter",
  action: "Purge",
  done: "Purged",
  text: "They are thrown away for good and cannot be redriven.",
};

class Failures extends Screen {
  hears = ["jobs"];

  took(name, { counts }) {
    return !Object.values(counts).some((states) => states.dead);
  }

  async load({ query }) {
    const filter = { kind: query.kind, user: query.user, group: query.group, redriven: query.redriven };
    const [groups, kinds, letters] = await Promise.all([
      get("/dead/groups"),
      get("/kinds"),
      get("/dead", { ...filter, after: query.after, limit: 50 }),
    ]);
    return { groups: groups.items, kinds: kinds.items, letters };
  }

  content({ groups, kinds, letters }) {
    const { query } = this.address;
    return html`
      <h1>Failures</h1>
      <section>
        <h2>By cause</h2>
        ${groups.length === 0
          ? empty("Nothing has failed for good.")
          : groups.map((group) => this.#group(group))}
      </section>
      <section>
        <h2>Letters</h2>
        ${this.#filter(query, kinds)} ${this.operator ? this.#all(this.#meant(query), letters) : nothing}
        ${letters.items.length === 0 ? empty("No dead letter is meant by this filter.") : this.#table(letters.items)}
        ${pages("failures", query, letters.next)}
      </section>
    `;
  }

  #meant({ kind, user, group, redriven }) {
    return {
      ...(kind && { kind }),
      ...(user && { user: Number(user) }),
      ...(group && { group }),
      ...(redriven && { redriven: true }),
    };
  }

  #group(group) {
    return html`
      <article class="cause">
        <h3>${group.message ?? group.reason}</h3>
        <p class="quiet">
          ${plural(group.letters, "letter")} of ${plural(group.users, "user")} · ${group.kind ?? "any kind"}
          · ${group.failure ?? group.reason} · first ${when(group.firstAt)}, last ${when(group.lastAt)}
        </p>
        <p>${group.meaning} <b>${group.remedy}</b></p>
        <p class="buttons">
          <a class="button" href=${link("failures", null, { group: group.group })}>Show them</a>
          <a class="button" href=${link("failures", group.example)}>An example</a>
          ${this.operator ? this.#buttons({ group: group.group }, "them all") : nothing}
        </p>
      </article>
    `;
  }

  #buttons(filter, what) {
    return html`
      <button ?disabled=${this.busy} @click=${() => this.#many("redrive", filter, REDRIVE)}>
        Redrive ${what}…
      </button>
      <button ?disabled=${this.busy} @click=${() => this.#many("purge", filter, PURGE)}>
        Purge ${what}…
      </button>
    `;
  }

  #many(action, filter, words) {
    return this.doing(() =>
      many("/dead/bulk", { action, filter }, words, (a) => a.redriven ?? a.purged),
    );
  }

  #all(filter, letters) {
    return letters.items.length === 0
      ? nothing
      : html`<p class="buttons">${this.#buttons(filter, "all that match")}</p>`;
  }

  #filter(query, kinds) {
    return html`
      <form class="filter" aria-label="Filter" @change=${this.#refine} @submit=${this.#refine}>
        <div>
          <label for="by-kind">Kind</label>
          <input id="by-kind" name="kind" list="kinds" autocomplete="off" .value=${query.kind ?? ""} />
        </div>
        <div>
          <label for="by-user">User</label>
          <input id="by-user" name="user" inputmode="numeric" .value=${query.user ?? ""} />
        </div>
        <div>
          <label for="by-group">Cause</label>
          <input id="by-group" name="group" .value=${query.group ?? ""} />
        </div>
        <div>
          <label><input type="checkbox" name="redriven" value="true" .checked=${query.redriven === "true"} />
            Also redriven ones</label>
        </div>
        <div><a href=${link("failures")}>Clear</a></div>
        <datalist id="kinds">${kinds.map(({ name }) => html`<option value=${name}></option>`)}</datalist>
      </form>
    `;
  }

  #refine = (event) => {
    event.preventDefault();
    refine({ redriven: "", ...Object.fromEntries(new FormData(event.currentTarget)) });
  };

  #table(items) {
    return lines(items, [
      ["Letter", (letter) => html`<a href=${link("failures", letter.id)}>${letter.id}</a>`],
      ["Kind", (letter) => letter.kind],
      ["User", (letter) => letter.user, "number"],
      ["Failed for good", (letter) => when(letter.deadAt)],
      ["Failures", (letter) => number(letter.failures), "number"],
      ["Reason", (letter) => `${letter.reason}${letter.redrivenAt ? ", redriven" : ""}`],
      ["Message", (letter) => cut(letter.message), "text"],
    ]);
  }
}

customElements.define("failures-screen", Failures);
