// Every limit now and over time, why it changed, and what the quota and the work took.

import { html, nothing, svg } from "lit";
import { NOWHERE } from "./alerts.js";
import { get } from "./api.js";
import "./cost.js";
import { number, plural } from "./format.js";
import { empty, lines, quotaBars, state, when } from "./parts.js";
import { link } from "./router.js";
import { Screen } from "./screen.js";

const WIDE = 160;
const HIGH = 24;
const PERCENT = /^(quota|memory|breaker)/;

const time = (iso) => Date.parse(iso);
const unit = (what) => (PERCENT.test(what) ? " %" : "");

/** A step for each change, from the first that is known until now. */
function steps(what, history) {
  const changes = history.filter((change) => change.what === what);
  if (changes.length === 0) {
    return "";
  }
  const begin = time(changes[0].at);
  const end = Math.max(Date.now(), begin + 1);
  const most = Math.max(1, ...changes.flatMap(({ old, now }) => [old, now]));
  const x = (at) => (((at - begin) / (end - begin)) * (WIDE - 8) + 4).toFixed(1);
  const y = (n) => ((1 - n / most) * (HIGH - 2) + 1).toFixed(1);
  const path = changes.map(({ at, now }) => `H ${x(time(at))} V ${y(now)}`).join(" ");
  return html`
    <svg
      class="steps"
      viewBox="0 0 ${WIDE} ${HIGH}"
      preserveAspectRatio="none"
      role="img"
      aria-label="${what}: ${plural(changes.length, "change")} from ${changes[0].old} to ${changes.at(-1).now}"
    >
      ${svg`<path d="M 0 ${y(changes[0].old)} ${path} H ${WIDE}"></path>`}
    </svg>
    <span class="quiet">${plural(changes.length, "change")} since ${when(changes[0].at)}</span>
  `;
}

class Limits extends Screen {
  hears = ["limit"];

  load() {
    return get("/limits");
  }

  content({ now, use, changes, history, kinds, keys, quota }) {
    return html`
      <h1>Limits</h1>
      <section>
        <h2>Now and over time</h2>
        ${this.#all(now, changes, history)}
      </section>
      <section>
        <h2>Quota of Google</h2>
        ${quotaBars(use)} ${quota.length === 0 ? empty("Nobody has a share of it in hand now.") : this.#quota(quota)}
      </section>
      <cost-view .address=${NOWHERE}></cost-view>
      <section>
        <h2>Kinds</h2>
        ${this.#kinds(kinds)}
      </section>
      ${keys.length === 0 ? nothing : this.#keys(keys)}
    `;
  }

  /** What holds now by itself, and what has changed since the start; the last change comes first. */
  #all(now, changes, history) {
    const rows = new Map(now.map((one) => [one.what, { ...one, now: one.value }]));
    for (const change of changes) {
      const known = rows.get(change.what);
      rows.set(change.what, { ...change, now: known?.value ?? change.now });
    }
    const all = [...rows.values()].sort((one, other) => (time(other.at) || 0) - (time(one.at) || 0));
    return all.length === 0
      ? empty("No limit has changed since the start.")
      : lines(all, [
          ["Limit", ({ what }) => what],
          ["Now", ({ what, now: value }) => number(value) + unit(what), "number"],
          ["Before", ({ what, old }) => (old === undefined ? "" : number(old) + unit(what)), "number"],
          ["Why", ({ why }) => why],
          ["Over time", ({ what }) => steps(what, history), "wide"],
          ["Changed", ({ at }) => when(at, "not since the start")],
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
      ["Units today", ({ scope, units, unitsToday }) => number(scope === "day" ? units : unitsToday), "number"],
      [
        "Calls at once",
        ({ inFlight, mostInFlight }) =>
          mostInFlight === null ? "" : `${number(inFlight)} of ${number(mostInFlight)}`,
        "number",
      ],
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
