// Figures and times as people read them.

const whole = new Intl.NumberFormat("en");
const digit = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const time = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
const moment = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "long" });

/** With one digit behind the point at the most. */
export const oneDigit = (n) => digit.format(n);

export const number = (n) => (n == null ? "" : whole.format(n));

/** A count that was not taken further than a bound. */
export const upTo = (n, bound) => (n >= bound ? `${whole.format(bound)}+` : whole.format(n));

export const plural = (n, one, many = `${one}s`) => `${whole.format(n)} ${n === 1 ? one : many}`;

const SIZES = ["bytes", "KiB", "MiB", "GiB", "TiB"];

/** 1.5 MiB. */
export function bytes(n) {
  const power = n > 0 ? Math.min(SIZES.length - 1, Math.floor(Math.log2(n) / 10)) : 0;
  return `${digit.format(n / 1024 ** power)} ${SIZES[power]}`;
}

/** In whatever currency the prices are. */
export const money = (n) => n.toFixed(n > 0 && n < 1 ? 4 : 2);

/** 1.5/s; small rates by the minute. */
export function rate(perSecond) {
  if (!(perSecond > 0)) {
    return "0/s";
  }
  return perSecond < 0.1
    ? `${digit.format(60 * perSecond)}/min`
    : `${digit.format(perSecond)}/s`;
}

/** 100 % is said only of what is done. */
export const percent = (part, all) =>
  all > 0 ? `${digit.format(Math.floor((part / all) * 1000) / 10)} %` : "";

/** Two units at the most. */
export function duration(ms) {
  if (ms == null) {
    return "";
  }
  if (ms < 1000) {
    return `${Math.round(ms)} ms`;
  }
  const s = Math.round(ms / 1000);
  if (s < 60) {
    return ms < 10_000 ? `${digit.format(ms / 1000)} s` : `${s} s`;
  }
  if (s < 3600) {
    return `${Math.floor(s / 60)} min ${s % 60} s`;
  }
  return s < 86_400
    ? `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`
    : `${Math.floor(s / 86_400)} d ${Math.floor((s % 86_400) / 3600)} h`;
}

/** 5 minutes ago, in 3 hours. */
export function ago(iso, now = Date.now()) {
  const s = Math.round((Date.parse(iso) - now) / 1000);
  for (const [unit, seconds] of [
    ["day", 86_400],
    ["hour", 3600],
    ["minute", 60],
  ]) {
    if (Math.abs(s) >= seconds) {
      return relative.format(Math.trunc(s / seconds), unit);
    }
  }
  return relative.format(s, "second");
}

/** The time of day. */
export const clock = (iso) => time.format(new Date(iso));

/** In the zone of who reads it, which is named, and the instant itself. */
export const exact = (iso) => {
  const { timeZone } = moment.resolvedOptions();
  return `${moment.format(new Date(iso))}, ${timeZone} (${iso})`;
};

/** What was stored as JSON, to be read by people: what has lines, such as a stack, is shown over lines. */
export const json = (value) =>
  typeof value === "string"
    ? value
    : JSON.stringify(value, null, 2).replace(/\\(.)/g, (both, one) => (one === "n" ? "\n    " : both));

/** How fast a count grows, from what was seen of it lately. */
export class Rate {
  #samples = [];

  constructor(windowMs = 20_000) {
    this.windowMs = windowMs;
  }

  see(value, now = performance.now()) {
    const last = this.#samples.at(-1);
    if (last && value < last.value) {
      this.#samples = []; // A new run counts from 0 again.
    }
    this.#samples.push({ value, now });
  }

  /** Per second; a count of which nothing is heard has not moved. */
  perSecond(now = performance.now()) {
    while (this.#samples.length > 1 && this.#samples[1].now <= now - this.windowMs) {
      this.#samples.shift();
    }
    const first = this.#samples[0];
    const seconds = first ? (now - Math.max(first.now, now - this.windowMs)) / 1000 : 0;
    return seconds < 1 ? 0 : (this.#samples.at(-1).value - first.value) / seconds;
  }
}
