// The registrar's screen, the workqueues, and what waits for a person.
import { t, known } from "./texts.js";

export function screen(record) {
  const box = document.getElementById("screen");
  if (!record?.stage) {
    delete box.dataset.text;
    box.replaceChildren(paragraph("says", t("screen.nothing")));
    return;
  }
  const type = t(["birth", "death"].includes(record.type) ? `type.${record.type}` : "type.other");
  const parts = [paragraph("who", record.name ? `${record.name}` : type), paragraph("says", t(`seen.${record.stage}`))];
  const list = document.createElement("dl");
  row(list, t("screen.number"), record.number);
  if (record.type === "birth") {
    row(list, t("screen.nid"), record.nationalId ? t("screen.hidden", { digits: record.nationalId }) : null);
  }
  if (record.stage !== "rejected") parts.push(list);
  if (record.reason) parts.push(paragraph("reason", t("screen.reason", { reason: record.reason })));
  const text = parts.map((part) => part.textContent).join("|");
  // written only when it changed: a screen reader would read it out again
  if (box.dataset.text !== text) box.replaceChildren(...parts);
  box.dataset.text = text;
}

function row(list, name, value) {
  const term = document.createElement("dt");
  term.textContent = name;
  const given = document.createElement("dd");
  given.textContent = value ?? t("screen.none");
  if (!value) given.className = "none";
  list.append(term, given);
}

let counts = {};

export function queues(rows) {
  const list = document.getElementById("queues");
  if (!rows.length) {
    list.replaceChildren(paragraph("none", t("queues.none"), "li"));
    return;
  }
  const order = [...rows].sort((one, other) => weight(one) - weight(other));
  list.replaceChildren(
    ...order.map((queue) => {
      const item = document.createElement("li");
      const external = queue.slug === "in-external-validation";
      item.className = `${queue.count ? "some" : ""} ${external ? "external" : ""}`.trim();
      if (queue.slug in counts && counts[queue.slug] !== queue.count) item.classList.add("changed");
      item.dataset.queue = queue.slug;
      const key = `queue.${queue.slug}`;
      item.append(paragraph("", known(key) ? t(key) : queue.name, "span"), paragraph("count", queue.count, "span"));
      return item;
    }),
  );
  counts = Object.fromEntries(rows.map((queue) => [queue.slug, queue.count]));
}

// The queue of this rehearsal first, the others as OpenCRVS orders them.
function weight(queue) {
  return ["in-external-validation", "pending-registration", "in-review-all", "pending-updates"].indexOf(queue.slug) + 1 || 9;
}

// Whom the room has to help: what each record waits for, and who can do something about it.
export function people(records, cases, { help, decide }) {
  const list = document.getElementById("people");
  const focused = document.activeElement?.closest?.("#people button")?.dataset.key;
  const waiting = records.filter((record) => record.stage in OFFERS).reverse();
  const items = cases.map(({ number, wish, who }) =>
    waiter(who, t(`change.${wish}`), number, DECISIONS, (what, button) => decide(number, what === "approve", button)),
  );
  for (const record of waiting.slice(0, MOST)) {
    const press = (what, button) => help(record, what, button);
    items.push(waiter(record.name || record.tracking, advice(record), record.id, OFFERS[record.stage](record), press));
  }
  if (!items.length) items.push(paragraph("none", t("people.none"), "li"));
  if (waiting.length > MOST) items.push(paragraph("none", t("system.more", { many: waiting.length - MOST }), "li"));
  list.replaceChildren(...items);
  if (!focused) return;
  // whoever pressed a button that is gone goes on from its list, and not from the top of the page
  const same = list.querySelector(`[data-key="${CSS.escape(focused)}"]`);
  (same ?? document.getElementById("people-title")).focus({ preventScroll: true });
}

function waiter(who, words, id, offers, press) {
  const item = document.createElement("li");
  item.append(paragraph("who", who), paragraph("", words));
  const buttons = document.createElement("div");
  buttons.className = "buttons";
  for (const [what, key] of offers) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = t(key);
    button.dataset.key = `${what}-${id}`;
    button.dataset.operate = what;
    button.addEventListener("click", () => press(what, button));
    buttons.append(button);
  }
  if (buttons.childElementCount) item.append(buttons);
  return item;
}

const DECISIONS = [
  ["approve", "act.change-approve"],
  ["reject", "act.change-reject"],
];
const MOST = 5;
const OFFERS = {
  stuck: (record) => (record.bridge?.remedies ?? []).map((remedy) => [remedy, `act.operator-${remedy}`]),
  forgotten: (record) => (record.can.includes("release") ? [["release", "act.release"]] : []),
  unseen: () => [["restart", "act.restart"]],
  rejected: (record) => (record.can.includes("register") ? [["register", "act.register-again"]] : []),
};

function advice(record) {
  if (record.stage === "stuck") {
    const key = `stuck.${record.bridge?.reason}`;
    return known(key) ? t(key) : (record.bridge?.advice ?? t("stage.stuck"));
  }
  return t(record.stage === "forgotten" ? "stuck.forgotten" : `seen.${record.stage}`);
}

function paragraph(name, text, tag = "p") {
  const made = document.createElement(tag);
  if (name) made.className = name;
  made.textContent = String(text);
  return made;
}
