// Who did what, when, to what, from where.

import { html } from "lit";
import { get } from "./api.js";
import { empty, lines, pages, when } from "./parts.js";
import { link, refine } from "./router.js";
import { Screen } from "./screen.js";

const FILTERS = [
  ["actor", "Who"],
  ["action", "What"],
  ["target", "To what"],
];

class Audit extends Screen {
  hears = [];

  load({ query }) {
    const { actor, action, target, after } = query;
    return get("/audit", { actor, action, target, after, limit: 50 });
  }

  content({ items, next }) {
    const { query } = this.address;
    return html`
      <h1>Audit</h1>
      <form class="filter" aria-label="Filter" @change=${this.#refine} @submit=${this.#refine}>
        ${FILTERS.map(
          ([name, label]) => html`
            <div>
              <label for="by-${name}">${label}</label>
              <input id="by-${name}" name=${name} type="search" .value=${query[name] ?? ""} />
            </div>
          `,
        )}
        <div><a href=${link("audit")}>Clear</a></div>
      </form>
      ${items.length === 0 ? empty("Nobody has done anything that this filter means.") : this.#table(items)}
      ${pages("audit", query, next)}
    `;
  }

  #refine = (event) => {
    event.preventDefault();
    refine(Object.fromEntries(new FormData(event.currentTarget)));
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
        (row) => html`<code>${JSON.stringify(row.detail)} → ${JSON.stringify(row.result)}</code>`,
        "text",
      ],
    ]);
  }
}

customElements.define("audit-screen", Audit);
