// How queues do and why, where they are heading, what to do; and the checks for stuck work.

import { html, nothing, svg } from "lit";
import { get } from "./api.js";
import { duration, exact, number, oneDigit, percent, plural } from "./format.js";
import { empty, figure, lines, when } from "./parts.js";
import { link } from "./router.js";
import { Screen } from "./screen.js";

const HOURS = 24;
const HIGH = 40;
const STEP = 10;

class Health extends Screen {
  hears = ["check", "jobs"];

  async load() {
    const [health, hours, checks] = await Promise.all([
      get("/health"),
      get("/health/hours", { hours: HOURS }),
      get("/checks"),
    ]);
    return { ...health, hours: hours.items, checks: checks.items };
  }

  content(data) {
    return html`
      <h1>Health</h1>
      ${this.#figures(data)}
      ${data.kinds.length === 0
        ? empty("No sample has been taken in the last hour; the first comes within a minute of the start.")
        : [...data.kinds].sort(worstFirst).map((kind) => this.#kind(kind, data.hours))}
      ${this.#checks(data.checks)} ${this.#users(data.users)}
    `;
  }

  #figures({ queues, today }) {
    const { done, failed, success, aim, meanWaitMs, meanRunMs, lagMs } = today;
    return html`
      <dl class="figures">
        ${queues.map(({ queue, score }) =>
          figure(`Queue ${queue}`, html`<span data-score=${grade(score)}>${score}</span>`, "of 100"),
        )}
        ${figure(
          "Success today",
          success === null ? "no job ended" : percent(done, done + failed),
          aim === null ? "no aim is set" : `aim ${oneDigit(100 * aim)} %; ${number(failed)} failed for good`,
        )}
        ${figure("Mean wait", duration(meanWaitMs) || "unknown", "from ready to the last run, today")}
        ${figure("Mean run", duration(meanRunMs) || "unknown", `${plural(done + failed, "job")} today`)}
        ${figure("Mailboxes looked at", lagMs === null ? "unknown" : `${duration(lagMs)} ago`, "19 of 20, or later")}
      </dl>
    `;
  }

  #kind({ kind, queue, score, at, lost, ready, bound, forecast, anomalies, advice }, hours) {
    return html`
      <article class="control">
        <h2>
          <a href=${link("jobs", null, { kind })}>${kind}</a>
          <span class="score" data-score=${grade(score)}>${score} of 100</span>
        </h2>
        <p class="quiet">
          Queue ${queue} · ${plural(ready, "job")} ready · ${heading(forecast, bound)} · sampled
          ${when(at)}
        </p>
        ${lost.length === 0
          ? nothing
          : html`
              <ul class="causes">
                ${lost.map(({ points, why }) => html`<li><b>−${points}</b> ${why}</li>`)}
              </ul>
            `}
        ${anomalies.map((sentence) => html`<p class="trouble">${sentence}</p>`)}
        ${advice.length === 0 ? nothing : html`<ul class="advice">${advice.map((one) => html`<li>${one}</li>`)}</ul>`}
        ${byHour(
          kind,
          hours.filter((hour) => hour.kind === kind),
        )}
      </article>
    `;
  }

  #checks(checks) {
    const columns = [
      ["Check", ({ name }) => name],
      ["Found", ({ last }) => number(last?.found ?? 0), "number"],
      ["Repaired", ({ last }) => number(last?.repaired ?? 0), "number"],
      ["What", ({ last }) => last?.detail ?? ""],
      ["When", ({ last }) => when(last?.at, "not run by this process yet")],
    ];
    return html`
      <section>
        <h2>Stuck work</h2>
        <p class="quiet">
          The checks run by themselves. A repair runs one now, and puts right what it finds.
        </p>
        ${checks.length === 0
          ? empty("There are no checks.")
          : lines(checks, this.operator ? [...columns, ["Repair", this.#button]] : columns)}
      </section>
    `;
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

  #users(users) {
    return html`
      <section>
        <h2>Success by user, today</h2>
        ${users.length === 0
          ? empty("No user has lost a job today.")
          : lines(users, [
              ["User", ({ user, email }) => html`<a href=${link("mailboxes", user)}>${email ?? user}</a>`],
              ["Success", ({ jobs, dead }) => percent(jobs - dead, jobs), "number"],
              ["Failed for good", ({ dead }) => number(dead), "number"],
              ["Jobs ended", ({ jobs }) => number(jobs), "number"],
            ])}
      </section>
    `;
  }
}

const worstFirst = (one, other) => one.score - other.score || one.kind.localeCompare(other.kind);

const grade = (score) => (score >= 80 ? "well" : score >= 50 ? "fair" : "poor");

const inMinutes = (minutes) => duration(minutes * 60_000);

function heading(forecast, bound) {
  if (forecast === null) {
    return "too few samples for a forecast";
  }
  if (forecast.overInMinutes === 0) {
    return forecast.emptyInMinutes === null
      ? `above ${number(bound)} and not getting less`
      : `empty in ${inMinutes(forecast.emptyInMinutes)} if it goes on like this`;
  }
  if (forecast.overInMinutes !== null) {
    return `above ${number(bound)} in ${inMinutes(forecast.overInMinutes)} if it goes on like this`;
  }
  return forecast.emptyInMinutes ? `empty in ${inMinutes(forecast.emptyInMinutes)}` : "no backlog in sight";
}

/** A bar for each hour: jobs that ended, those that failed on top; its numbers on hover and as words. */
function byHour(kind, hours) {
  const most = Math.max(1, ...hours.map(({ done, failed }) => done + failed));
  const last = Math.floor(Date.now() / 3_600_000) * 3_600_000;
  const column = ({ from }) => HOURS - 1 - Math.round((last - Date.parse(from)) / 3_600_000);
  const high = (n) => (n > 0 ? Math.max(1, Math.round((n / most) * HIGH)) : 0);
  const sum = (name) => hours.reduce((all, hour) => all + hour[name], 0);
  const bar = (hour) => {
    const done = high(hour.done);
    const failed = high(hour.failed);
    const x = column(hour) * STEP;
    return svg`
      <g>
        <title>${exact(hour.from)}: ${number(hour.done)} done, ${number(hour.failed)} failed, score ${Math.round(hour.score)}</title>
        <rect class="room" x=${x} y="0" width=${STEP} height=${HIGH}></rect>
        <rect class="ended" x=${x} y=${HIGH - done} width=${STEP - 1} height=${done}></rect>
        <rect class="failed" x=${x} y=${Math.max(0, HIGH - done - failed)} width=${STEP - 1} height=${failed}></rect>
      </g>
    `;
  };
  return html`
    <svg
      class="hours"
      viewBox="0 0 ${HOURS * STEP} ${HIGH}"
      preserveAspectRatio="none"
      role="img"
      aria-label="${kind}, jobs ended in each of the last ${HOURS} hours"
    >
      ${hours.filter((hour) => column(hour) >= 0).map(bar)}
    </svg>
    <p class="quiet">
      By hour, the last ${HOURS}: ${number(sum("done"))} done, ${number(sum("failed"))} failed for good, at most
      ${number(most)} in one.
    </p>
  `;
}

customElements.define("health-screen", Health);
