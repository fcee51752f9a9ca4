// The keys, on one sheet.

import { LitElement, html } from "lit";
import { keys } from "./keys.js";

class Help extends LitElement {
  static properties = { screens: { attribute: false } };

  createRenderRoot() {
    return this;
  }

  open() {
    this.querySelector("dialog").showModal();
  }

  render() {
    return html`
      <dialog aria-labelledby="help-title">
        <h2 id="help-title">Keyboard shortcuts</h2>
        <dl class="keys">
          <dt><kbd>?</kbd></dt>
          <dd>This list</dd>
          <dt><kbd>/</kbd></dt>
          <dd>To the first field of the screen</dd>
          ${(this.screens ?? []).map(
            ({ key, title }) => html`
              <dt><kbd>g</kbd> <kbd>${key}</kbd></dt>
              <dd>${title}</dd>
            `,
          )}
          <dt><kbd>Esc</kbd></dt>
          <dd>Close what lies above the screen</dd>
        </dl>
        <p>
          <label><input type="checkbox" .checked=${keys.on} @change=${({ target }) => (keys.on = target.checked)} />
            Single keys are shortcuts</label>
        </p>
        <button @click=${() => this.querySelector("dialog").close()}>Close</button>
      </dialog>
    `;
  }
}

customElements.define("console-help", Help);
