// All that is known of a job: where it stands, why it waits, what was tried and what came of it.

import { html, nothing } from "lit";
import { get } from "./api.js";
import { attempts } from "./attempts.js";
import { confirm } from "./confirm.js";
import { number, plural } from "./format.js";
import { graph } from "./graph.js";
import { causes, figure, jobLink, lasted, state, value, when } from "./parts.js";
import { link } from "./router.js";
import { Screen } from "./screen.js";

const BEFORE = ["waiting", "scheduled", "ready"];

/** What a tracing system is asked for: of the job's W3C trace parent, else of what its last failure tells. */
const traceOf = ({ trace, error, attempts: all }) =>
  trace?.split("-")[1] ?? error?.context?.trace ?? all.at(-1)?.context?.trace;

class Job extends Screen {
  hears = ["jobs"];

  load({ id }) {
    return get(`/jobs/${encodeURIComponent(id)}`, {}, ["payload", "progress", "checkpoint"]);
  }

  took(name, { jobs }) {
    // Only the first hundred of a tenth of a second are named.
    return jobs.length < 100 && !jobs.includes(Number(this.address.id));
  }

  get path() {
    return `/jobs/${this.data.id}`;
  }

  content(job) {
    return html`
      <p><a href=${link("jobs")}>All jobs</a></p>
      <h1>Job ${job.id}: ${job.kind} ${state(job.state)}</h1>
      ${this.operator ? this.#actions(job) : nothing}
      ${job.waitsFor.length
        ? html`
            <section>
              <h2>Why it waits</h2>
              ${causes(job.waitsFor)}
            </section>
          `
        : nothing}
      ${job.error?.message ? html`<p class="problem">${job.error.message}</p>` : nothing}
      ${job.note && job.waitsFor.length === 0 ? html`<p>${job.note}</p>` : nothing}
      ${this.#figures(job)} ${attempts(job)} ${this.#times(job)}
      ${job.parents.length + job.children.length > 0
        ? html`
            <section>
              <h2>Parents and children</h2>
              ${graph(job)}
            </section>
          `
        : nothing}
      <div class="values">
        ${value("Payload", job.payload)} ${value("Progress", job.progress)}
        ${value("Checkpoint", job.checkpoint)} ${value("Last error", job.error)}
      </div>
    `;
  }

  #actions(job) {
    const dead = job.state === "dead";
    const button = (name, run, shown) =>
      shown ? html`<button ?disabled=${this.busy} @click=${run}>${name}</button>` : nothing;
    return html`
      <p class="buttons">
        ${button(
          "Start at once",
          () => this.act("It starts as soon as it can.", `${this.path}/hurry`),
          job.state === "scheduled",
        )}
        ${BEFORE.includes(job.state) ? this.#priority(job) : nothing}
        ${button("Cancel…", () => this.#cancel(job), job.state === "running" || BEFORE.includes(job.state))}
        ${dead ? html`<a class="button" href=${link("failures", job.id)}>What failed, and redrive</a>` : nothing}
      </p>
    `;
  }

  #priority(job) {
    return html`
      <form
        class="inline"
        @submit=${(event) => {
          event.preventDefault();
          const priority = Number(new FormData(event.target).get("priority"));
          this.act(`Its priority is ${priority}.`, `${this.path}/priority`, { priority });
        }}
      >
        <label for="priority">Priority</label>
        <input id="priority" name="priority" type="number" min="-10" max="10" required
          value=${job.priority ?? 0} />
        <button ?disabled=${this.busy}>Set</button>
      </form>
    `;
  }

  async #cancel(job) {
    const path = this.path; // What is shown may be another job when the answer comes.
    const yes = await confirm({
      title: `Cancel job ${job.id}?`,
      text: "It ends for good and is not tried again.",
      action: "Cancel it",
      reason: true,
    });
    if (yes) {
      const said = ({ state: now }) => (now === "stopping" ? "It is told to stop." : "It is cancelled.");
      this.act(said, `${path}/cancel`, yes.reason ? { reason: yes.reason } : {});
    }
  }

  #figures(job) {
    return html`
      <dl class="figures">
        ${figure("User", html`<a href=${link("mailboxes", job.user)}>${job.user}</a>`)}
        ${figure("Queue", job.queue)}
        ${figure("Priority", number(job.priority ?? 0), "−10 to 10")}
        ${figure("Runs", number(job.runs), plural(job.failures, "failure"))}
        ${job.batch ? figure("Batch", html`<a href=${link("jobs", null, { batch: job.batch })}>${job.batch}</a>`) : nothing}
        ${job.key ? figure("Key", job.key) : nothing} ${job.unit ? figure("Unit", job.unit) : nothing}
        ${job.worker ? figure("Worker", job.worker) : nothing}
        ${job.redrivenAs ? figure("Redriven as", jobLink(job.redrivenAs)) : nothing}
        ${traceOf(job) ? figure("Trace", html`<code>${traceOf(job)}</code>`) : nothing}
      </dl>
    `;
  }

  /** What happened, in its order; attempts that failed stand between start and end. */
  #times(job) {
    const times = [
      [job.createdAt, "created"],
      [job.dueAt, "due"],
      [job.readyAt, "ready"],
      [job.startedAt, "started"],
      [job.deadline, "has to be done"],
      [job.endedAt, `ended: ${job.state}`, lasted(job.startedAt, job.endedAt)],
      ...job.attempts.map((one) => [
        one?.at,
        `attempt ${one?.attempt ?? ""} failed${one?.failure ? ` (${one.failure})` : ""}`,
        one?.message,
      ]),
    ].filter(([at]) => at);
    times.sort(([one], [other]) => Date.parse(one) - Date.parse(other));
    return html`
      <section>
        <h2>Timeline</h2>
        <ol class="timeline">
          ${times.map(
            ([at, what, more]) => html`
              <li class=${what.startsWith("attempt") ? "failed" : ""}>
                ${when(at)} <b>${what}</b> ${more ? html`<span>${more}</span>` : nothing}
              </li>
            `,
          )}
        </ol>
      </section>
    `;
  }
}

customElements.define("job-screen", Job);
