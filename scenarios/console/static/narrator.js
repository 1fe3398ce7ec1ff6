// A ready story: the console does its parts, the narrator's line says what is seen; looking back shows what came.
import { t } from "./texts.js";
import { ask, busy } from "./acts.js";

const STORIES = ["review", "rejection", "line", "forged"];
const bar = document.getElementById("narrator");
const back = document.getElementById("story-back");
const next = document.getElementById("story-next");
const menu = document.querySelector("#stories summary");

export class Narrator {
  // page: `frames()` of the live session, `until(count)` shows the first of them, `live()` all
  constructor(page) {
    this.page = page;
    this.story = null; // what is shown now: name, step, steps
    this.past = false;
    back.addEventListener("click", () => this.back());
    next.addEventListener("click", () => this.next());
    document.getElementById("story-end").addEventListener("click", () => this.end());
  }

  menu() {
    const list = document.getElementById("story-list");
    list.replaceChildren(
      ...STORIES.map((name) => {
        const button = document.createElement("button");
        button.type = "button";
        button.dataset.story = name;
        for (const [tag, key] of [["strong", `story.${name}`], ["span", `story.${name}.about`]]) {
          const part = document.createElement(tag);
          part.textContent = t(key);
          button.append(part);
        }
        button.addEventListener("click", () => this.begin(name));
        const item = document.createElement("li");
        item.append(button);
        return item;
      }),
    );
    this.show();
  }

  async begin(name) {
    menu.parentElement.open = false;
    menu.focus();
    const done = await busy(next, () => ask("/story/begin", { story: name }));
    if (done && document.activeElement === menu) next.focus();
  }

  // A frame of the session says where the story is.
  told(story) {
    this.story = story?.name ? story : null;
    this.show();
  }

  show() {
    const story = this.story;
    document.body.classList.toggle("telling", Boolean(story));
    bar.hidden = !story;
    if (!story) return;
    back.setAttribute("aria-disabled", String(story.step < 2));
    next.setAttribute("aria-disabled", String(!this.past && story.step >= story.steps));
  }

  get title() {
    const { name, step, steps } = this.story;
    return t(this.past ? "story.past" : "story.place", { title: t(`story.${name}`), step, steps });
  }

  get line() {
    return t(`story.${this.story.name}.${this.story.step}`);
  }

  // How many frames there were when a step of the running story had ended; and its last step so far.
  ends() {
    const frames = this.page.frames();
    const begun = frames.findLastIndex((frame) => frame.story?.step === 1);
    const starts = new Map();
    frames.forEach((frame, at) => {
      if (at >= begun && frame.story?.name && !starts.has(frame.story.step)) starts.set(frame.story.step, at);
    });
    return { end: (step) => starts.get(step + 1) ?? frames.length, last: Math.max(...starts.keys()) };
  }

  back() {
    if (this.story.step > 1) this.go(this.story.step - 1);
  }

  next() {
    if (this.past) this.go(this.story.step + 1);
    else if (this.story.step < this.story.steps) busy(next, () => ask("/story/next", {}));
  }

  go(step) {
    const { end, last } = this.ends();
    this.past = step < last;
    if (this.past) this.page.until(end(step));
    else this.page.live();
    document.body.classList.toggle("past", this.past);
    this.show();
  }

  async end() {
    if (this.past) this.go(this.ends().last);
    menu.focus();
    await ask("/story/end", {});
  }
}
