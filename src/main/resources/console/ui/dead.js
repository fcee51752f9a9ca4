// One dead letter: what failed and how often, what it means, and its three buttons.

import { html, nothing } from "lit";
import { get } from "./api.js";
import { confirm } from "./confirm.js";
import { json, number, plural } from "./format.js";
import { figure, jobLink, state, value, when } from "./parts.js";
import { go, link } from "./router.js";
import { say } from "./notice.js";
import { Screen } from "./screen.js";

/** As many as it has, and room for more. */
const rows = (text) => Math.min(24, (text ?? "").split("\n").length + 1);

class Dead extends Screen {
  hears = [];

  load({ id }) {
    return get(`/dead/${encodeURIComponent(id)}`, {}, ["payload"]);
  }

  get path() {
    return `/dead/${this.data.id}`;
  }

  content(letter) {
    const lives = letter.redrivenAt !== null;
    return html`
      <p><a href=${link("failures")}>All failures</a></p>
      <h1>Letter ${letter.id}: ${letter.kind} ${state(lives ? "redriven" : "dead")}</h1>
      <p class="problem">${letter.message ?? letter.reason}</p>
      <p>${letter.meaning} <b>${letter.remedy}</b></p>
      ${lives
        ? html`<p>It was redriven ${when(letter.redrivenAt)} as job ${jobLink(letter.redrivenAs)}.</p>`
        : this.operator
          ? this.#actions()
          : nothing}
      <dl class="figures">
        ${figure("Failed for good", when(letter.deadAt), letter.reason)}
        ${figure("Created", when(letter.createdAt, "unknown"))}
        ${figure("User", html`<a href=${link("mailboxes", letter.user)}>${letter.user}</a>`)}
        ${figure("Runs", number(letter.runs), plural(letter.failures, "failure"))}
        ${letter.key ? figure("Key", letter.key) : nothing}
      </dl>
      ${this.#attempts(letter.attempts)}
      ${this.operator && !lives ? this.#edit(letter) : value("Payload", letter.payload)}
      <div class="values">${value("Error", letter.error)} ${value("Options", letter.options)}</div>
      <p><a href=${link("jobs", letter.id)}>The job</a></p>
    `;
  }

  #actions() {
    return html`
      <p class="buttons">
        <button class="main" ?disabled=${this.busy} @click=${this.#redrive}>Redrive</button>
        <button ?disabled=${this.busy} @click=${this.#purge}>Purge…</button>
      </p>
    `;
  }

  #redrive = () => this.act(({ job }) => `It lives again as job ${job}.`, `${this.path}/redrive`);

  #purge = async () => {
    const { path, address } = this; // What is shown may be another letter when the answer comes.
    const yes = await confirm({
      title: `Purge letter ${this.data.id}?`,
      text: "It is thrown away for good and cannot be redriven.",
      action: "Purge it",
    });
    const purged = yes && (await this.act("It is purged.", `${path}/purge`));
    if (purged && this.isConnected && this.address === address) {
      go("failures");
    }
  };

  #attempts(attempts) {
    return attempts.length === 0
      ? nothing
      : html`
          <section>
            <h2>Attempts</h2>
            <ol class="timeline">
              ${attempts.map(
                (one) => html`
                  <li class="failed">
                    ${when(one?.at)} <b>attempt ${one?.attempt ?? ""}${one?.failure ? ` (${one.failure})` : ""}</b>
                    <span>${one?.message ?? json(one)}</span>
                  </li>
                `,
              )}
            </ol>
          </section>
        `;
  }

  #edit(letter) {
    return html`
      <form @submit=${this.#save}>
        <h2><label for="payload">Payload that a redrive uses</label></h2>
        <textarea id="payload" name="payload" rows=${rows(letter.payload)} spellcheck="false" .defaultValue=${letter.payload ?? "{}"}></textarea>
        <p class="buttons">
          <button ?disabled=${this.busy}>Save the payload</button>
          ${letter.edited ? html`<span class="quiet">It was edited.</span>` : nothing}
        </p>
      </form>
    `;
  }

  #save = (event) => {
    event.preventDefault();
    const payload = new FormData(event.target).get("payload");
    try {
      JSON.parse(payload); // To see whether it is JSON: the text itself is sent, with all its digits.
    } catch (e) {
      say(`This is no JSON: ${e.message}.`, "failed");
      return;
    }
    this.act("The payload is saved; a redrive uses it.", `${this.path}/payload`, `{"payload":${payload}}`);
  };
}

customElements.define("dead-screen", Dead);
