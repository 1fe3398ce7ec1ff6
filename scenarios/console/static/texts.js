// The words of the page: one file a language, English where a translation is missing.
let spoken = {}; // tag → name and direction, as the files of texts say
let words = {};
let english = {};
let chosen = "en";
let wanted = "en"; // who chooses twice in a row may get the first answer last

export function language() {
  return chosen;
}

// The languages that there are texts in.
export async function languages() {
  spoken = await read("");
  return spoken;
}

export function preferred() {
  const asked = new URLSearchParams(location.search).get("lang") ?? localStorage.getItem("language");
  return [asked, ...navigator.languages.map((tag) => tag.slice(0, 2))].find((tag) => tag in spoken) ?? "en";
}

async function read(name) {
  const answer = await fetch(name ? `/texts/${name}.json` : "/texts");
  if (!answer.ok) throw new Error(`${answer.url}: ${answer.status}`);
  return answer.json();
}

export async function speak(name) {
  wanted = name;
  if (!Object.keys(english).length) english = await read("en");
  const given = name === "en" ? english : await read(name);
  if (name !== wanted) return;
  words = given;
  chosen = name;
  localStorage.setItem("language", name);
  document.documentElement.lang = name;
  document.documentElement.dir = spoken[name].direction;
  dress(document);
  document.title = t("title");
}

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

// A value that is read the other way than the page stands apart, or what follows it would be drawn before it.
export function isolated(value) {
  const text = String(value ?? "");
  const turned = RIGHT_TO_LEFT.test(text) !== (spoken[chosen]?.direction === "rtl");
  return turned ? `\u2068${text}\u2069` : text;
}

// Text of a key; `{name}` is filled in from the parameters.
export function t(key, params = {}) {
  const text = words[key] ?? english[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => isolated(params[name])).trim();
}

export function known(key) {
  return key in words || key in english;
}

export function dress(root) {
  for (const element of root.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  for (const element of root.querySelectorAll("[data-t-label]")) {
    element.setAttribute("aria-label", t(element.dataset.tLabel));
  }
}

// Instants are shown in UTC, the time of the rehearsal, so that every screen in the room says the same.
export function moment(instant, { date = true, seconds = false } = {}) {
  const options = { hour: "2-digit", minute: "2-digit", timeZone: "UTC", hour12: false };
  if (seconds) options.second = "2-digit";
  if (date) Object.assign(options, { day: "numeric", month: "long", year: "numeric" });
  return new Intl.DateTimeFormat(chosen === "en" ? "en-GB" : chosen, options).format(new Date(instant));
}
