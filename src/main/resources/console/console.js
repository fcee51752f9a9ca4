// Shows what the server tells and computes only what follows from successive events: rates and
// time left. Whatever comes from outside is set as text, never as markup.

const WINDOW_MS = 10_000;
const RECONNECT_MS = 5_000;
const PHASES = {
  none: "not started",
  list: "listing and fetching",
  history: "catching up",
  recount: "checking the listing",
  labels: "comparing labels",
  sweep: "checking what is not listed",
  complete: "in sync",
};

const number = new Intl.NumberFormat("en");
const oneDigit = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const byId = (id) => document.getElementById(id);

/** How fast a count grows, from what was seen of it in the last seconds. */
class Rate {
  #samples = [];

  see(value, now) {
    const last = this.#samples.at(-1);
    if (last && value < last.value) {
      this.#samples = []; // A new run counts from 0 again.
    }
    this.#samples.push({ value, now });
  }

  /** Per second; a count of which nothing is heard has not moved. */
  perSecond(now) {
    while (this.#samples.length > 1 && this.#samples[1].now <= now - WINDOW_MS) {
      this.#samples.shift();
    }
    const first = this.#samples[0];
    const seconds = first ? (now - Math.max(first.now, now - WINDOW_MS)) / 1000 : 0;
    return seconds < 1 ? 0 : (this.#samples.at(-1).value - first.value) / seconds;
  }
}

const mailboxes = new Map(); // By user: what was told last.
const rates = new Map();
const rows = new Map();
const storedRate = new Rate();
const accountedRate = new Rate();
let order = [];
let totals = null;
let rest = 0;
let at = null;
let drawing = false;

function setText(node, text) {
  if (node.textContent !== text) {
    node.textContent = text;
  }
}

function link(state, sentence) {
  document.body.dataset.link = state;
  setText(byId("link"), sentence);
}

function asOf() {
  return at ? ` Figures as of ${new Date(at).toLocaleTimeString()}.` : "";
}

// What was told

function begin(snapshot) {
  mailboxes.clear();
  order = snapshot.mailboxes.map((mailbox) => mailbox.user);
  const { version, profile, timeScale } = snapshot.running;
  const scale = timeScale === 1 ? "real time" : `${oneDigit.format(timeScale)} times real time`;
  setText(byId("running"), `${version} · quota profile ${profile} · ${scale}`);
  hear(snapshot);
}

function hear(news) {
  const now = performance.now();
  for (const mailbox of news.mailboxes) {
    mailboxes.set(mailbox.user, mailbox);
  }
  order = news.order ?? order;
  const shown = new Set(order);
  for (const known of [mailboxes, rates]) {
    for (const user of known.keys()) {
      if (!shown.has(user)) {
        known.delete(user);
      }
    }
  }
  for (const mailbox of news.mailboxes) {
    if (!rates.has(mailbox.user)) {
      rates.set(mailbox.user, new Rate());
    }
    rates.get(mailbox.user).see(mailbox.accounted, now);
  }
  storedRate.see(news.totals.stored, now);
  accountedRate.see(news.totals.accounted, now);
  ({ totals, rest, at } = news);
  link("live", "Live");
  draw();
}

// How it looks

function draw() {
  if (drawing || document.hidden) {
    return; // A hidden page is drawn when it is looked at again.
  }
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    if (totals) {
      const now = performance.now();
      drawTotals(now);
      drawRows(now);
    }
  });
}

function drawTotals(now) {
  const count = `${number.format(totals.mailboxes)}${totals.atLeast ? "+" : ""}`;
  const all = totals.accounted + totals.remaining;
  byId("overview").hidden = totals.mailboxes === 0;
  const whole = byId("whole");
  whole.max = Math.max(1, all);
  whole.value = totals.accounted;
  whole.classList.toggle("done", totals.inSync === totals.mailboxes);
  const left = timeLeft(totals.remaining, accountedRate.perSecond(now));
  const trouble = totals.inTrouble ? ` · ${number.format(totals.inTrouble)} need attention` : "";
  setText(byId("whole-text"), progressText(totals.accounted, all) + (left && ` · ${left}`) + trouble);
  setText(byId("in-sync"), `${number.format(totals.inSync)} of ${count}`);
  setText(byId("stored"), number.format(totals.stored));
  setText(byId("rate"), oneDigit.format(storedRate.perSecond(now)));
  setText(byId("units"), number.format(totals.unitsSpent));
  const stuck = totals.jobsDead ? ` + ${number.format(totals.jobsDead)} dead` : "";
  setText(byId("jobs"), number.format(totals.jobsLeft) + stuck);
  setText(byId("dead"), number.format(totals.deadLettered));

  setText(byId("none"), "No mailbox is connected yet. Each appears here as soon as it is.");
  byId("none").hidden = order.length > 0;
  byId("mailboxes").hidden = order.length === 0;
  setText(
    byId("rest"),
    `and ${number.format(rest)}${totals.atLeast ? " or more" : ""} others; those not in sync are shown first`,
  );
  byId("rest").hidden = rest === 0 && !totals.atLeast;
}

