// Single keys as shortcuts. Who speaks to a computer, or whose hands shake, may not want them.

import { go } from "./router.js";

const OFF = "millrace-keys-off";
const CHORD_MS = 1_000;
const TYPING = "input:not([type=checkbox]), select, textarea, dialog[open]";

/** Whether they do anything; kept by the browser. */
export const keys = {
  get on() {
    return localStorage.getItem(OFF) === null;
  },
  set on(wanted) {
    if (wanted) {
      localStorage.removeItem(OFF);
    } else {
      localStorage.setItem(OFF, "true");
    }
  },
};

export class Keys {
  #frame;
  #chord = -CHORD_MS;

  /** @param frame has screens once it knows who is there, and the sheet of keys */
  constructor(frame) {
    this.#frame = frame;
  }

  heard = (event) => {
    const typing = event.target.closest?.(TYPING);
    if (typing || event.ctrlKey || event.metaKey || event.altKey || !this.#frame.me || !keys.on) {
      return;
    }
    const begun = performance.now() - this.#chord < CHORD_MS;
    this.#chord = -CHORD_MS;
    if (event.key === "g") {
      this.#chord = performance.now();
    } else if (this.#leads(event.key, begun)) {
      event.preventDefault();
    }
  };

  #leads(key, begun) {
    const screen = begun && this.#frame.screens.find((one) => one.key === key);
    if (key === "?") {
      this.#frame.querySelector("console-help").open();
    } else if (key === "/") {
      this.#frame.querySelector("main input, main select")?.focus();
    } else if (screen) {
      go(screen.name);
    }
    return Boolean(screen) || key === "?" || key === "/";
  }
}
