// Steps in words: the short line of the diagram, and the whole sentence of the headline.
import { t, known } from "./texts.js";

export function params(step) {
  const given = { ...step.params };
  if (!given.who) given.who = t("type.other").toLowerCase();
  given.from = t(`lane.${step.from}`);
  given.to = t(`lane.${step.to}`);
  given.lane = given.from;
  return given;
}

export function short(step) {
  return t(`step.${step.key}`, params(step));
}

export function sentence(step) {
  const key = `says.${step.key}`;
  return known(key) ? t(key, params(step)) : short(step);
}

// What a screen reader says before the short line: the arrow in words.
export function direction(step) {
  if (step.kind === "note") return t("diagram.at", params(step));
  if (step.kind === "time" || step.kind === "check") return "";
  return t(step.kind === "reply" ? "diagram.back" : "diagram.from", params(step));
}
