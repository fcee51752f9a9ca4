// Checks for stuck work: what each found last, and a repair.

import { html } from "lit";
import { get } from "./api.js";
import { number, plural } from "./format.js";
import { empty, lines, when } from "./parts.js";
import { Screen } from "./screen.js";

class Checks extends Screen {
  hears = ["check"];

  load() {
    return get("/checks");
  }

  content({ items }) {
    return html`
      <h1>Checks</h1>
      <p class="quiet">
        They run by themselves. A repair runs one now, and puts right what it finds.
      </p>
      ${items.length === 0 ? empty("There are no checks.") : this.#table(items)}
    `;
  }

  #table(items) {
    const columns = [
      ["Check", ({ name }) => name],
      ["Found", ({ last }) => number(last?.found ?? 0), "number"],
      ["Repaired", ({ last }) => number(last?.repaired ?? 0), "number"],
      ["What", ({ last }) => last?.detail ?? ""],
      ["When", ({ last }) => when(last?.at, "nothing since the start")],
    ];
    return lines(items, this.operator ? [...columns, ["Repair", this.#button]] : columns);
  }

  #button = ({ name }) => html`
    <button ?disabled=${this.busy} @click=${() => this.#repair(name)}>
      Repair<span class="unseen"> ${name}</span>
    </button>
  `;

  #repair(name) {
    return this.act(
      ({ found = 0, repaired = 0 }) =>
        found === 0
          ? `The check ${name} found nothing wrong.`
          : `The check ${name} found ${plural(found, "fault")} and repaired ${number(repaired)}.`,
      `/checks/${encodeURIComponent(name)}/repair`,
    );
  }
}

customElements.define("checks-screen", Checks);
