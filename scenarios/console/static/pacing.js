// Frames come in bursts of milliseconds; people need a moment for each. One after the other, sooner when many wait.
import { still } from "./motion.js";

export class Pacing {
  constructor(show) {
    this.show = show;
    this.waiting = [];
    this.timer = null;
  }

  push(frames) {
    this.waiting.push(...frames);
    if (this.timer === null) this.next();
  }

  next() {
    this.timer = null;
    while (this.waiting.length) {
      const frame = this.waiting.shift();
      // only the newest of several pictures in a row is worth drawing
      if (frame.picture && this.waiting[0]?.picture) continue;
      this.show(frame, false);
      const pause = this.pause(frame);
      if (pause) {
        this.timer = setTimeout(() => this.next(), pause);
        return;
      }
    }
  }

  pause(frame) {
    if (still() || !frame.step || frame.step.minor) return 0;
    if (this.waiting.length > 60) return 0;
    return this.waiting.length > 16 ? 120 : 550;
  }

  drop() {
    clearTimeout(this.timer);
    this.timer = null;
    this.waiting = [];
  }
}
