// Every limit as it is now, and why it changed last.

import { html, nothing } from "lit";
import { get } from "./api.js";
import { number } from "./format.js";
import { empty, lines, state, when } from "./parts.js";
import { link } from "./router.js";
import { Screen } from "./screen.js";

class Limits extends Screen {
  hears = ["limit"];

  load() {
    return get("/limits");
  }

  content({ changes, kinds, keys, quota }) {
    return html`
      <h1>Limits</h1>
      <section>
        <h2>Changes since the start</h2>
        ${changes.length === 0 ? empty("No limit has changed.") : this.#changes(changes)}
      </section>
      <section>
        <h2>Quota of Google</h2>
        ${quota.length === 0 ? empty("No quota is in use now.") : this.#quota(quota)}
      </section>
      <section>
        <h2>Kinds</h2>
        ${this.#kinds(kinds)}
      </section>
      ${keys.length === 0 ? nothing : this.#keys(keys)}
    `;
  }

  #changes(changes) {
    const newest = [...changes].sort((one, other) => Date.parse(other.at) - Date.parse(one.at));
    const unit = (what) => (what.startsWith("quota") || what === "memory" ? " %" : "");
    return lines(newest, [
      ["Limit", ({ what }) => what],
      ["Now", ({ what, now }) => number(now) + unit(what), "number"],
      ["Before", ({ what, old }) => number(old) + unit(what), "number"],
      ["Why", ({ why }) => why],
      ["Changed", ({ at }) => when(at)],
    ]);
  }

  #quota(quota) {
    const whose = ({ scope, key, email }) => {
      switch (scope) {
        case "user":
          return html`<a href=${link("mailboxes", key)}>${email ?? key}</a>`;
        case "day":
          return `day ${new Date(key * 86_400_000).toISOString().slice(0, 10)}`;
        default:
          return scope;
      }
    };
    const closed = ({ closedUntil }) => Date.parse(closedUntil) > Date.now();
    return lines(quota, [
      ["Whose", whose],
      [
        "State",
        (bucket) =>
          closed(bucket) ? html`closed by Google, opens ${when(bucket.closedUntil)}` : state("open"),
      ],
      ["Units", ({ scope, units }) => (scope === "day" ? number(units) : ""), "number"],
      ["Handed out up to", ({ leasedUntil }) => when(leasedUntil), "said"],
    ]);
  }

  #kinds(kinds) {
    const bound = (n) => (n === null ? "none" : number(n));
    return lines(kinds, [
      ["Kind", ({ name }) => name],
      ["Queue", ({ queue }) => queue],
      ["Running at once", ({ maxRunning }) => bound(maxRunning), "number"],
      ["Of one user", ({ maxPerUser }) => bound(maxPerUser), "number"],
      ["Of one key", ({ maxPerKey }) => bound(maxPerKey), "number"],
    ]);
  }

  #keys(keys) {
    return html`
      <section>
        <h2>Keys</h2>
        ${lines(keys, [
          ["Key", ({ key }) => key],
          ["Running at once", ({ maxRunning }) => number(maxRunning), "number"],
        ])}
      </section>
    `;
  }
}

customElements.define("limits-screen", Limits);
