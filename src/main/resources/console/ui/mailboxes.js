// All mailboxes: how far each is, and what ails it.

import { html, nothing } from "lit";
import { get } from "./api.js";
import { askConsent, broughtBack, finishConsent } from "./connect.js";
import { Rate, duration, number } from "./format.js";
import { bar, empty, lines, pages, state, when } from "./parts.js";
import { link } from "./router.js";
import { Screen } from "./screen.js";

const PHASES = {
  none: "not started",
  list: "listing and fetching",
  history: "catching up",
  recount: "checking the listing",
  labels: "comparing labels",
  sweep: "checking what is not listed",
  complete: "in sync",
};

/** What is to be said first of a mailbox. */
export function standing(mailbox) {
  if (mailbox.disconnectedAt) {
    return "disconnected";
  }
  return mailbox.pausedAt ? "paused" : PHASES[mailbox.phase] ?? mailbox.phase;
}

/** The bar of a mailbox, its rate and what is left. */
export function progress(mailbox, perSecond = 0) {
  const done = mailbox.phase === "complete";
  const all = done ? mailbox.accounted : Math.max(mailbox.estimate, mailbox.accounted);
  if (mailbox.phase === "none") {
    return nothing;
  }
  const left = perSecond > 0 && !done ? duration(((all - mailbox.accounted) / perSecond) * 1000) : "";
  return html`
    ${bar(mailbox.accounted, all, {
      done,
      label: `Messages of ${mailbox.email} accounted for`,
    })}
    ${left ? html`<span class="quiet">${number(Math.round(perSecond))}/s · ${left} left</span>` : nothing}
  `;
}

class Mailboxes extends Screen {
  static properties = { consent: { state: true } };

  hears = ["sync", "jobs"];
  #rates = new Map();

  async load({ query }) {
    const page = await get("/mailboxes", { after: query.after, limit: 100 });
    page.items.forEach((mailbox) => this.#see(mailbox.user, mailbox.accounted));
    return page;
  }

  connectedCallback() {
    super.connectedCallback();
    const brought = broughtBack();
    if (brought) {
      this.consent = { sentence: "Connecting the mailbox…" };
      finishConsent(brought).catch((refusal) => (this.consent = { failed: refusal.message }));
    }
  }

  #see(user, accounted) {
    if (!this.#rates.has(user)) {
      this.#rates.set(user, new Rate());
    }
    this.#rates.get(user).see(accounted);
  }

  /** How far a mailbox is, is told as it happens; the rest is asked for now and then. */
  took(name, { user, phase, accounted, estimate }) {
    const known = name === "sync" && this.data?.items.find((mailbox) => mailbox.user === user);
    if (!known) {
      return name === "jobs";
    }
    const news = known.phase !== phase;
    Object.assign(known, { phase, accounted, estimate });
    this.#see(user, accounted);
    this.requestUpdate();
    return !news;
  }

  content({ items, next }) {
    return html`
      <h1>Mailboxes</h1>
      ${this.consent?.failed ? html`<p class="problem" role="alert">${this.consent.failed}</p>` : nothing}
      ${this.consent?.sentence ? html`<p class="note" role="status">${this.consent.sentence}</p>` : nothing}
      ${this.#connect(items)}
      ${items.length === 0
        ? empty("No mailbox is connected yet. Each appears here as soon as it is.")
        : this.#table(items)}
      ${pages("mailboxes", this.address.query, next)}
    `;
  }

  /** An end user has one mailbox, and connects it once. */
  #connect(items) {
    if (this.me.role === "user" && items.length === 0) {
      return html`
        <p class="buttons">
          <button class="main" ?disabled=${this.busy} @click=${() => askConsent(this)}>Connect a mailbox</button>
        </p>
      `;
    }
    return this.operator
      ? html`
          <form class="buttons" @submit=${this.#ask}>
            <label for="connect-email">Mailbox of</label>
            <input id="connect-email" name="email" type="email" maxlength="320" placeholder="anybody" />
            <button ?disabled=${this.busy}>Connect a mailbox</button>
          </form>
        `
      : nothing;
  }

  #ask(event) {
    event.preventDefault();
    askConsent(this, new FormData(event.target).get("email").trim());
  }

  #table(items) {
    return lines(items, [
      [
        "Mailbox",
        (mailbox) => html`
          <a href=${link("mailboxes", mailbox.user)}>${mailbox.email}</a>
          ${mailbox.trouble ? html`<span class="trouble">${mailbox.trouble}</span>` : nothing}
        `,
      ],
      ["State", (mailbox) => state(standing(mailbox))],
      [
        "Progress",
        (mailbox) => progress(mailbox, this.#rates.get(mailbox.user)?.perSecond()),
        "wide",
      ],
      ["Stored", (mailbox) => number(mailbox.stored), "number"],
      ["Dead-lettered", (mailbox) => number(mailbox.deadLettered), "number"],
      ["Last sync", (mailbox) => when(mailbox.syncedAt, "never"), "said"],
    ]);
  }
}

customElements.define("mailboxes-screen", Mailboxes);
