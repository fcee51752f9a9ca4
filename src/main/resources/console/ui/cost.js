// What users' work took today and on each day, and what it cost at the prices in force.

import { html, nothing } from "lit";
import { get } from "./api.js";
import { bytes, money, number } from "./format.js";
import { bar, empty, lines } from "./parts.js";
import { link } from "./router.js";
import { Screen } from "./screen.js";

const DAYS = 14;

class Cost extends Screen {
  hears = [];

  load() {
    return get("/cost", { days: DAYS });
  }

  content({ priced, budget, critical, users, days }) {
    const took = [
      ["Units", ({ units }) => number(units), "number"],
      ["Received", (one) => bytes(one.bytes), "number"],
      ["Tokens", ({ tokens }) => number(tokens), "number"],
      ["Jobs", ({ jobs }) => number(jobs), "number"],
    ];
    const costs = priced ? [["Cost", ({ cost }) => money(cost), "number"]] : [];
    const ofBudget = (one) =>
      bar(Math.round(one.cost * 100) / 100, budget, { label: `Budget of ${whose(one)}`, unit: "of the day's budget" });
    return html`
      <section>
        <h2>Cost</h2>
        <p class="quiet">
          ${priced
            ? html`A user's day may cost ${money(budget)}; ${money(critical)} is critical. Costs are told at
              the prices in force.`
            : "Nothing has a price: set cost.perThousandUnits, cost.perMillionTokens or cost.perGibibyte to see what users cost."}
        </p>
        <h3>Today, by user</h3>
        ${users.length === 0
          ? empty("Nobody has spent anything today.")
          : lines(users, [
              ["User", (one) => html`<a href=${link("mailboxes", one.user)}>${whose(one)}</a>`],
              ...took,
              ...costs,
              ...(priced ? [["Of the budget", ofBudget, "wide"]] : []),
            ])}
        ${days.length === 0
          ? nothing
          : html`
              <h3>All users, by day in UTC</h3>
              ${lines([...days].reverse(), [["Day", ({ day }) => day], ...took, ...costs])}
            `}
      </section>
    `;
  }
}

const whose = ({ user, email }) => email ?? (user === 0 ? "others" : `user ${user}`);

customElements.define("cost-view", Cost);
