// What happens, as it happens. EventSource cannot show a token, so the stream is read by fetch; it
// says where it was when it comes back, and rests while nobody looks at the page.

import { open } from "./api.js";
import { database } from "./away.js";

const AGAIN_MS = 2_000;
const LONGEST_WAIT_MS = 15_000;
const FULL = "too_many_readers";
const LONG_MS = 30_000;
const SILENCE_MS = 40_000; // The server shows every 15 s that it is there.

class Live extends EventTarget {
  /** connecting, live, lost, full (others hold all places) or paused. */
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
    this.#become("connecting");
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
    const began = performance.now();
    let ended = "lost";
    try {
      const headers = this.#last ? { "Last-Event-ID": this.#last } : {};
      const response = await open("/events", { headers, signal: reading.signal });
      this.#wait = AGAIN_MS;
      this.#become("live");
      this.#tell({ event: "again", data: {} });
      await this.#follow(response.body.getReader(), reading);
      if (this.#reading === reading && performance.now() - began > LONG_MS) {
        this.#reading = null; // The server ends each stream some time: nothing is lost by that.
        this.#look();
        return;
      }
    } catch (refusal) {
      if (refusal.status === 401) {
        this.#reading = null;
        return; // Whoever logs in starts it again.
      }
      ended = refusal.code === FULL ? "full" : "lost";
    }
    if (this.#reading === reading) {
      this.#reading = null;
      this.#become(ended);
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
    if (event === "stale") {
      database.away(data.since);
    } else if (event === "fresh") {
      database.here();
    }
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
