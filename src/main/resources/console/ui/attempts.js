// The runs of a job as bars in time, one below the other.

import { html, nothing, svg } from "lit";
import { duration } from "./format.js";
import { when } from "./parts.js";

const WIDE = 1000;
const LEAST = 4; // What took no time is seen as well.

const time = (iso) => (iso ? Date.parse(iso) : null);

function failed(error) {
  const end = time(error?.at);
  const from = time(error?.context?.claimedAt) ?? (end === null ? null : end - (error.context?.ms ?? 0));
  return from === null
    ? []
    : [{ run: error.context?.run, from, to: end, how: "failed", what: error.failure, said: error.message }];
}

/** What came before the last run, the last run, and in between what a failure tells of its start. */
function runs(job, now) {
  const all = [...job.attempts, job.state === "dead" ? job.error : null].flatMap(failed);
  const from = time(job.startedAt);
  const known = all.some((one) => Math.abs(one.from - from) < 1_000);
  if (from !== null && !known) {
    const to = time(job.endedAt);
    all.push({ from, to: to ?? now, how: to ? "ended" : "running", what: to ? job.state : "running" });
  }
  return all.sort((one, other) => one.from - other.from);
}

/** Nothing if it never ran. */
export function attempts(job, now = Date.now()) {
  const all = runs(job, now);
  if (all.length === 0) {
    return nothing;
  }
  const begin = Math.min(time(job.createdAt) ?? all[0].from, all[0].from);
  const end = Math.max(...all.map((one) => one.to), time(job.endedAt) ?? 0, begin + 1);
  const x = (at) => Math.min(WIDE - LEAST, Math.round(((at - begin) / (end - begin)) * WIDE));
  return html`
    <section>
      <h2>Runs</h2>
      <p class="quiet">
        ${duration(end - begin)} from ${when(new Date(begin).toISOString())}; each bar is a run, what
        lies between is waiting.
      </p>
      <ol class="runs">
        ${all.map(
          (one, i) => html`
            <li>
              <span>
                ${i + 1}. ${one.what} ${when(new Date(one.from).toISOString())}, took
                ${duration(Math.max(0, one.to - one.from))}
              </span>
              <svg viewBox="0 0 ${WIDE} 10" preserveAspectRatio="none" aria-hidden="true">
                ${svg`<rect class=${one.how} x=${x(one.from)} y="0" height="10"
                  width=${Math.max(LEAST, x(one.to) - x(one.from))}></rect>`}
              </svg>
              ${one.said ? html`<span class="quiet">${one.said}</span>` : nothing}
            </li>
          `,
        )}
      </ol>
    </section>
  `;
}
