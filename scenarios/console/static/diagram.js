// The sequence diagram: rows of an ordered list, drawn over lanes.
import { t, moment } from "./texts.js";
import { short, direction } from "./sentences.js";
import { still } from "./motion.js";

const ORDER = ["registrar", "opencrvs", "bridge", "nid", "operator", "stranger"];
const ALWAYS = ["registrar", "opencrvs", "bridge", "nid"];
const MOST = 400;

const box = document.getElementById("diagram");
const heads = document.getElementById("lanes");
const rows = document.getElementById("rows");
const empty = document.getElementById("diagram-empty");
let steps = [];
let lanes = ALWAYS;
let follows = true; // until a person scrolls up

export function clear() {
  steps = [];
  lanes = ALWAYS;
  rows.replaceChildren();
  drawHeads();
  empty.hidden = false;
}

export function add(step, { instant = false } = {}) {
  steps.push(step);
  const wanted = [step.from, step.to].filter((lane) => ORDER.includes(lane) && !lanes.includes(lane));
  if (wanted.length) {
    lanes = ORDER.filter((lane) => lanes.includes(lane) || wanted.includes(lane));
    redraw();
    return;
  }
  append(step, !instant && !still());
  if (follows && !instant) toEnd();
}

for (const how of ["wheel", "touchmove", "keyup", "pointerup"]) {
  const look = () => {
    follows = box.scrollTop + box.clientHeight > box.scrollHeight - 80;
  };
  box.addEventListener(how, () => requestAnimationFrame(look), { passive: true });
}
// another size of the window, or the presenter's view
new ResizeObserver(() => follows && box.scrollTo({ top: box.scrollHeight })).observe(box);

export function toEnd() {
  follows = true;
  box.scrollTo({ top: box.scrollHeight, behavior: still() ? "auto" : "smooth" });
}

// Draw everything again: another language, or another lane.
export function redraw() {
  rows.replaceChildren();
  drawHeads();
  for (const step of steps) append(step, false);
  box.scrollTop = box.scrollHeight;
}

function drawHeads() {
  box.style.setProperty("--lanes", lanes.length);
  heads.replaceChildren(
    ...lanes.map((lane) => {
      const head = document.createElement("span");
      head.className = lane;
      head.textContent = t(`lane.${lane}`);
      return head;
    }),
  );
}

function append(step, fresh) {
  const row = document.createElement("li");
  row.className = classes(step, fresh);
  const a = Math.max(lanes.indexOf(step.from), 0);
  const b = Math.max(lanes.indexOf(step.to), 0);
  row.style.setProperty("--a", a);
  row.style.setProperty("--b", b);
  if (step.kind === "note" && !lanes.includes(step.from)) row.classList.add("wide");
  row.append(clocktime(step), words(step));
  if (step.kind === "message" || step.kind === "reply") {
    const arrow = document.createElement("span");
    arrow.className = "arrow";
    arrow.setAttribute("aria-hidden", "true");
    row.append(arrow);
  }
  if (step.wire || step.sent || step.got) row.append(raw(step));
  rows.append(row);
  if (!step.minor) empty.hidden = true;
  while (rows.children.length > MOST) rows.firstElementChild.remove();
}

function classes(step, fresh) {
  const names = ["row", step.kind];
  if (lanes.indexOf(step.to) !== lanes.indexOf(step.from)) {
    names.push(lanes.indexOf(step.to) > lanes.indexOf(step.from) ? "right" : "left");
  }
  if (!step.good) names.push("bad");
  if (step.minor) names.push("minor");
  if (fresh) names.push("fresh");
  return names.join(" ");
}

function clocktime(step) {
  const time = document.createElement("span");
  time.className = "clocktime";
  time.textContent = step.kind === "time" ? "" : moment(step.at, { date: false, seconds: true });
  return time;
}

function words(step) {
  const line = document.createElement("p");
  line.className = "words";
  const way = direction(step);
  if (way) {
    const hidden = document.createElement("span");
    hidden.className = "hidden";
    hidden.textContent = `${way} `;
    line.append(hidden);
  }
  line.append(short(step));
  if (step.status !== null) line.append(" ", chip(String(step.status), "status"));
  else if (!step.good && (step.kind === "message" || step.kind === "reply")) line.append(" ", chip(t("diagram.silence")));
  if (step.injected.length) line.append(" ", chip(t("diagram.injected"), "injected"));
  return line;
}

// The exchange as it was on the wire, masked by the system that saw it; for those who ask for technical steps.
function raw(step) {
  const details = document.createElement("details");
  details.className = "raw";
  const head = document.createElement("summary");
  head.textContent = `${step.wire} ${step.status ?? ""}`.trim();
  const body = document.createElement("pre");
  body.tabIndex = 0;
  body.textContent = [step.sent, step.got].filter(Boolean).map(pretty).join("\n\n");
  details.append(head, body);
  return details;
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function chip(text, kind = "") {
  const made = document.createElement("span");
  made.className = `chip ${kind}`.trim();
  made.textContent = text;
  return made;
}
