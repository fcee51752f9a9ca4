// Dead letters: those of one cause together, what it means, and what to do.

import { html, nothing } from "lit";
import { get } from "./api.js";
import { inWords, listed, meant } from "./filter.js";
import { many } from "./many.js";
import { number, plural } from "./format.js";
import { cut, empty, faultNote, lines, pages, textField, when } from "./parts.js";
import { given, link, refine } from "./router.js";
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

/** A letter that a redrive meets with and leaves is seen as well. */
const did = ({ redriven, purged, keyTaken = [], payloadGone = [] }) => ({
  done: redriven ?? purged,
  seen: (redriven ?? purged) + keyTaken.length + payloadGone.length,
});

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
      listed(get("/dead", { ...filter, after: query.after, limit: 50 })),
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
        ${this.#filter(query, kinds, letters.fault)}
        ${this.operator && this.settled && letters.items.length > 0
          ? html`<p class="buttons">${this.#buttons(() => meant(query), "all that match")}</p>`
          : nothing}
        ${letters.fault
          ? faultNote(letters.fault)
          : letters.items.length === 0
            ? empty("No dead letter is meant by this filter.")
            : this.#table(letters.items)}
        ${pages("failures", query, letters.next)}
      </section>
    `;
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
          ${this.operator && !this.problem ? this.#buttons(() => ({ group: group.group }), "them all") : nothing}
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

  #many(action, filtered, words) {
    return this.doing(() => {
      const filter = filtered();
      const group = this.data.groups.find((one) => one.group === filter.group);
      const said = inWords(filter, group?.message ?? group?.reason);
      return many(this, "/dead/bulk", { action, filter }, { ...words, meant: said }, did);
    });
  }

  #filter(query, kinds, fault) {
    return html`
      <form class="filter" aria-label="Filter" @change=${this.#refine} @submit=${this.#refine}>
        ${textField("kind", "Kind", query.kind, fault, { list: "kinds" })}
        ${textField("user", "User", query.user, fault, { inputmode: "numeric", placeholder: "number" })}
        ${textField("group", "Cause", query.group, fault)}
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
    refine({ redriven: "", ...given(event.currentTarget) });
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
