// Asks before something that cannot simply be taken back. Whoever goes elsewhere has not said yes.

import { LitElement, html, nothing } from "lit";

class ConfirmDialog extends LitElement {
  static properties = { question: { state: true } };

  #answer = null;

  createRenderRoot() {
    return this;
  }

  connectedCallback() {
    super.connectedCallback();
    addEventListener("hashchange", this.#away);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    removeEventListener("hashchange", this.#away);
    this.#close(null);
  }

  #away = () => this.#close(null);

  ask(question) {
    this.#close(null);
    this.question = question;
    return new Promise((resolve) => {
      this.#answer = resolve;
      this.updateComplete.then(() => this.#show(resolve));
    });
  }

  #show(asked) {
    if (this.#answer === asked) {
      this.querySelector("form").reset();
      this.querySelector("dialog").showModal();
    }
  }

  #close(answer) {
    const told = this.#answer;
    this.#answer = null;
    this.querySelector("dialog")?.close();
    this.question = undefined;
    told?.(answer);
  }

  #yes(event) {
    event.preventDefault();
    this.#close({ reason: new FormData(event.target).get("reason")?.trim() || undefined });
  }

  render() {
    const { title, text, action, reason } = this.question ?? {};
    return html`
      <dialog aria-labelledby="ask-title" @close=${({ target }) => target.open || this.#close(null)}>
        <form @submit=${this.#yes}>
          <h2 id="ask-title">${title}</h2>
          <p>${text}</p>
          ${reason
            ? html`
                <label for="ask-reason">Why (it is kept in the audit log)</label>
                <input id="ask-reason" name="reason" maxlength="500" />
              `
            : nothing}
          <p class="buttons">
            <button class="main">${action}</button>
            <button type="button" @click=${() => this.#close(null)}>Not now</button>
          </p>
        </form>
      </dialog>
    `;
  }
}

customElements.define("confirm-dialog", ConfirmDialog);

/** Answers {reason} if somebody says yes, else null. */
export const confirm = (question) => document.querySelector("confirm-dialog").ask(question);
