// The frame around the screens: who is here, whether the figures are live, and where to go.

import { LitElement, html, nothing } from "lit";
import { NOWHERE } from "./alerts.js";
import { access, logOut, whoAmI } from "./api.js";
import { database } from "./away.js";
import { live } from "./events.js";
import { clock, exact } from "./format.js";
import { Keys } from "./keys.js";
import { notices, say } from "./notice.js";
import { address, link } from "./router.js";
import { SCREENS } from "./screens.js";
import "./confirm.js";
import "./help.js";
import "./login.js";

const LINKS = {
  connecting: "Connecting…",
  live: "Live",
  lost: "The connection to Millrace is lost; trying again. What you see is the last that is known.",
  full: "Too many consoles are open; this one looks every 15 s, and goes live when one is closed.",
  paused: "Paused while nobody looks",
};
const AGAIN_MS = 3_000;
const NOTICE_MS = 8_000;

class Console extends LitElement {
  static properties = {
    address: { state: true },
    me: { state: true },
    refusal: { state: true },
    link: { state: true },
    away: { state: true },
    notice: { state: true },
  };

  #noticeTimer = 0;
  #enterTimer = 0;
  #leaving = false;

  constructor() {
    super();
    this.address = address();
    this.link = live.state;
    this.textContent = "";
    addEventListener("hashchange", () => this.#moved());
    addEventListener("keydown", new Keys(this).heard);
    live.addEventListener("state", () => (this.link = live.state));
    database.addEventListener("state", () => (this.away = database.since));
    document.addEventListener("visibilitychange", () => this.#lookAgain());
    access.addEventListener("locked", ({ detail }) => this.#lock(detail));
    access.addEventListener("entered", () => {
      live.stop();
      this.enter();
    });
    notices.addEventListener("say", ({ detail }) => this.#say(detail));
    this.enter();
  }

  createRenderRoot() {
    return this;
  }

  /** Asks who is here, until there is an answer. */
  async enter() {
    clearTimeout(this.#enterTimer);
    this.#enterTimer = 0;
    try {
      this.me = await whoAmI();
      this.refusal = undefined;
      live.start();
    } catch (refusal) {
      if (refusal.status === 401) {
        this.refusal = refusal.wrongToken ? refusal : undefined;
        return;
      }
      if (refusal.status === 429 && !this.me) {
        this.me = null;
      }
      this.refusal = refusal;
      this.#enterTimer = setTimeout(() => document.hidden || this.enter(), AGAIN_MS);
    }
  }

  /** Whoever looks again wants to know at once what was not asked while nobody did. */
  #lookAgain() {
    if (this.#enterTimer !== 0 && !document.hidden) {
      this.enter();
    }
  }

  async leave() {
    if (this.#leaving) {
      return;
    }
    this.#leaving = true;
    try {
      await logOut();
      this.#lock(undefined);
    } catch (refusal) {
      say(`You are still logged in: ${refusal.message}`, "failed");
    } finally {
      this.#leaving = false;
    }
  }

  /** Who was in is told why they are not any more. */
  #lock(refusal) {
    live.stop();
    if (this.me || refusal?.wrongToken) {
      this.refusal = refusal;
    }
    this.me = null;
    this.notice = undefined;
  }

  #moved() {
    const before = this.address;
    this.address = address();
    if (before.name !== this.address.name || before.id !== this.address.id) {
      scrollTo(0, 0);
      this.updateComplete.then(() => document.getElementById("main")?.focus());
    }
  }

  #say(notice) {
    clearTimeout(this.#noticeTimer);
    this.notice = notice;
    this.#noticeTimer = setTimeout(() => (this.notice = undefined), NOTICE_MS);
  }

  get screens() {
    return SCREENS.filter((screen) => !screen.staff || this.me.role !== "user");
  }

  /** What the address means; the first screen if it means nothing. */
  get screen() {
    return this.screens.find((one) => one.name === this.address.name) ?? this.screens[0];
  }

  render() {
    if (this.me === undefined) {
      return html`<p class="note" role="status">${this.refusal?.message ?? "Loading…"}</p>`;
    }
    if (this.me === null) {
      return html`<login-form .refusal=${this.refusal} @entered=${() => this.enter()}></login-form>`;
    }
    const screen = this.screen;
    const known = this.link === "lost" || this.away ? "last" : "now";
    document.title = `${screen.title} · Millrace`;
    return html`
      <a class="skip" href="#main" @click=${this.#skip}>Skip to the content</a>
      <header data-link=${this.away ? "away" : this.link}>
        <p class="brand">Millrace</p>
        <nav aria-label="Screens">
          ${this.screens.map(
            (one) => html`
              <a href=${link(one.name)} aria-current=${one === screen ? "page" : "false"}>${one.title}</a>
            `,
          )}
        </nav>
        <p class="who">
          ${this.me.role === "user" ? nothing : html`<alert-count .address=${NOWHERE}></alert-count>`}
          <span id="link" role="status">${this.#state()}</span>
          <span>${this.me.name} (${this.me.role})</span>
          ${this.me.name === "local"
            ? nothing
            : html`<button @click=${() => this.leave()}>Log out</button>`}
          <button aria-label="Keyboard shortcuts" @click=${() => this.querySelector("console-help").open()}>?</button>
        </p>
      </header>
      <main id="main" tabindex="-1" data-known=${known}>${screen[this.address.id ? "one" : "all"](this.address, this.me)}</main>
      <p id="notice" role="status" data-kind=${this.notice?.kind ?? nothing}>
        ${this.notice ? html`${this.notice.sentence} <button @click=${() => (this.notice = undefined)}>Dismiss</button>` : nothing}
      </p>
      <console-help .screens=${this.screens}></console-help>
      <confirm-dialog></confirm-dialog>
    `;
  }

  #state() {
    return this.away && this.link !== "lost"
      ? html`Database away since <time datetime=${this.away} title=${exact(this.away)}>${clock(this.away)}</time>;
          what you see is the last known state.`
      : LINKS[this.link];
  }

  #skip(event) {
    event.preventDefault(); // The address is the router's.
    document.getElementById("main").focus();
  }
}

customElements.define("millrace-console", Console);

addEventListener("unhandledrejection", ({ reason }) => say(String(reason?.message ?? reason), "failed"));
