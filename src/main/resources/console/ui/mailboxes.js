// All mailboxes: how far each is, and what ails it.

import { html, nothing } from "lit";
import { get } from "./api.js";
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
  hears = ["sync", "jobs"];
  #rates = new Map();

  async load({ query }) {
    const page = await get("/mailboxes", { after: query.after, limit: 100 });
    page.items.forEach((mailbox) => this.#see(mailbox.user, mailbox.accounted));
    return page;
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
      ${items.length === 0
        ? empty("No mailbox is connected yet. Each appears here as soon as it is.")
        : this.#table(items)}
      ${pages("mailboxes", this.address.query, next)}
    `;
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
