// A finished run, played again: chapters, steps forwards and back, at a pace for people.
import { t } from "./texts.js";
import { ask, calm, trouble } from "./acts.js";

const BEAT = 1100;

export class Replay {
  constructor(page) {
    this.page = page;
    this.chapters = [];
    this.chapter = null;
    this.place = 0;
    this.timer = null;
    this.bar = document.getElementById("replaybar");
    this.slider = document.getElementById("replay-slider");
    this.select = document.getElementById("chapters");
    const doing = {
      first: () => this.go(0),
      back: () => this.go(this.step(-1)),
      toggle: () => (this.timer ? this.stop() : this.play()),
      next: () => this.go(this.step(1)),
      last: () => this.go(this.chapter.frames.length),
    };
    for (const button of this.bar.querySelectorAll("[data-play]")) {
      button.addEventListener("click", () => {
        if (button.dataset.play !== "toggle") this.stop();
        doing[button.dataset.play]();
      });
    }
    this.slider.addEventListener("input", () => {
      this.stop();
      this.go(this.ends[Number(this.slider.value)]);
    });
    this.select.addEventListener("change", () => this.open(Number(this.select.value)));
    document.getElementById("replay-leave").addEventListener("click", () => this.leave());
  }

  get on() {
    return this.chapter !== null;
  }

  async load(file) {
    let text;
    try {
      text = await file.text();
    } catch {
      trouble(t("problem.no-run", { line: 0, why: file.name }));
      return;
    }
    const found = await ask("/replay", { text });
    if (!found) return;
    this.chapters = found.chapters;
    this.select.replaceChildren(
      ...this.chapters.map((chapter, number) => new Option(chapter.title || chapter.name, number)),
    );
    document.getElementById("chapters-label").hidden = this.chapters.length < 2;
    this.bar.hidden = false;
    document.body.classList.add("replaying");
    this.open(0);
    document.getElementById("replay-toggle").focus();
  }

  open(number) {
    this.stop();
    this.chapter = this.chapters[number];
    // places where a step that is seen ends: the slider and the arrows go from one to the next
    this.ends = [0];
    this.chapter.frames.forEach((frame, at) => {
      if (frame.step && !frame.step.minor) this.ends.push(at + 1);
    });
    if (this.ends.at(-1) !== this.chapter.frames.length) this.ends[this.ends.length - 1] = this.chapter.frames.length;
    this.slider.max = this.ends.length - 1;
    this.words();
    this.go(0);
    this.play();
  }

  words() {
    if (!this.on) return;
    const title = this.chapter.title || t("replay.session");
    document.getElementById("replay-showing").textContent = t("replay.showing", { title });
    this.mark();
  }

  step(by) {
    const now = this.ends.findLastIndex((end) => end <= this.place);
    return this.ends[Math.min(Math.max(now + by, 0), this.ends.length - 1)];
  }

  go(place) {
    if (place < this.place || place === 0) {
      this.page.begin(this.chapter);
      this.place = 0;
    }
    const fresh = place === this.step(1);
    for (const frame of this.chapter.frames.slice(this.place, place)) this.page.frame(frame, !fresh);
    this.place = place;
    this.page.arrived();
    this.mark();
  }

  mark() {
    const now = this.ends.findLastIndex((end) => end <= this.place);
    this.slider.value = now;
    const position = t("replay.position", { step: now, steps: this.ends.length - 1 });
    document.getElementById("replay-position").textContent = position;
    this.slider.setAttribute("aria-valuetext", position);
    document.getElementById("replay-toggle").textContent = t(this.timer ? "replay.pause" : "replay.play");
  }

  play() {
    if (this.place >= this.chapter.frames.length) this.go(0);
    this.timer = setInterval(() => {
      this.go(this.step(1));
      if (this.place >= this.chapter.frames.length) this.stop();
    }, BEAT);
    this.mark();
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    if (this.on) this.mark();
  }

  leave() {
    this.stop();
    calm();
    this.chapter = null;
    this.place = 0;
    this.bar.hidden = true;
    document.body.classList.remove("replaying");
    this.page.live();
    document.querySelector("#session summary").focus();
  }
}
