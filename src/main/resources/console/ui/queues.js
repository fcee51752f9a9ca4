// Queues, kinds and schedules, each with its switch and its limits.

import { html, nothing } from "lit";
import { get } from "./api.js";
import { number, plural } from "./format.js";
import { empty, jobLink, pauseButton, state, when } from "./parts.js";
import { Screen } from "./screen.js";

const paused = (is) => state(is ? "paused" : "open");
const at = (area, name) => `/${area}/${encodeURIComponent(name)}`;
const LIMITS = [
  ["maxRunning", "running at once"],
  ["maxPerUser", "of one user"],
  ["maxPerKey", "of one key"],
];

class Queues extends Screen {
  hears = ["jobs"];

  async load() {
    const [queues, kinds, schedules] = await Promise.all([
      get("/queues"),
      get("/kinds"),
      get("/schedules"),
    ]);
    return { queues: queues.items, kinds: kinds.items, schedules: schedules.items };
  }

  content({ queues, kinds, schedules }) {
    return html`
      <h1>Queues</h1>
      ${queues.map((queue) => this.#queue(queue))}
      <h2>Kinds</h2>
      ${kinds.map((kind) => this.#kind(kind))}
      <h2>Schedules</h2>
      ${schedules.length === 0 ? empty("No schedule is set.") : schedules.map((one) => this.#schedule(one))}
    `;
  }

  #queue(queue) {
    return html`
      <article class="control" aria-label="Queue ${queue.name}">
        <h3>${queue.name} ${paused(queue.paused)}</h3>
        <p class="quiet">
          ${number(queue.ready)} ready, ${number(queue.running)} running
          · ${plural(queue.kinds.length, "kind")}: ${queue.kinds.join(", ")}
        </p>
        ${pauseButton(this, queue.paused, at("queues", queue.name), `Queue ${queue.name}`)}
        ${this.#limits(at("queues", queue.name), `queue ${queue.name}`, queue, LIMITS.slice(0, 1))}
      </article>
    `;
  }

  #kind(kind) {
    return html`
      <article class="control" aria-label="Kind ${kind.name}">
        <h3>${kind.name} ${paused(kind.paused)}</h3>
        <p class="quiet">
          queue ${kind.queue}${kind.keepDays ? `, kept ${plural(kind.keepDays, "day")}` : nothing}
        </p>
        ${pauseButton(this, kind.paused, at("kinds", kind.name), `Kind ${kind.name}`)}
        ${this.#limits(at("kinds", kind.name), `kind ${kind.name}`, kind, LIMITS)}
      </article>
    `;
  }

  /** An empty field is no limit. */
  #limits(path, what, of, names) {
    if (!this.operator) {
      const set = names.filter(([name]) => of[name] !== null);
      return set.length === 0
        ? nothing
        : html`<p>At most ${set.map(([name, label]) => `${number(of[name])} ${label}`).join(", ")}.</p>`;
    }
    const id = (name) => `${encodeURIComponent(what)}-${name}`;
    const save = (event) => {
      event.preventDefault();
      const given = new FormData(event.target);
      const limits = Object.fromEntries(
        names.map(([name]) => [name, given.get(name) === "" ? null : Number(given.get(name))]),
      );
      this.act(`The limits of ${what} are set.`, `${path}/limits`, limits);
    };
    return html`
      <details>
        <summary>Limits of ${what}</summary>
        <form class="filter" @submit=${save}>
          ${names.map(
            ([name, label]) => html`
              <div>
                <label for=${id(name)}>At most ${label}</label>
                <input id=${id(name)} name=${name} type="number" min="0"
                  placeholder="no limit" value=${of[name] ?? ""} />
              </div>
            `,
          )}
          <div><button ?disabled=${this.busy}>Set</button></div>
        </form>
      </details>
    `;
  }

  #schedule(one) {
    return html`
      <article class="control" aria-label="Schedule ${one.name}">
        <h3>${one.name} ${paused(one.paused)}</h3>
        <p class="quiet">
          ${one.kind} for user ${one.user}, ${one.spec} (${one.zone}), if missed: ${one.misfire}
          · next ${when(one.nextAt, "never")}
          · last ${when(one.lastAt, "never")} ${one.lastJob ? html`(job ${jobLink(one.lastJob)})` : nothing}
        </p>
        ${one.trouble ? html`<p class="problem">${one.trouble}</p>` : nothing}
        ${pauseButton(this, one.paused, at("schedules", one.name), `Schedule ${one.name}`)}
      </article>
    `;
  }
}

customElements.define("queues-screen", Queues);
