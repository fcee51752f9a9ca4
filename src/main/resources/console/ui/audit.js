// Who did what, when, to what, from where.

import { html } from "lit";
import { get } from "./api.js";
import { listed } from "./filter.js";
import { empty, faultNote, lines, pages, textField, when } from "./parts.js";
import { given, link, refine } from "./router.js";
import { Screen } from "./screen.js";

const FILTERS = [
  ["actor", "Who"],
  ["action", "What"],
  ["target", "To what"],
];

/** Without what is not there. */
const short = (value) => {
  const text = JSON.stringify(value, (name, part) => (part === null ? undefined : part)) ?? "";
  return text === "{}" ? "" : text;
};

class Audit extends Screen {
  hears = [];

  load({ query }) {
    const { actor, action, target, after } = query;
    return listed(get("/audit", { actor, action, target, after, limit: 50 }));
  }

  content({ items, next, fault }) {
    const { query } = this.address;
    return html`
      <h1>Audit</h1>
      <form class="filter" aria-label="Filter" @change=${this.#refine} @submit=${this.#refine}>
        ${FILTERS.map(([name, label]) => textField(name, label, query[name], fault, { type: "search" }))}
        <div><a href=${link("audit")}>Clear</a></div>
      </form>
      ${fault ? faultNote(fault) : items.length === 0 ? empty("Nobody has done anything that this filter means.") : this.#table(items)}
      ${pages("audit", query, next)}
    `;
  }

  #refine = (event) => {
    event.preventDefault();
    refine(given(event.currentTarget));
  };

  #table(items) {
    return lines(items, [
      ["What", (row) => row.action],
      ["When", (row) => when(row.at)],
      ["Who", (row) => `${row.actor} (${row.role})`],
      ["To what", (row) => row.target],
      ["From", (row) => row.origin, "said"],
      [
        "Details",
        ({ detail, result }) => html`<code>${[detail, result].map(short).filter(Boolean).join(" → ")}</code>`,
        "text",
      ],
    ]);
  }
}

customElements.define("audit-screen", Audit);
