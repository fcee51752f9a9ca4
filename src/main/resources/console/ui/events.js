// What happens, as it happens. EventSource cannot show a token, so the stream is read by fetch; it
// says where it was when it comes back, and rests while nobody looks at the page.

import { open } from "./api.js";

const AGAIN_MS = 2_000;
const LONGEST_WAIT_MS = 15_000;
const SILENCE_MS = 40_000; // The server shows every 15 s that it is there.

class Live extends EventTarget {
  /** connecting, live, lost or paused. */
  state = "connecting";
  #last = null;
  #reading = null;
  #timer = 0;
  #wait = AGAIN_MS;

  start() {
    document.addEventListener("visibilitychange", this.#look);
    this.#look();
  }

  stop() {
    document.removeEventListener("visibilitychange", this.#look);
    this.#rest();
    this.#last = null;
  }

  #look = () => {
    if (document.hidden) {
      this.#rest();
      this.#become("paused");
    } else if (!this.#reading) {
      this.#read();
    }
  };

  #rest() {
    clearTimeout(this.#timer);
    this.#reading?.abort();
    this.#reading = null;
  }

  #become(state) {
    if (this.state !== state) {
      this.state = state;
      this.dispatchEvent(new Event("state"));
    }
  }

  async #read() {
    const reading = new AbortController();
    this.#reading = reading;
    try {
      const headers = this.#last ? { "Last-Event-ID": this.#last } : {};
      const response = await open("/events", { headers, signal: reading.signal });
      this.#wait = AGAIN_MS;
      this.#become("live");
      this.#tell({ event: "again", data: {} });
      await this.#follow(response.body.getReader(), reading);
    } catch (refusal) {
      if (refusal.status === 401) {
        this.#reading = null;
        return; // Whoever logs in starts it again.
      }
    }
    if (this.#reading === reading) {
      this.#reading = null;
      this.#become("lost");
      this.#timer = setTimeout(this.#look, this.#wait);
      this.#wait = Math.min(2 * this.#wait, LONGEST_WAIT_MS);
    }
  }

  async #follow(reader, reading) {
    const decoder = new TextDecoder();
    let text = "";
    for (;;) {
      const silence = setTimeout(() => reading.abort(), SILENCE_MS);
      const { done, value } = await reader.read().finally(() => clearTimeout(silence));
      if (done) {
        return;
      }
      const blocks = (text + decoder.decode(value, { stream: true })).split("\n\n");
      text = blocks.pop();
      blocks.map(parse).filter(Boolean).forEach((event) => this.#tell(event));
    }
  }

  #tell({ event, data, id }) {
    this.#last = id ?? this.#last;
    this.dispatchEvent(new CustomEvent("event", { detail: { name: event, data } }));
  }
}

function parse(block) {
  const fields = {};
  for (const line of block.split("\n")) {
    const colon = line.indexOf(": ");
    if (colon > 0) {
      fields[line.slice(0, colon)] = line.slice(colon + 2);
    }
  }
  return fields.event && { event: fields.event, id: fields.id, data: JSON.parse(fields.data) };
}

/** The one stream of this page. */
export const live = new Live();