function drawRows(now) {
  for (const [user, row] of rows) {
    if (!mailboxes.has(user)) {
      row.element.remove();
      rows.delete(user);
    }
  }
  let before = null;
  for (const user of order) {
    const row = rows.get(user) ?? makeRow(user);
    const place = before ? before.nextSibling : byId("rows").firstChild;
    if (place !== row.element) {
      byId("rows").insertBefore(row.element, place);
    }
    before = row.element;
    drawRow(row, mailboxes.get(user), rates.get(user).perSecond(now));
  }
}

function makeRow(user) {
  const element = byId("row").content.firstElementChild.cloneNode(true);
  const row = { element };
  for (const node of element.querySelectorAll("[data-of]")) {
    row[node.dataset.of] = node;
  }
  rows.set(user, row);
  return row;
}

function drawRow(row, mailbox, perSecond) {
  const done = mailbox.phase === "complete";
  const { accounted } = mailbox;
  const all = done ? accounted : Math.max(mailbox.estimate, accounted);
  setText(row.email, mailbox.email);
  setText(row.trouble, mailbox.trouble ?? "");
  row.trouble.hidden = !mailbox.trouble;
  setText(row.phase, PHASES[mailbox.phase] ?? mailbox.phase);
  row.phase.classList.toggle("done", done);
  row.bar.max = Math.max(1, all);
  row.bar.value = done ? row.bar.max : accounted;
  row.bar.classList.toggle("done", done);
  row.bar.setAttribute("aria-label", `Messages of ${mailbox.email} accounted for`);
  setText(row.progress, mailbox.phase === "none" ? "" : progressText(accounted, all));
  for (const name of ["stored", "duplicate", "gone", "deadLettered", "unitsSpent"]) {
    setText(row[name], number.format(mailbox[name]));
  }
  setText(row.rate, perSecond > 0 && !done ? `${oneDigit.format(perSecond)}/s` : "");
  setText(row.left, done ? "" : timeLeft(all - accounted, perSecond));
}

/** 100 % is said only of what is done. */
function progressText(part, all) {
  const percent = all > 0 ? ` (${oneDigit.format(Math.floor((part / all) * 1000) / 10)} %)` : "";
  return `${number.format(part)} of ${number.format(all)} messages${percent}`;
}

/** Two units at the most; nothing where it cannot be told. */
function timeLeft(count, perSecond) {
  if (count <= 0 || perSecond <= 0) {
    return "";
  }
  const s = Math.ceil(count / perSecond);
  if (s < 60) {
    return `${s} s`;
  }
  if (s < 3600) {
    return `${Math.floor(s / 60)} min ${s % 60} s`;
  }
  return s < 86_400
    ? `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`
    : `${Math.floor(s / 86_400)} d ${Math.floor((s % 86_400) / 3600)} h`;
}

// The stream

function connect() {
  const stream = new EventSource("/events");
  stream.addEventListener("snapshot", (event) => begin(JSON.parse(event.data)));
  stream.addEventListener("state", (event) => hear(JSON.parse(event.data)));
  stream.addEventListener("stale", (event) => {
    link("stale", JSON.parse(event.data).sentence + asOf());
    if (!totals) {
      setText(byId("none"), "No figures are known yet.");
    }
  });
  stream.addEventListener("error", () => {
    link("lost", `The connection to Millrace is lost; trying again.${asOf()}`);
    // After a refusal (too many readers, say) the browser does not try again by itself.
    if (stream.readyState === EventSource.CLOSED) {
      setTimeout(connect, RECONNECT_MS);
    }
  });
}

document.addEventListener("visibilitychange", draw);
setInterval(draw, 1000); // Rates fall and times pass without an event as well.
connect();
