// One mailbox: where it stands, why it waits and until when, and its switches.

import { html, nothing } from "lit";
import { get } from "./api.js";
import { confirm } from "./confirm.js";
import { askConsent } from "./connect.js";
import { Rate, number, plural } from "./format.js";
import { progress, standing } from "./mailboxes.js";
import "./messages.js";
import { figure, jobLink, state, when } from "./parts.js";
import { link } from "./router.js";
import { Screen } from "./screen.js";

class Mailbox extends Screen {
  hears = ["sync"];
  #rate = new Rate();

  async load({ id }) {
    const mailbox = await get(`/mailboxes/${encodeURIComponent(id)}`);
    this.#rate.see(mailbox.accounted);
    return mailbox;
  }

  took(name, { user, accounted, phase, estimate }) {
    if (name !== "sync" || !this.data || String(user) !== this.address.id) {
      return true;
    }
    const news = this.data.phase !== phase;
    this.data = { ...this.data, accounted, phase, estimate };
    this.#rate.see(accounted);
    return !news;
  }

  get path() {
    return `/mailboxes/${this.data.user}`;
  }

  content(mailbox) {
    return html`
      <p><a href=${link("mailboxes")}>All mailboxes</a></p>
      <h1>${mailbox.email} ${state(standing(mailbox))}</h1>
      ${this.me.role === "viewer" ? nothing : this.#switches(mailbox)}
      ${mailbox.trouble ? html`<p class="problem">${mailbox.trouble}</p>` : nothing}
      <section>
        <h2>Progress</h2>
        <div class="progress">${progress(mailbox, this.#rate.perSecond())}</div>
        ${this.#completeness(mailbox)}
      </section>
      ${mailbox.wait ? this.#wait(mailbox.wait) : nothing}
      ${this.#figures(mailbox)}
      ${this.me.role === "user"
        ? html`<mail-messages .user=${mailbox.user} .stored=${mailbox.stored}></mail-messages>`
        : nothing}
    `;
  }

  #switches({ pausedAt, disconnectedAt, wait, email }) {
    const button = (name, run, shown = true) =>
      shown ? html`<button ?disabled=${this.busy} @click=${run}>${name}</button>` : nothing;
    if (disconnectedAt || wait?.action === "connect") {
      const name = wait?.reason === "not_connected" ? "Connect it" : "Connect it again";
      return html`
        ${disconnectedAt
          ? html`<p class="note">It was disconnected ${when(disconnectedAt)}. What is stored stays.</p>`
          : nothing}
        <p class="buttons">
          ${button(name, () => askConsent(this, email))}
          ${button("Disconnect…", () => this.#disconnect(email), !disconnectedAt)}
        </p>
      `;
    }
    return html`
      <p class="buttons">
        ${button("Sync now", () => this.act("It syncs as soon as it can.", `${this.path}/sync`), !pausedAt)}
        ${button("Pause", () => this.#pause(email), !pausedAt)}
        ${button("Resume", () => this.act("It goes on.", `${this.path}/resume`), Boolean(pausedAt))}
        ${button(
          "Resync",
          () => this.act("It is listed again.", `${this.path}/resync`),
          this.operator && !pausedAt,
        )}
        ${button("Disconnect…", () => this.#disconnect(email))}
      </p>
    `;
  }

  async #pause(email) {
    const path = this.path; // What is shown may be another mailbox when the answer comes.
    const yes = await confirm({
      title: `Pause ${email}?`,
      text: "Nothing is fetched until it is resumed.",
      action: "Pause",
      reason: true,
    });
    if (yes) {
      this.act("It is paused.", `${path}/pause`, yes.reason ? { reason: yes.reason } : {});
    }
  }

  async #disconnect(email) {
    const path = this.path;
    const yes = await confirm({
      title: `Disconnect ${email}?`,
      text: "Its grant is forgotten: only its owner can connect it again. What is stored stays.",
      action: "Disconnect",
    });
    if (yes) {
      this.act("It is disconnected.", `${path}/disconnect`);
    }
  }

  #completeness({ phase, accounted, stored, duplicate, gone, deadLettered }) {
    const parts = [
      [stored, "stored"],
      [duplicate, "there before"],
      [gone, "gone meanwhile"],
      [deadLettered, "that could not be fetched"],
    ].filter(([n]) => n > 0);
    return html`
      <p>
        ${phase === "complete" ? "Complete: each of" : "So far, of"} ${plural(accounted, "listed message")}:
        ${parts.length ? parts.map(([n, what]) => `${number(n)} ${what}`).join(", ") : "none"}.
      </p>
    `;
  }

  #wait({ sentence, until, since, remedy, job }) {
    return html`
      <section>
        <h2>Now</h2>
        <p>
          ${sentence} ${until ? html`It is over about ${when(until)}.` : nothing}
          ${since ? html`<span class="quiet">Since ${when(since)}.</span>` : nothing}
          ${job ? html`Job ${jobLink(job)}.` : nothing}
        </p>
        ${remedy ? html`<p>${remedy}</p>` : nothing}
      </section>
    `;
  }

  #figures(mailbox) {
    return html`
      <dl class="figures">
        ${figure("Last sync", when(mailbox.syncedAt, "never"))}
        ${figure("Pass began", when(mailbox.startedAt, "not yet"))}
        ${figure("Pass ended", when(mailbox.finishedAt, "not yet"))}
        ${figure("Quota units spent", number(mailbox.unitsSpent), `throttled ${plural(mailbox.throttled, "time")}`)}
        ${figure("Google's notices until", when(mailbox.watchExpires, "none"))}
        ${mailbox.pausedAt ? figure("Paused", when(mailbox.pausedAt), mailbox.pausedWhy ?? nothing) : nothing}
      </dl>
      <p><a href=${link("jobs", null, { user: mailbox.user })}>Jobs of this mailbox</a></p>
    `;
  }
}

customElements.define("mailbox-screen", Mailbox);
