// The page as a whole: frames come in, people act.
import { language, moment, preferred, speak, t } from "./texts.js";
import { sentence } from "./sentences.js";
import { ask, askReason, busy, calm, trouble } from "./acts.js";
import { Pacing } from "./pacing.js";
import { Replay } from "./replay.js";
import * as diagram from "./diagram.js";
import * as panels from "./panels.js";
import * as stage from "./stage.js";

const NOTHING = {
  at: null,
  answers: "ask",
  abilities: { restart: true, clock: true, operator: true },
  systems: { opencrvs: true, bridge: true, nid: true },
  lines: { opencrvs: "whole", nid: "whole" },
  records: [],
  queues: [],
};

let frames = []; // of the live session, all of them, to come back to after a replay
let picture = NOTHING;
let lastStep = null;
let chosen = null;
let newest = null;
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
  } else if (frame.picture) {
    picture = frame.picture;
    showPicture();
  }
}

function headline() {
  const box = document.getElementById("now");
  box.textContent = lastStep ? sentence(lastStep) : t("now.nothing");
  box.parentElement.classList.toggle("bad", Boolean(lastStep) && !lastStep.good);
  document.getElementById("now-when").textContent = lastStep ? moment(lastStep.at, { seconds: true }) : "";
  if (lastStep) showClock(lastStep.at);
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
    chosen = last;
  }
  if (!records.some((record) => record.id === chosen)) chosen = last;
  const record = records.find((one) => one.id === chosen) ?? null;
  if (picture.at) showClock(picture.at);
  stage.show(picture, chosen, choose);
  panels.screen(record);
  panels.queues(picture.queues);
  panels.people(records, operate);
  document.getElementById("chosen").textContent = record
    ? t("chosen", { who: record.name || record.tracking })
    : t("chosen.none");
  for (const button of document.querySelectorAll("[data-act]")) {
    button.setAttribute("aria-disabled", String(Boolean(whyNot(button.dataset.act, record))));
  }
  const register = document.querySelector("[data-act=register]");
  register.textContent = t(record?.stage === "rejected" ? "act.register-again" : "act.register");
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

function whyNot(act, record) {
  if (act === "restart" && !picture.abilities.restart) return t("not-now.restart");
  if (act === "clock" && !picture.abilities.clock) return t("not-now.clock");
  if (!["register", "issue", "reject", "stall", "again"].includes(act)) return "";
  if (!record) return t("not-now.no-record");
  if (record.can.includes(act)) return "";
  return t(`not-now.${act}`, { who: record.name, stage: t(`stage.${record.stage}`) });
}

const ACTS = {
  birth: () => ask("/acts/declare", { event: "birth" }),
  death: () => ask("/acts/declare", { event: "death" }),
  register: (record) => ask("/acts/register", { record: record.id }),
  issue: (record) => ask("/acts/decide", { record: record.id, outcome: "issue" }),
  stall: (record) => ask("/acts/decide", { record: record.id, outcome: "stall" }),
  again: (record) => ask("/acts/deliver-again", { record: record.id }),
  restart: () => ask("/acts/restart-bridge", {}),
  clock: (record, button) => ask("/acts/clock", { seconds: Number(button.dataset.seconds) }),
  line: (record, button) => ask("/acts/line", { line: button.dataset.line, cut: button.dataset.cut === "true" }),
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

function operate(record, what, button) {
  busy(button, async () => {
    const reason = what === "reject" ? await askReason(record.name, "reject.reason") : undefined;
    if (reason !== null) await ask("/acts/operate", { record: record.id, what, reason });
  });
}

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
    blank();
    for (const frame of frames) showFrame(frame, true);
    diagram.toEnd();
  },
});

function blank() {
  pacing.drop();
  diagram.clear();
  lastStep = null;
  newest = null;
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
    // the console was started anew: what we have is of another session
    const anew = !first && bundle[0].frame <= frames.at(-1).frame;
    if (anew) {
      frames = [];
      if (!replay.on) blank();
    }
    frames.push(...bundle);
    if (replay.on) return;
    pacing.push(bundle, { instant: first || anew });
    if (first || anew) diagram.toEnd();
  });
}

document.getElementById("open").addEventListener("change", async (event) => {
  const file = event.target.files[0];
  event.target.value = "";
  if (file) await replay.load(file);
});

// how it is shown

const presenter = document.getElementById("presenter");
const side = document.getElementById("side");

function present(on) {
  document.body.classList.toggle("presenter", on);
  presenter.setAttribute("aria-pressed", String(on));
  // on the projector this column scrolls by itself, so the keyboard has to get there
  if (on) side.tabIndex = 0;
  else side.removeAttribute("tabindex");
  presenter.dataset.t = on ? "presenter.off" : "presenter.on";
  presenter.textContent = t(presenter.dataset.t);
  const address = new URL(location.href);
  if (on) address.searchParams.set("view", "presenter");
  else address.searchParams.delete("view");
  history.replaceState(null, "", address);
}

presenter.addEventListener("click", () => present(!document.body.classList.contains("presenter")));

document.getElementById("minor").addEventListener("change", (event) => {
  document.body.classList.toggle("technical", event.target.checked);
  diagram.toEnd();
});

async function say(name) {
  await speak(name);
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === language()));
  }
  present(document.body.classList.contains("presenter"));
  diagram.redraw();
  headline();
  showPicture();
  replay.words();
}

for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => say(button.dataset.language));
}

calm();
diagram.clear();
document.body.classList.toggle("presenter", new URLSearchParams(location.search).get("view") === "presenter");
try {
  await say(preferred());
} catch {
  trouble("The texts of this page cannot be read. Reload the page.");
}

present(document.body.classList.contains("presenter"));
listen();
