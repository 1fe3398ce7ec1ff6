// Whether things may move, and how a card travels.
const reduced = matchMedia("(prefers-reduced-motion: reduce)");

export function still() {
  return reduced.matches || document.hidden;
}

// Let an element travel from where it was (a rectangle) to where it is now.
export function travel(element, before) {
  if (still() || !before || !before.width) return;
  const after = element.getBoundingClientRect();
  const x = before.left - after.left;
  const y = before.top - after.top;
  if (!x && !y) return;
  element.animate(
    [
      { transform: `translate(${x}px, ${y}px)`, zIndex: 5, boxShadow: "0 12px 30px rgb(22 36 44 / .25)" },
      { transform: "none", zIndex: 5, boxShadow: "none" },
    ],
    { duration: 800, easing: "cubic-bezier(.3, .05, .2, 1)" },
  );
}

// A letter runs along a line between two systems.
export function spark(wire, forwards, good) {
  if (still()) return;
  const dot = wire.querySelector(".spark");
  const cable = dot.parentElement.getBoundingClientRect();
  const wide = cable.width > cable.height;
  const way = Math.max((wide ? cable.width : cable.height) - 20, 10);
  const mirrored = wide && getComputedStyle(wire).direction === "rtl";
  const [start, end] = forwards !== mirrored ? [0, way] : [way, 0];
  const at = (place) => (wide ? `translateX(${place}px)` : `translateY(${place}px)`);
  const stop = good ? end : (start + end) / 2;
  dot.classList.toggle("bad", !good);
  dot.animate(
    [
      { transform: at(start), opacity: 0 },
      { opacity: 1, offset: 0.15 },
      { opacity: 1, offset: 0.85 },
      { transform: at(stop), opacity: 0 },
    ],
    { duration: 700, easing: "ease-in-out" },
  );
}
