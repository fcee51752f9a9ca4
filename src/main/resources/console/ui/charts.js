// How many jobs began, were done and failed, as this page has heard of it: up to the last hour.

import { LitElement, html, nothing } from "lit";
import { live } from "./events.js";
import { number, plural } from "./format.js";

const STEP_MS = 10_000;
const STEPS = 360;
const DONE = ["completed", "skipped", "ended"];
const DRAW_MS = 2_000;

/** Counts of each ten seconds; kept while the page is open, whatever screen is shown. */
class Flow {
  #steps = new Map();
  since = Date.now();

  constructor() {
    live.addEventListener("event", ({ detail: { name, data } }) => {
      if (name === "jobs") {
        this.#add(data.counts);
      }
    });
  }

  #add(counts) {
    const at = Math.floor(Date.now() / STEP_MS) * STEP_MS;
    const step = this.#steps.get(at) ?? { began: 0, done: 0, failed: 0 };
    for (const states of Object.values(counts)) {
      step.began += states.running ?? 0;
      step.failed += states.dead ?? 0;
      step.done += DONE.reduce((sum, name) => sum + (states[name] ?? 0), 0);
    }
    this.#steps.set(at, step);
    if (this.#steps.size > STEPS) {
      this.#steps.delete(this.#steps.keys().next().value);
    }
  }

  /** One entry for each step, also where nothing was heard. */
  series() {
    const last = Math.floor(Date.now() / STEP_MS) * STEP_MS;
    const first = Math.max(
      Math.floor(this.since / STEP_MS) * STEP_MS,
      last - (STEPS - 1) * STEP_MS,
    );
    const all = [];
    for (let at = first; at <= last; at += STEP_MS) {
      all.push({ at, ...(this.#steps.get(at) ?? { began: 0, done: 0, failed: 0 }) });
    }
    return all;
  }
}

export const FLOW = new Flow();

class FlowChart extends LitElement {
  static properties = { sums: { state: true } };

  #chart = null;
  #timer = 0;
  #dark = matchMedia("(prefers-color-scheme: dark)");

  createRenderRoot() {
    return this;
  }

  connectedCallback() {
    super.connectedCallback();
    this.#timer = setInterval(() => document.hidden || this.#draw(), DRAW_MS);
    this.#dark.addEventListener("change", this.#anew);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.#timer);
    this.#dark.removeEventListener("change", this.#anew);
    this.#chart?.destroy();
    this.#chart = null;
  }

  async firstUpdated() {
    const chart = await import("chart.js").catch(() => null);
    if (!chart || !this.isConnected) {
      return; // The sums below it say the same.
    }
    const { Chart, LineController, LineElement, PointElement, LinearScale, CategoryScale } = chart;
    Chart.register(LineController, LineElement, PointElement, LinearScale, CategoryScale);
    Chart.register(chart.Legend, chart.Tooltip);
    this.#make = () => new Chart(this.querySelector("canvas"), this.#settings());
    this.#anew();
  }

  #make = () => null;

  #anew = () => {
    this.#chart?.destroy();
    this.#chart = this.#make();
    this.#draw();
  };

  #settings() {
    const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    const line = (label, name, dash = []) => ({
      label,
      data: [],
      borderColor: colour(name),
      backgroundColor: colour(name),
      borderWidth: 1.5,
      borderDash: dash,
      pointRadius: 0,
    });
    const axis = { ticks: { color: colour("--quiet"), maxTicksLimit: 6 }, grid: { color: colour("--line") } };
    return {
      type: "line",
      data: {
        labels: [],
        datasets: [line("begun", "--moving", [4, 3]), line("done", "--done"), line("failed", "--bad")],
      },
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
    const series = FLOW.series();
    const sum = (name) => series.reduce((all, step) => all + step[name], 0);
    this.sums = { steps: series.length, began: sum("began"), done: sum("done"), failed: sum("failed") };
    if (!this.#chart) {
      return;
    }
    const { data } = this.#chart;
    data.labels = series.map(({ at }) => new Date(at).toLocaleTimeString("en-GB"));
    ["began", "done", "failed"].forEach((name, i) => {
      data.datasets[i].data = series.map((step) => step[name]);
    });
    this.#chart.update();
  }

  render() {
    const { steps, began, done, failed } = this.sums ?? {};
    return html`
      <div class="chart"><canvas role="img" aria-label="Jobs begun, done and failed in each ten seconds"></canvas></div>
      ${this.sums
        ? html`
            <p class="quiet">
              In the ${plural(Math.ceil(steps / 6), "minute")} since this page was opened:
              ${number(began)} begun, ${number(done)} done, ${number(failed)} failed for good; jobs in
              each 10 s.
            </p>
          `
        : nothing}
    `;
  }
}

customElements.define("flow-chart", FlowChart);
