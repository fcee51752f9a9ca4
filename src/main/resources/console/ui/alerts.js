// What is wrong now: how much of it in the frame, each of it on the overview.

import { html, nothing } from "lit";
import { get } from "./api.js";
import { plural } from "./format.js";
import { empty, state, when } from "./parts.js";
import { link } from "./router.js";
import { Screen } from "./screen.js";

/** Neither has an address of its own; a constant, so that drawing it again is no reason to load. */
export const NOWHERE = {};

const LATELY = 10;

class AlertCount extends Screen {
  hears = ["alert"];

  load() {
    return get("/alerts");
  }

  /** Nothing is said while nothing is wrong. */
  render() {
    const alerts = this.data?.items ?? [];
    const critical = alerts.some((alert) => alert.level === "critical");
    return html`
      <span role="status">
        ${alerts.length === 0
          ? nothing
          : html`
              <a href=${link("overview")} class="count" data-level=${critical ? "critical" : "warn"}>
                ${plural(alerts.length, "alert")}
              </a>
            `}
      </span>
    `;
  }
}

class AlertList extends Screen {
  hears = ["alert"];

  load() {
    return get("/alerts"); // As the frame asks: the answer is shared.
  }

  content({ items, lately }) {
    return html`
      <section>
        <h2>Alerts</h2>
        ${items.length === 0 ? empty("Nothing is wrong.") : html`<ul class="alerts">${items.map(alert)}</ul>`}
        ${lately.length === 0
          ? nothing
          : html`
              <details>
                <summary>Told lately</summary>
                <ul class="alerts">
                  ${lately.slice(0, LATELY).map(told)}
                </ul>
              </details>
            `}
      </section>
    `;
  }
}

const runbook = (at, sentence) =>
  at ? html`<a href=${at} target="_blank">What to do<span class="unseen">: ${sentence}</span></a>` : nothing;

const alert = ({ level, sentence, since, runbook: page }) => html`
  <li data-level=${level}>${state(level)} ${sentence} · since ${when(since)} · ${runbook(page, sentence)}</li>
`;

const told = ({ level, sentence, at, runbook: page }) => html`
  <li data-level=${level}>
    ${state(level === "ok" ? "over" : level)} ${sentence} · ${when(at)}
    ${level === "ok" ? nothing : html`· ${runbook(page, sentence)}`}
  </li>
`;

customElements.define("alert-count", AlertCount);
customElements.define("alert-list", AlertList);
