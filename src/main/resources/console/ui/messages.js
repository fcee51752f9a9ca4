// The mail of one's own mailbox, a page at a time, and one message of it. What a message says is set
// as text: it is never taken for markup.

import { LitElement, html, nothing } from "lit";
import { get } from "./api.js";
import { bytes, plural } from "./format.js";
import { empty, problemNote, when } from "./parts.js";

const LABELS = 4;
const SOON_MS = 3_000;

class Messages extends LitElement {
  static properties = {
    user: { attribute: false },
    stored: { attribute: false },
    page: { state: true },
    message: { state: true },
    problem: { state: true },
    busy: { state: true },
  };

  #after = "";
  #timer = 0;

  createRenderRoot() {
    return this;
  }

  /** The newest change while a mailbox syncs; whoever reads older ones is left alone. */
  willUpdate(changed) {
    if (changed.has("user") || (changed.has("stored") && !this.#after)) {
      this.#load(this.#after);
    }
  }

  get #path() {
    return `/mailboxes/${encodeURIComponent(this.user)}/messages`;
  }

  async #load(after) {
    await this.#reading(async () => {
      this.page = await get(this.#path, { after, limit: 20 });
      this.#after = after;
    });
    this.#later();
  }

  /** What is stored is not always read yet: then there is more to see in a moment. */
  #later() {
    clearTimeout(this.#timer);
    const unread = this.page?.items.some((one) => one.subject === null);
    if (unread && this.isConnected && !document.hidden) {
      this.#timer = setTimeout(() => this.#load(this.#after), SOON_MS);
    }
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
  }

  async #open(id, whole = false) {
    await this.#reading(async () => {
      const path = `${this.#path}/${encodeURIComponent(id)}`;
      this.message = await get(path, whole ? { whole } : {});
    });
    await this.updateComplete;
    this.querySelector("article")?.focus();
  }

  async #reading(work) {
    this.busy = true;
    try {
      await work();
      this.problem = undefined;
    } catch (problem) {
      this.problem = problem;
    } finally {
      this.busy = false;
    }
  }

  render() {
    return html`
      <section>
        <h2>Messages</h2>
        ${this.problem ? problemNote(this.problem, () => this.#load(this.#after), Boolean(this.page)) : nothing}
        ${this.message ? this.#one(this.message) : nothing} ${this.page ? this.#list(this.page) : nothing}
      </section>
    `;
  }

  #list({ items, next }) {
    const button = (name, run) => html`<button ?disabled=${this.busy} @click=${run}>${name}</button>`;
    return html`
      ${items.length === 0 ? empty("No message is stored yet.") : nothing}
      <ul class="mail">
        ${items.map(
          (one) => html`
            <li>
              <button class="link" ?disabled=${this.busy} @click=${() => this.#open(one.id)}>
                ${one.subject ?? "(being read)"}${one.subject === "" ? "(no subject)" : nothing}
              </button>
              <span class="quiet">
                ${one.from ?? nothing} · ${when(one.at)}
                ${one.labels.slice(0, LABELS).map((label) => html`<span class="label">${label}</span>`)}
                ${one.attachments ? html`· ${plural(one.attachments, "attachment")}` : nothing}
              </span>
              <span class="cut">${one.snippet}</span>
            </li>
          `,
        )}
      </ul>
      <p class="buttons">
        ${this.#after ? button("Newest", () => this.#load("")) : nothing}
        ${next ? button("Older", () => this.#load(next)) : nothing}
      </p>
    `;
  }

  #one(message) {
    const of = (role) => message.people.filter((one) => one.role === role).map(({ name, address }) =>
      name && address ? `${name} <${address}>` : name ?? address);
    const header = (name, values) =>
      values.length ? html`<dt>${name}</dt><dd>${values.join(", ")}</dd>` : nothing;
    return html`
      <article tabindex="-1" aria-label="Message">
        <h3>${message.subject || "(no subject)"}</h3>
        <dl class="headers">
          ${header("From", of("from"))} ${header("To", of("to"))} ${header("Cc", of("cc"))}
          <dt>Received</dt>
          <dd>${when(message.at)}</dd>
          ${header("Labels", message.labels)}
        </dl>
        ${message.lacking ? html`<p class="problem">${message.lacking}</p>` : nothing}
        <pre class="letter" tabindex="0" aria-label="Text">${message.text || "(no text is stored)"}</pre>
        ${message.textTruncated ? html`<p class="quiet">The text is longer than what is shown.</p>` : nothing}
        ${message.attachments.length
          ? html`
              <h4>Attachments</h4>
              <ul>
                ${message.attachments.map(
                  (one) => html`<li>${one.name || "(no name)"} <span class="quiet">${one.type} · ${bytes(one.bytes)}</span></li>`,
                )}
              </ul>
            `
          : nothing}
        <p class="buttons">
          ${message.stored !== "full" && !message.lacking && !message.deleted
            ? html`<button ?disabled=${this.busy} @click=${() => this.#open(message.id, true)}>Fetch the rest</button>`
            : nothing}
          <button @click=${() => (this.message = undefined)}>Close</button>
        </p>
      </article>
    `;
  }
}

customElements.define("mail-messages", Messages);
