// The page as a whole: frames come in, people act.
import { language, languages, moment, preferred, speak, t } from "./texts.js";
import { sentence } from "./sentences.js";
import { ask, askReason, busy, calm, trouble } from "./acts.js";
import { Pacing } from "./pacing.js";
import { Replay } from "./replay.js";
import { Narrator } from "./narrator.js";
import { summary } from "./summary.js";
import * as diagram from "./diagram.js";
import * as panels from "./panels.js";
import * as stage from "./stage.js";

const MANY = 4; // records: with more of them there is a search
const NOTHING = {
  at: null,
  answers: "ask",
  systems: { opencrvs: true, bridge: true, nid: true },
  lines: { opencrvs: "whole", nid: "whole" },
  records: [],
  cases: [],
  queues: [],
};

let frames = []; // of the live session, all of them, to come back to after a replay
let picture = NOTHING;
let lastStep = null;
let chosen = null;
let newest = null;
let found = null; // what was searched for: the ids of the records
const pacing = new Pacing(showFrame);

// what is shown

function showFrame(frame, instant) {
  if (frame.step) {
    diagram.add(frame.step, { instant });
    if (!frame.step.minor) {
      lastStep = frame.step;
      if (!instant) stage.letter(frame.step);
      headline();
    }
    if (replay.on && !frame.step.minor) imagine(frame.step);
  } else if (frame.story) {
    narrator.told(frame.story);
    headline();
  } else if (frame.picture) {
    picture = frame.picture;
    showPicture();
  }
}

// Many at once: of the pictures only the last is drawn.
function showAll(many) {
  const last = many.findLastIndex((frame) => frame.picture);
  many.forEach((frame, at) => {
    if (!frame.picture || at === last) showFrame(frame, true);
  });
  diagram.toEnd();
}

// What just happened; while a story is told, the narrator's line above it.
function headline() {
  const just = lastStep ? sentence(lastStep) : t("now.nothing");
  const when = lastStep ? moment(lastStep.at, { seconds: true }) : "";
  const telling = narrator.story !== null;
  say("now-title", telling ? narrator.title : t("now.title"));
  say("now", telling ? narrator.line : just);
  say("now-when", telling ? just : when);
  document.querySelector(".now").classList.toggle("bad", Boolean(lastStep) && !lastStep.good && !telling);
  if (lastStep) showClock(lastStep.at);
}

function say(id, text) {
  const box = document.getElementById(id);
  if (box.textContent !== text) box.textContent = text;
}

function showClock(at) {
  const clock = document.getElementById("clock");
  clock.dateTime = at;
  clock.textContent = moment(at);
}

function showPicture() {
  const records = picture.records;
  const last = records.at(-1)?.id ?? null;
  if (last !== newest) {
    newest = last;
    if (!found) chosen = last;
  }
  if (!records.some((record) => record.id === chosen)) chosen = last;
  const record = records.find((one) => one.id === chosen) ?? null;
  if (picture.at) showClock(picture.at);
  const shown = found ? records.filter((one) => found.includes(one.id)) : records;
  stage.show({ ...picture, records: shown }, chosen, choose);
  panels.screen(record);
  panels.queues(picture.queues);
  panels.people(records, picture.cases ?? [], { help, decide });
  document.getElementById("find").hidden = records.length <= MANY;
  document.getElementById("chosen").textContent = record
    ? t("chosen", { who: record.name || record.tracking })
    : t("chosen.none");
  for (const button of document.querySelectorAll("[data-act]")) {
    button.setAttribute("aria-disabled", String(Boolean(whyNot(button.dataset.act, record))));
  }
  const register = document.querySelector("[data-act=register]");
  register.textContent = t(record?.stage === "rejected" ? "act.register-again" : "act.register");
  document.querySelector("[data-act=ask-change]").textContent = t(`act.${asked(record) ?? "ask-change"}`);
  for (const radio of document.querySelectorAll("[name=answers]")) radio.checked = radio.value === picture.answers;
}

