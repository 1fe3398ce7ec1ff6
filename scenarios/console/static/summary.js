// One printed page of what was shown: the stories told, the records and where they stand, what went over the lines.
import { isolated, t, moment } from "./texts.js";
import { sentence } from "./sentences.js";

const MOST = { lines: 14, records: 10 };

export function summary(frames, picture) {
  const steps = frames.flatMap((frame) => (frame.step && !frame.step.minor ? [frame.step] : []));
  const told = frames.flatMap((frame) => (frame.story?.name ? [frame.story] : []));
  const page = document.getElementById("summary");
  page.replaceChildren(
    made("h1", t("summary.title")),
    made("p", t("badge"), "badge"),
    made("p", t("summary.when", { at: picture.at ? moment(picture.at) : "", kit: picture.kit ?? "", profile: picture.profile ?? "" })),
    made("h2", t("summary.shown")),
    list(told.length ? stories(told) : steps.slice(-MOST.lines).map((step) => made("li", sentence(step)))),
    made("h2", t("summary.records")),
    records(picture.records),
    made("h2", t("summary.count")),
    list(counted(steps).map((text) => made("li", text))),
    made("p", t("summary.means"), "means"),
  );
}

// Each story once, with the narrator's lines of the steps that were shown.
function stories(told) {
  const steps = new Map();
  for (const story of told) steps.set(story.name, Math.max(steps.get(story.name) ?? 0, story.step));
  return [...steps].map(([name, last]) => {
    const item = made("li", t(`story.${name}`));
    const said = Array.from({ length: last }, (_, at) => t(`story.${name}.${at + 1}`)).join(" ");
    item.append(made("p", said));
    return item;
  });
}

function counted(steps) {
  const many = (wanted) => steps.filter(wanted).length;
  return [
    t("summary.messages", { many: many((step) => ["message", "reply"].includes(step.kind)) }),
    t("summary.troubles", { many: many((step) => !step.good) }),
    t("summary.moves", { many: many((step) => step.kind === "time") }),
  ];
}

function records(rows) {
  const table = document.createElement("table");
  for (const record of rows.slice(-MOST.records).reverse()) {
    const row = table.insertRow();
    for (const cell of [record.name || record.tracking, t(`stage.${record.stage}`), record.number ?? record.reason ?? ""]) {
      row.insertCell().textContent = isolated(cell);
    }
  }
  if (rows.length > MOST.records) table.insertRow().insertCell().textContent = t("system.more", { many: rows.length - MOST.records });
  return table;
}

function list(items) {
  const box = document.createElement("ul");
  box.append(...items);
  return box;
}

function made(tag, text, name = "") {
  const element = document.createElement(tag);
  element.textContent = text;
  if (name) element.className = name;
  return element;
}
