// What a person can do: ask the console, and say in words when it could not be done.
import { t, known } from "./texts.js";

const bar = document.getElementById("trouble");
const words = document.getElementById("trouble-words");

export function trouble(text) {
  words.textContent = text;
  bar.hidden = false;
}

export function calm() {
  bar.hidden = true;
}

document.getElementById("trouble-close").addEventListener("click", calm);

// POST JSON. Returns the answer, or null after showing what went wrong.
export async function ask(path, body) {
  // now, and not when it is answered: meanwhile something else may have been refused
  calm();
  let answer;
  try {
    answer = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  } catch {
    trouble(t("trouble.network"));
    return null;
  }
  const given = await answer.json().catch(() => ({}));
  if (answer.ok) return given;
  const params = { ...given.params };
  if (params.system && known(`${params.system}.name`)) params.system = t(`${params.system}.name`);
  const key = `problem.${given.key}`;
  trouble(known(key) ? t(key, params) : t("problem.http", { status: answer.status }));
  return null;
}

// One person, one act at a time: while a button works it says so, and takes no second click.
export async function busy(button, doing) {
  if (button.getAttribute("aria-busy") === "true") return null;
  button.setAttribute("aria-busy", "true");
  try {
    return await doing();
  } finally {
    button.removeAttribute("aria-busy");
  }
}

const dialog = document.getElementById("reject");
const reason = document.getElementById("reason");
let decided = null;

export function askReason(who, label) {
  document.querySelector("label[for=reason]").textContent = t(label);
  document.getElementById("reject-title").textContent = t("reject.title", { who });
  reason.value = t("reject.example");
  dialog.showModal();
  reason.focus();
  reason.select();
  return new Promise((resolve) => {
    decided = resolve;
  });
}

function decide(value) {
  dialog.close();
  decided?.(value);
  decided = null;
}

document.getElementById("reject-form").addEventListener("submit", (event) => {
  event.preventDefault();
  if (reason.value.trim()) decide(reason.value.trim());
  else reason.focus();
});
document.getElementById("reject-cancel").addEventListener("click", () => decide(null));
dialog.addEventListener("cancel", (event) => {
  event.preventDefault();
  decide(null);
});
