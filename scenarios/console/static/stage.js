// The three systems side by side, and the records in them.
import { t } from "./texts.js";
import { spark, travel } from "./motion.js";

const SYSTEMS = ["opencrvs", "bridge", "nid"];
const LINES = ["opencrvs", "nid"];
const MOST = { opencrvs: 4, bridge: 5, nid: 5 };
const cards = new Map();

export function show(picture, chosen, choose) {
  for (const name of SYSTEMS) systemState(name, picture.systems[name]);
  for (const name of LINES) lineState(name, picture.lines[name]);
  const before = new Map([...cards].map(([id, card]) => [id, card.getBoundingClientRect()]));
  const focused = document.activeElement?.closest?.("[data-record]")?.dataset.record;
  const gone = new Set(cards.keys());
  for (const name of SYSTEMS) {
    const here = picture.records.filter((record) => record.at === name).reverse();
    here.sort((one, other) => rank(one, chosen) - rank(other, chosen));
    const list = document.querySelector(`#system-${name} .cards`);
    const shown = here.slice(0, MOST[name]);
    const items = shown.map((record) => {
      gone.delete(record.id);
      return card(record, record.id === chosen, choose);
    });
    const rest = [];
    if (!items.length) rest.push(line("none", t("system.empty")));
    if (here.length > shown.length) rest.push(line("more", t("system.more", { many: here.length - shown.length })));
    list.replaceChildren(...items, ...rest);
  }
  for (const id of gone) cards.delete(id);
  if (focused) document.querySelector(`[data-record="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  for (const [id, item] of cards) travel(item, before.get(id));
}

// What waits comes first, what is over last; the chosen one never falls out of the list.
function rank(record, chosen) {
  if (record.id === chosen) return -1;
  return record.stage === "registered" ? 1 : 0;
}

function systemState(name, up) {
  const system = document.getElementById(`system-${name}`);
  const unseen = document.body.classList.contains("unseen");
  system.classList.toggle("down", !up || unseen);
  system.querySelector(".state").textContent = t(unseen ? "system.unseen" : up ? "system.up" : "system.down");
}

function lineState(name, state) {
  const wire = document.getElementById(`wire-${name}`);
  const cut = state === "cut";
  wire.classList.toggle("cut", cut);
  wire.querySelector(".state").textContent = t(`line.${state}`);
  const button = wire.querySelector("button");
  button.textContent = t(cut ? "act.mend" : "act.cut");
  button.setAttribute("aria-label", t(`${cut ? "act.mend" : "act.cut"}.${name}`));
  button.dataset.cut = String(!cut);
}

function card(record, pressed, choose) {
  let item = cards.get(record.id);
  if (!item) {
    item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    for (const part of ["who", "kind", "stagename"]) {
      const span = document.createElement("span");
      span.className = part;
      button.append(span);
    }
    button.dataset.record = record.id;
    button.addEventListener("click", () => choose(record.id));
    item.append(button);
    cards.set(record.id, item);
  }
  const button = item.firstElementChild;
  button.className = ["record", record.type, record.stage, record.alarm ? "alarm" : ""].join(" ").trim();
  button.setAttribute("aria-pressed", String(pressed));
  button.querySelector(".who").textContent = record.name || record.tracking;
  const type = t(["birth", "death"].includes(record.type) ? `type.${record.type}` : "type.other");
  button.querySelector(".kind").textContent = record.tracking ? t("record.kind", { type, tracking: record.tracking }) : type;
  button.querySelector(".stagename").textContent = record.stage ? t(`stage.${record.stage}`) : "";
  return item;
}

function line(kind, text) {
  const item = document.createElement("li");
  item.className = kind;
  item.textContent = text;
  return item;
}

// A step between neighbours lets a letter run along their line.
export function letter(step) {
  const places = { opencrvs: 0, bridge: 1, nid: 2 };
  const [a, b] = [places[step.from], places[step.to]];
  if (a === undefined || b === undefined || a === b) return;
  spark(document.getElementById(`wire-${Math.max(a, b) === 1 ? "opencrvs" : "nid"}`), b > a, step.good);
}