function choose(id) {
  chosen = id;
  showPicture();
}

// A run of the engine has no pictures: its record is where the last message went.
function imagine(step) {
  if (!document.body.classList.contains("imagined")) return;
  const at = ["opencrvs", "bridge", "nid"].includes(step.to) ? step.to : picture.records[0]?.at;
  const name = replay.chapter.title || replay.chapter.name;
  picture = { ...NOTHING, at: step.at, records: at ? [{ id: "story", type: "story", name, at, can: [] }] : [] };
  showPicture();
}

// what people do

// What the civil registry may ask about the identity of this record.
function asked(record) {
  return record?.can.find((one) => one.startsWith("ask-"));
}

function whyNot(act, record) {
  if (!["register", "issue", "reject", "stall", "again", "ask-change"].includes(act)) return "";
  if (!record) return t("not-now.no-record");
  if (record.can.includes(act === "ask-change" ? asked(record) : act)) return "";
  return t(`not-now.${act}`, { who: record.name, stage: t(`stage.${record.stage}`) });
}

const ACTS = {
  birth: () => ask("/acts/declare", { event: "birth" }),
  death: () => ask("/acts/declare", { event: "death" }),
  register: (record) => ask("/acts/register", { record: record.id }),
  issue: (record) => ask("/acts/decide", { record: record.id, outcome: "issue" }),
  stall: (record) => ask("/acts/decide", { record: record.id, outcome: "stall" }),
  again: (record) => ask("/acts/deliver-again", { record: record.id }),
  "ask-change": (record) => ask("/acts/ask-change", { record: record.id }),
  restart: () => ask("/acts/restart-bridge", {}),
  clock: (record, button) => ask("/acts/clock", { seconds: Number(button.dataset.seconds) }),
  line: (record, button) => ask("/acts/line", { line: button.dataset.line, cut: button.dataset.cut === "true" }),
  release: (record) => ask("/acts/release", { record: record.id }),
  afresh() {
    document.getElementById("session").open = false;
    return ask("/acts/afresh", {});
  },
  async reject(record) {
    const reason = await askReason(record.name, "reject.reason.nid");
    return reason && ask("/acts/decide", { record: record.id, outcome: "reject", reason });
  },
};

for (const button of document.querySelectorAll("[data-act]")) {
  button.addEventListener("click", () => {
    const act = button.dataset.act;
    const record = picture.records.find((one) => one.id === chosen) ?? null;
    const reason = whyNot(act, record);
    if (reason) trouble(reason);
    else busy(button, () => ACTS[act](record, button));
  });
}

// What the list of those who wait offers: the operator's remedies, and the acts of others.
function help(record, what, button) {
  busy(button, async () => {
    if (what in ACTS) return ACTS[what](record, button);
    const reason = what === "reject" ? await askReason(record.name, "reject.reason") : undefined;
    if (reason !== null) await ask("/acts/operate", { record: record.id, what, reason });
  });
}

// What the person at the ID system decides.
function decide(number, approve, button) {
  busy(button, () => ask("/acts/decide-change", { case: number, approve }));
}

document.getElementById("find").addEventListener("submit", (event) => event.preventDefault());
document.getElementById("find-text").addEventListener("change", async (event) => {
  const text = event.target.value.trim();
  const answer = text ? await ask("/acts/find", { text }) : null;
  if (event.target.value.trim() !== text) return; // of what is looked for no more
  found = answer?.records.length ? answer.records : null;
  if (found) [chosen] = found;
  say("find-found", answer ? t("find.found", { many: answer.records.length }) : "");
  showPicture();
});

for (const radio of document.querySelectorAll("[name=answers]")) {
  radio.addEventListener("change", () => ask("/acts/answers", { mode: radio.value }));
}

// live, and replay

