// The way in for who is not known yet: a token, or the provider's page.

import { LitElement, html, nothing } from "lit";
import { keepToken } from "./api.js";

const sentence = (refusal) => {
  if (refusal.wrongToken) {
    return "This token opens nothing here.";
  }
  return refusal.status === 401 ? "Your session has ended: log in anew." : refusal.message;
};

class LoginForm extends LitElement {
  static properties = { refusal: { attribute: false } };

  createRenderRoot() {
    return this;
  }

  #enter(event) {
    event.preventDefault();
    keepToken(new FormData(event.target).get("token").trim());
    this.dispatchEvent(new Event("entered"));
  }

  render() {
    const wrong = this.refusal?.wrongToken ?? false;
    return html`
      <main class="login">
        <h1>Millrace</h1>
        <form @submit=${this.#enter}>
          <label for="token">Token</label>
          <input id="token" name="token" type="password" autocomplete="off" required
            aria-invalid=${wrong} aria-describedby="token-note" />
          <button class="main">Enter</button>
          <p id="token-note" class="quiet">
            It opens what the configuration gives it, and is forgotten when this tab is closed.
          </p>
          ${this.refusal ? html`<p class="problem" role="alert">${sentence(this.refusal)}</p>` : nothing}
        </form>
        ${document.body.dataset.logins === "true"
          ? html`<p><a href="/auth/login" @click=${() => keepToken(null)}>Log in with your organisation's account</a></p>`
          : nothing}
      </main>
    `;
  }
}

customElements.define("login-form", LoginForm);
