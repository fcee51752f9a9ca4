// A job with its parents and children, drawn small: at most so many of each.

import { html, nothing, svg } from "lit";
import { plural } from "./format.js";
import { link } from "./router.js";

const MOST = 12;
const WIDTH = 132;
const HEIGHT = 28;
const GAP = 8;
const APART = 64;

/** One box that leads to its job. */
const box = ({ id, state }, x, y, own = false) => svg`
  <a href=${link("jobs", id)} aria-label=${`Job ${id}, ${state}`}>
    <rect class=${own ? "own" : ""} data-state=${state} x=${x} y=${y} width=${WIDTH} height=${HEIGHT} rx="4"></rect>
    <text x=${x + WIDTH / 2} y=${y + HEIGHT / 2} text-anchor="middle" dominant-baseline="central">
      ${id} ${state}
    </text>
  </a>
`;

/** A column of boxes about the middle; each is tied to the job by a line from one edge to another. */
function column(all, x, middle, line) {
  const top = middle - (all.length * (HEIGHT + GAP) - GAP) / 2;
  return all.map((one, i) => {
    const y = top + i * (HEIGHT + GAP);
    return svg`${line(y + HEIGHT / 2)} ${box(one, x, y)}`;
  });
}

export function graph(job) {
  const parents = job.parents.slice(0, MOST);
  const children = job.children.slice(0, MOST);
  const height = Math.max(parents.length, children.length, 1) * (HEIGHT + GAP) + GAP;
  const middle = height / 2;
  const own = parents.length ? WIDTH + APART : 0;
  const end = own + WIDTH + (children.length ? APART + WIDTH : 0);
  const tie = (from, y, to, z) => svg`
    <path class="tie" d=${`M${from} ${y} C${from + APART / 2} ${y} ${to - APART / 2} ${z} ${to} ${z}`}></path>
  `;
  const left = job.parents.length - parents.length;
  const right = job.children.length - children.length;
  return html`
    <div class="graph" tabindex="0" role="region" aria-label="Graph">
      <svg viewBox="-2 0 ${end + 4} ${height}" width=${end + 4} height=${height} role="group"
        aria-label="Parents on the left, children on the right">
        ${column(parents, 0, middle, (y) => tie(WIDTH, y, own, middle))}
        ${column(children, own + WIDTH + APART, middle, (y) => tie(own + WIDTH, middle, own + WIDTH + APART, y))}
        ${box(job, own, middle - HEIGHT / 2, true)}
      </svg>
    </div>
    ${left > 0 ? html`<p class="quiet">and ${plural(left, "more parent")}</p>` : nothing}
    ${right > 0 ? html`<p class="quiet">and ${plural(right, "more child", "more children")}</p>` : nothing}
  `;
}
