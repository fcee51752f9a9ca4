// The last hour as the server kept it: one line for each of what is asked for.

import { LitElement, html, nothing } from "lit";
import { number, plural } from "./format.js";

const MOST_LINES = 8;
const ENDS = ["completed", "skipped", "cancelled", "dead"];
const DONE = ["completed", "skipped"];
const BY = {
  whole: "In, done and failed",
  kind: "Ended, by kind",
  queue: "Ended, by queue",
  state: "Ended, by state",
  node: "Running, by process",
  stored: "Messages stored by full syncs",
};
const COLOURS = ["--moving", "--done", "--bad", "--warn", "--violet", "--teal", "--quiet", "--text"];
const DASHES = [[], [6, 3], [2, 2], [8, 3, 2, 3]];

/** The sum of the series that are meant: where they say nothing, nothing happened or it is not known. */
function sum(flow, meant, name, nothingSaid = 0) {
  const points = Array(flow.minutes).fill(nothingSaid);
  for (const series of flow.series.filter(meant)) {
    series.points.forEach((n, i) => (points[i] = n === null ? points[i] : (points[i] ?? 0) + n));
  }
  const total = points.every((n) => n === null) ? null : points.reduce((all, n) => all + (n ?? 0), 0);
  return { name, points, total };
}

/** A line for each name; of many names the greatest, and the others together. */
function split(flow, meant, name) {
  const names = [...new Set(flow.series.filter(meant).map(name))];
  const all = names
    .map((one) => sum(flow, (series) => meant(series) && name(series) === one, one))
    .sort((one, other) => other.total - one.total);
  const shown = all.slice(0, MOST_LINES - 1);
  const rest = new Set(all.slice(shown.length).map((line) => line.name));
  return rest.size === 0
    ? shown
    : [...shown, sum(flow, (series) => meant(series) && rest.has(name(series)), "all others")];
}

const is = (measures) => (series) => measures.includes(series.measure);

export function flowLines(flow, by) {
  switch (by) {
    case "kind":
      return split(flow, is(ENDS), ({ of }) => of);
    case "queue":
      return split(flow, is(ENDS), ({ queue }) => queue ?? "none");
    case "state":
      return split(flow, is(ENDS), ({ measure }) => measure);
    case "node":
      return split(flow, is(["running"]), ({ of }) => of);
    case "stored":
      return [sum(flow, is(["stored"]), "messages", null)];
    default:
      return [
        sum(flow, is(["came"]), "in", null),
        sum(flow, is(DONE), "done"),
        sum(flow, is(["dead"]), "failed"),
      ];
  }
}

class FlowChart extends LitElement {
  static properties = { flow: { attribute: false }, by: { state: true } };

  #chart = null;
  #library = null;
  #dark = matchMedia("(prefers-color-scheme: dark)");

  constructor() {
    super();
    this.by = "whole";
  }

  createRenderRoot() {
    return this;
  }

  connectedCallback() {
    super.connectedCallback();
    this.#dark.addEventListener("change", this.#anew);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#dark.removeEventListener("change", this.#anew);
    this.#forget();
  }

  async firstUpdated() {
    const chart = await import("chart.js").catch(() => null);
    if (!chart || !this.isConnected) {
      return; // The sums below it say the same.
    }
    const { Chart, LineController, LineElement, PointElement, LinearScale, CategoryScale } = chart;
    Chart.register(LineController, LineElement, PointElement, LinearScale, CategoryScale);
    Chart.register(chart.Legend, chart.Tooltip);
    this.#library = Chart;
    this.#draw();
  }

  updated() {
    this.#draw();
  }

  #forget() {
    this.#chart?.destroy();
    this.#chart = null;
  }

  #anew = () => {
    this.#forget();
    this.#draw();
  };

  #settings() {
    const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    const axis = { ticks: { color: colour("--quiet"), maxTicksLimit: 6 }, grid: { color: colour("--line") } };
    return {
      type: "line",
      data: { labels: [], datasets: [] },
      options: {
        animation: false,
        maintainAspectRatio: false,
        interaction: { mode: "index", intersect: false },
        plugins: { legend: { labels: { color: colour("--text"), boxHeight: 1 } } },
        scales: { x: axis, y: { ...axis, beginAtZero: true } },
      },
    };
  }

  #draw() {
    if (!this.#library || !this.flow) {
      return;
    }
    const canvas = this.querySelector("canvas");
    this.#chart ??= new this.#library(canvas, this.#settings());
    const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    const begin = Date.parse(this.flow.from);
    const { data } = this.#chart;
    data.labels = Array.from({ length: this.flow.minutes }, (_, i) =>
      new Date(begin + i * 60_000).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" }),
    );
    data.datasets = flowLines(this.flow, this.by).map((line, i) => ({
      label: line.name,
      data: line.points,
      borderColor: colour(COLOURS[i % COLOURS.length]),
      backgroundColor: colour(COLOURS[i % COLOURS.length]),
      borderWidth: 1.5,
      borderDash: DASHES[i % DASHES.length],
      pointRadius: 0,
    }));
    this.#chart.update();
  }

  render() {
    const lines = this.flow ? flowLines(this.flow, this.by) : [];
    const said = lines.map(({ name, points, total }) =>
      this.by === "node"
        ? `${name} at most ${plural(Math.max(0, ...points), "run")} at once`
        : `${name} ${total === null ? "unknown" : number(total)}`,
    );
    return html`
      <p class="inline">
        <label for="flow-by">Show</label>
        <select id="flow-by" @change=${({ target }) => (this.by = target.value)}>
          ${Object.entries(BY).map(
            ([by, title]) => html`<option value=${by} ?selected=${by === this.by}>${title}</option>`,
          )}
        </select>
      </p>
      <div class="chart">
        <canvas role="img" aria-label="${BY[this.by]} in each minute of the last hour"></canvas>
      </div>
      ${this.flow
        ? html`
            <p class="quiet">
              In the last hour, by the minute: ${said.length === 0 ? "nothing" : said.join(", ")}.
            </p>
          `
        : nothing}
    `;
  }
}

customElements.define("flow-chart", FlowChart);