const replay = new Replay({
  begin(chapter) {
    document.body.classList.toggle("imagined", !chapter.frames.some((frame) => frame.picture));
    blank();
    picture = NOTHING;
    showPicture();
  },
  frame: showFrame,
  arrived: () => diagram.toEnd(),
  live() {
    document.body.classList.remove("imagined");
    until(frames.length);
  },
});

const narrator = new Narrator({ frames: () => frames, until, live: () => until(frames.length) });

function until(count) {
  blank();
  showAll(frames.slice(0, count));
}

function blank() {
  pacing.drop();
  diagram.clear();
  lastStep = null;
  newest = null;
  narrator.told(null);
  headline();
}

// With the console gone nobody knows how the systems are.
function seen(known) {
  document.body.classList.toggle("unseen", !known);
  showPicture();
}

function listen() {
  const source = new EventSource("/events");
  const lost = document.getElementById("lost");
  source.addEventListener("open", () => {
    lost.hidden = true;
    seen(true);
  });
  source.addEventListener("error", () => {
    lost.hidden = false;
    seen(false);
  });
  source.addEventListener("message", (message) => {
    const bundle = JSON.parse(message.data);
    const first = frames.length === 0;
    // the console was started anew, or begins afresh: what we have is of another session
    const afresh = bundle.findLastIndex((frame) => frame.anew);
    const anew = afresh >= 0 || (!first && bundle[0].frame <= frames.at(-1).frame);
    if (anew) {
      frames = [];
      picture = NOTHING;
      if (!replay.on) blank();
    }
    const fresh = bundle.slice(afresh + 1);
    frames.push(...fresh);
    if (replay.on || narrator.past) return;
    if (first || anew) showAll(fresh);
    else pacing.push(fresh);
  });
}

document.getElementById("open").addEventListener("change", async (event) => {
  const file = event.target.files[0];
  event.target.value = "";
  if (file) await replay.load(file);
});

// how it is shown

const presenter = document.getElementById("presenter");

function present(on) {
  document.body.classList.toggle("presenter", on);
  presenter.setAttribute("aria-pressed", String(on));
  presenter.dataset.t = on ? "presenter.off" : "presenter.on";
  presenter.textContent = t(presenter.dataset.t);
  const address = new URL(location.href);
  if (on) address.searchParams.set("view", "presenter");
  else address.searchParams.delete("view");
  history.replaceState(null, "", address);
}

presenter.addEventListener("click", () => {
  present(!document.body.classList.contains("presenter"));
  fold(presenter.closest("details"));
});

document.getElementById("print").addEventListener("click", (event) => {
  fold(event.target.closest("details"));
  window.print();
});
window.addEventListener("beforeprint", () => summary(frames, picture));

function fold(menu) {
  menu.open = false;
  menu.firstElementChild.focus();
}

// A menu closes when somebody turns to something else.
for (const menu of document.querySelectorAll("details.menu")) {
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape") fold(menu);
  });
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
}

document.getElementById("minor").addEventListener("change", (event) => {
  document.body.classList.toggle("technical", event.target.checked);
  diagram.toEnd();
});

async function spoken(name) {
  await speak(name);
  if (language() !== name) return; // another was chosen meanwhile
  tongue.value = name;
  present(document.body.classList.contains("presenter"));
  narrator.menu();
  diagram.redraw();
  headline();
  showPicture();
  replay.words();
}

const tongue = document.getElementById("language");
tongue.addEventListener("change", () => spoken(tongue.value));

calm();
diagram.clear();
document.body.classList.toggle("presenter", new URLSearchParams(location.search).get("view") === "presenter");
try {
  for (const [tag, { name }] of Object.entries(await languages())) {
    const option = new Option(name, tag);
    option.lang = tag;
    tongue.append(option);
  }
  await spoken(preferred());
} catch {
  trouble("The texts of this page cannot be read. Reload the page.");
}

present(document.body.classList.contains("presenter"));
listen();
