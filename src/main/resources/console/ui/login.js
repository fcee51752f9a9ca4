// The way in for who is not known yet: a token, or the provider's page.

import { LitElement, html, nothing } from "lit";
import { hasToken, keepToken } from "./api.js";

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
    const wrong = this.refusal?.status === 401 && hasToken();
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
          ${wrong ? html`<p class="problem" role="alert">${this.refusal.message}</p>` : nothing}
        </form>
        ${document.body.dataset.logins === "true"
          ? html`<p><a href="/auth/login">Log in with your organisation's account</a></p>`
          : nothing}
      </main>
    `;
  }
}

customElements.define("login-form", LoginForm);
