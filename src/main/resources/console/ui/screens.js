// The table of screens: what there is, for whom, and by which key.

import { html } from "lit";
import "./audit.js";
import "./dead.js";
import "./failures.js";
import "./health.js";
import "./job.js";
import "./jobs.js";
import "./limits.js";
import "./mailbox.js";
import "./mailboxes.js";
import "./overview.js";
import "./queues.js";

/**
 * key leads there after g; staff are those who look after all mailboxes; all draws the screen
 * itself, one what it lists.
 */
const screen = (name, key, all, one = all, staff = true) => ({
  name,
  title: name[0].toUpperCase() + name.slice(1),
  key,
  staff,
  all,
  one,
});

export const SCREENS = [
  screen("overview", "o", (at, me) => html`<overview-screen .address=${at} .me=${me}></overview-screen>`),
  screen(
    "mailboxes",
    "m",
    (at, me) => html`<mailboxes-screen .address=${at} .me=${me}></mailboxes-screen>`,
    (at, me) => html`<mailbox-screen .address=${at} .me=${me}></mailbox-screen>`,
    false,
  ),
  screen(
    "jobs",
    "j",
    (at, me) => html`<jobs-screen .address=${at} .me=${me}></jobs-screen>`,
    (at, me) => html`<job-screen .address=${at} .me=${me}></job-screen>`,
    false,
  ),
  screen(
    "failures",
    "f",
    (at, me) => html`<failures-screen .address=${at} .me=${me}></failures-screen>`,
    (at, me) => html`<dead-screen .address=${at} .me=${me}></dead-screen>`,
  ),
  screen("queues", "q", (at, me) => html`<queues-screen .address=${at} .me=${me}></queues-screen>`),
  screen("limits", "l", (at, me) => html`<limits-screen .address=${at} .me=${me}></limits-screen>`),
  screen("health", "h", (at, me) => html`<health-screen .address=${at} .me=${me}></health-screen>`),
  screen("audit", "a", (at, me) => html`<audit-screen .address=${at} .me=${me}></audit-screen>`),
];
