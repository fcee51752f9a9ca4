// Small things that stand on many screens. Text from outside is set as text, never as markup.

import { html, nothing } from "lit";
import { ago, duration, exact, json, number, percent } from "./format.js";
import { link } from "./router.js";

/** A time, relative; the exact one on hover. */
export const when = (iso, otherwise = "") =>
  iso ? html`<time datetime=${iso} title=${exact(iso)}>${ago(iso)}</time>` : otherwise;

/** A word for a state, told by colour and by word. */
export const state = (word) => html`<span class="state" data-state=${word}>${word}</span>`;

export const jobLink = (id) => html`<a href=${link("jobs", id)}>${id}</a>`;

/** A long text on one line; all of it on hover. */
export const cut = (text) => (text ? html`<span class="cut" title=${text}>${text}</span>` : "");

export const empty = (sentence) => html`<p class="note">${sentence}</p>`;

export function problemNote(problem, again, stale = false) {
  return html`
    <p class="problem" role="alert">
      ${problem.message} ${stale ? "What you see is the last that is known." : nothing}
      <button @click=${again}>Try again</button>
    </p>
  `;
}

/** How far something is that goes on for many, and the button that ends it. */
export const workNote = ({ sentence, part, all, stop }) => html`
  <div class="work">
    <p role="status">${sentence}</p>
    <progress max=${Math.max(1, all)} .value=${Math.min(part, all)} aria-label="How many are done"></progress>
    <button @click=${stop}>Stop</button>
  </div>
`;

/**
 * A text field of a filter; what the server has against its value stands below it.
 *
 * @param more {type, list, inputmode, placeholder} where it is no plain text
 */
export function textField(name, label, value, fault, more = {}) {
  const wrong = fault?.errors.filter((error) => error.field === name).map(wants)[0];
  return html`
    <div>
      <label for="by-${name}">${label}</label>
      <input id="by-${name}" name=${name} type=${more.type ?? "text"} list=${more.list ?? nothing}
        inputmode=${more.inputmode ?? nothing} placeholder=${more.placeholder ?? nothing} autocomplete="off" .value=${value ?? ""}
        aria-invalid=${wrong ? "true" : nothing} aria-describedby=${wrong ? `wrong-${name}` : nothing} />
      ${wrong ? html`<p class="fault" id="wrong-${name}">It ${wrong}.</p>` : nothing}
    </div>
  `;
}

/** What a field has to be; that it has to fit into 64 bits helps nobody. */
const wants = ({ detail }) => detail.replace(" from 0 to 9223372036854775807", "");

/** Why nothing was looked up: what a filter says is none. */
export const faultNote = (fault) => html`
  <p class="problem" role="alert">
    Nothing was looked up: ${fault.errors.map((error) => `${error.field} ${wants(error)}`).join("; ")}.
  </p>
`;

/** One figure with its name, and what is to know about it. */
export const figure = (name, value, more = nothing) => html`
  <div>
    <dt>${name}</dt>
    <dd>${value}</dd>
    ${more === nothing ? nothing : html`<dd class="quiet">${more}</dd>`}
  </div>
`;

/** A bar with its counts; done is another colour. */
export function bar(part, all, { done = false, label, unit = "messages" }) {
  const most = Math.max(1, all);
  return html`
    <progress
      class=${done ? "done" : ""}
      max=${most}
      .value=${done ? most : Math.min(part, most)}
      aria-label=${label}
    ></progress>
    <span class="quiet">${number(part)} of ${number(all)} ${unit} ${
      all > 0 ? `(${percent(part, all)})` : ""
    }</span>
  `;
}

const SCOPES = { user: "One user, in a minute", project: "All, in a minute", day: "All, in a day" };

/** Units of quota that are used, of those that are allowed. */
export const quotaBars = (use) => html`
  <ul class="bars">
    ${use.map(
      ({ scope, used, allowed, whose }) => html`
        <li>
          <span>${SCOPES[scope]} <span class="quiet">(${whose})</span></span>
          ${allowed === 0
            ? html`<div class="quiet">${number(used)} units; not limited</div>`
            : bar(used, allowed, { label: `Quota: ${SCOPES[scope]}`, unit: "units" })}
        </li>
      `,
    )}
  </ul>
`;

/** A value of any shape, as text. */
export const value = (name, what) =>
  what == null || (Array.isArray(what) && what.length === 0)
    ? nothing
    : html`
        <section>
          <h3>${name}</h3>
          <pre tabindex="0" aria-label=${name}>${json(what)}</pre>
        </section>
      `;

/**
 * Rows with a column for each of [title, cell of an item, class]; the first names the row. Narrow
 * screens show each row as a block, so the roles are said: they would be lost with the layout.
 */
export const lines = (items, columns) => html`
  <table class="lines" role="table">
    <thead role="rowgroup">
      <tr role="row">
        ${columns.map(
          ([title, , kind]) => html`
            <th role="columnheader" scope="col" class=${kind ?? nothing}>${title}</th>
          `,
        )}
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${items.map(
        (item) => html`
          <tr role="row">
            ${columns.map(([title, cell, kind], i) =>
              i === 0
                ? html`<th role="rowheader" scope="row">${cell(item)}</th>`
                : html`<td role="cell" class=${kind ?? nothing} data-label=${title.toLowerCase()}>${cell(item)}</td>`,
            )}
          </tr>
        `,
      )}
    </tbody>
  </table>
`;

/** Why a job waits, the nearest cause first. */
export const causes = (all) => html`
  <ul class="causes">
    ${all.map(
      (one) => html`
        <li>
          <b>${one.cause}</b>
          ${one.detail ?? nothing} ${one.n == null ? nothing : html`(${number(one.n)})`}
          ${one.until ? html`· over ${when(one.until)}` : nothing}
        </li>
      `,
    )}
  </ul>
`;

/** Links to the following page and back to the first. */
export const pages = (name, query, next) => html`
  <nav class="pages" aria-label="Pages">
    ${query.after ? html`<a href=${link(name, null, { ...query, after: "" })}>First page</a>` : nothing}
    ${next
      ? html`<a rel="next" href=${link(name, null, { ...query, after: next })}>Next page</a>`
      : nothing}
  </nav>
`;

/** A switch between paused and not. */
export const pauseButton = (screen, paused, path, what) =>
  screen.operator
    ? html`
        <button
          ?disabled=${screen.busy}
          @click=${() =>
            paused
              ? screen.act(`${what} goes on.`, `${path}/resume`)
              : screen.act(`${what} is paused.`, `${path}/pause`)}
        >
          ${paused ? "Resume" : "Pause"}<span class="unseen"> ${what}</span>
        </button>
      `
    : nothing;

export const lasted = (from, to) =>
  from && to ? duration(Math.max(0, Date.parse(to) - Date.parse(from))) : "";
