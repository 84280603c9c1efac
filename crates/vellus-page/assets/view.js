// The photo: zoom, pan, layers. A point is in px of the photo; the centre of its top-left pixel is (0, 0).
document.documentElement.classList.add("scripted");
const $ = (id) => document.getElementById(id);
const page = JSON.parse($("page-data").textContent);
const say = (key, values = {}) => (page.words[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
const pane = $("pane"), stage = $("stage"), cursor = $("cursor");
const size = { width: Number(pane.dataset.width), height: Number(pane.dataset.height) };
const MOST_ZOOM = 16, SETTLE_MS = 140, DRAG_PX = 6;

const view = { scale: 1, x: 0, y: 0, fit: 1 };
let asked = false, settling = 0;

/** Shows `view` with the next frame; lines get their width once it rests, as that costs a new drawing. */
function show() {
  stage.classList.add("moving");
  clearTimeout(settling);
  settling = setTimeout(settle, SETTLE_MS);
  if (asked) return;
  asked = true;
  requestAnimationFrame(() => {
    asked = false;
    stage.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.scale})`;
    placeCursor();
  });
}

function settle() {
  stage.classList.remove("moving");
  stage.style.setProperty("--px", (1 / view.scale).toFixed(4));
  pane.classList.toggle("zoomed", view.scale > view.fit * 1.01);
}

/** No gap between photo and frame: a photo smaller than the frame is centred in it. */
function clamp() {
  for (const [axis, room, length] of [["x", pane.clientWidth, size.width], ["y", pane.clientHeight, size.height]]) {
    const spare = room - length * view.scale;
    view[axis] = spare >= 0 ? spare / 2 : Math.min(0, Math.max(spare, view[axis]));
  }
}

function fit() {
  view.fit = Math.min(pane.clientWidth / size.width, pane.clientHeight / size.height) || 1;
  view.scale = view.fit;
  clamp();
  show();
}

/** Zooms by a factor; what lies at a place of the frame stays there. */
function zoom(factor, at = { x: pane.clientWidth / 2, y: pane.clientHeight / 2 }) {
  const scale = Math.min(Math.max(view.scale * factor, view.fit), view.fit * MOST_ZOOM);
  const share = scale / view.scale;
  view.x = at.x - (at.x - view.x) * share;
  view.y = at.y - (at.y - view.y) * share;
  view.scale = scale;
  clamp();
  show();
}

function pan(dx, dy) {
  view.x += dx;
  view.y += dy;
  clamp();
  show();
}

const inPane = (event) => {
  const frame = pane.getBoundingClientRect();
  return { x: event.clientX - frame.left, y: event.clientY - frame.top };
};
const toPhoto = (place) => [(place.x - view.x) / view.scale - 0.5, (place.y - view.y) / view.scale - 0.5];
const toPane = ([x, y]) => ({ x: (x + 0.5) * view.scale + view.x, y: (y + 0.5) * view.scale + view.y });
const inside = ([x, y]) => [Math.min(Math.max(x, 0), size.width - 1), Math.min(Math.max(y, 0), size.height - 1)];

/** Where the keys are, px of the photo. */
const keyed = { point: [size.width / 2, size.height / 2] };

function placeCursor() {
  const place = toPane(keyed.point);
  cursor.style.transform = `translate(${place.x}px, ${place.y}px)`;
}

/** Moves the cursor and keeps it in sight. */
function moveCursor(point) {
  keyed.point = inside(point);
  cursor.hidden = false;
  const place = toPane(keyed.point), edge = 24;
  pan(
    Math.max(0, edge - place.x) + Math.min(0, pane.clientWidth - edge - place.x),
    Math.max(0, edge - place.y) + Math.min(0, pane.clientHeight - edge - place.y),
  );
}

/** What the other scripts do at a point: `tap`, `over`, `key`; how far apart two taps are a double one. Set by them. */
const acts = { tap() {}, finish() {}, over() {}, key() { return false; }, twicePx() { return 16; } };
const pointers = new Map();
let drag = null, lastTap = { time: -Infinity, x: 0, y: 0 };

pane.addEventListener("pointerdown", (event) => {
  if (event.button > 0) return;
  pane.focus({ preventScroll: true });
  cursor.hidden = true;
  pointers.set(event.pointerId, inPane(event));
  try { pane.setPointerCapture(event.pointerId); } catch { /* a pointer that is already gone */ }
  drag = pointers.size === 1 ? { from: inPane(event), moved: false } : null;
});
pane.addEventListener("pointermove", (event) => {
  const place = inPane(event);
  if (!pointers.has(event.pointerId)) {
    acts.over(toPhoto(place));
    return;
  }
  const before = pointers.get(event.pointerId);
  if (pointers.size === 2) {
    const [other] = [...pointers].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
    const apart = (a) => Math.hypot(a.x - other.x, a.y - other.y) || 1;
    view.x += (place.x - before.x) / 2;
    view.y += (place.y - before.y) / 2;
    zoom(apart(place) / apart(before), { x: (place.x + other.x) / 2, y: (place.y + other.y) / 2 });
  } else if (drag) {
    drag.moved ||= Math.hypot(place.x - drag.from.x, place.y - drag.from.y) > DRAG_PX;
    if (drag.moved) {
      pane.classList.add("dragging");
      pan(place.x - before.x, place.y - before.y);
    }
  }
  pointers.set(event.pointerId, place);
});
pane.addEventListener("pointerup", (event) => {
  const place = inPane(event), tapped = drag && !drag.moved && pointers.size === 1;
  release(event);
  if (!tapped) return;
  const near = Math.hypot(place.x - lastTap.x, place.y - lastTap.y) < acts.twicePx(event.pointerType === "touch");
  const twice = near && event.timeStamp - lastTap.time < 400;
  lastTap = { time: twice ? -Infinity : event.timeStamp, x: place.x, y: place.y };
  if (twice) acts.finish();
  else acts.tap(inside(toPhoto(place)), event.pointerType === "touch");
});
const release = (event) => {
  pointers.delete(event.pointerId);
  drag = null;
  pane.classList.remove("dragging");
};
pane.addEventListener("pointercancel", release);
pane.addEventListener("wheel", (event) => {
  // At its smallest, the photo lets the page scroll on.
  if (event.deltaY > 0 && view.scale <= view.fit * 1.001) return;
  event.preventDefault();
  zoom(Math.exp(-Math.min(Math.max(event.deltaY, -120), 120) / 400), inPane(event));
}, { passive: false });

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
pane.addEventListener("keydown", (event) => {
  const arrow = ARROWS[event.key], command = event.ctrlKey || event.metaKey;
  if (arrow && !command && !event.altKey) {
    const step = (event.shiftKey ? 1 : 12) / view.scale;
    if (cursor.hidden) moveCursor(toPhoto({ x: pane.clientWidth / 2, y: pane.clientHeight / 2 }));
    moveCursor([keyed.point[0] + arrow[0] * step, keyed.point[1] + arrow[1] * step]);
    acts.over(keyed.point);
  } else if (!command && (event.key === "+" || event.key === "=")) zoom(1.25, cursor.hidden ? undefined : toPane(keyed.point));
  else if (!command && event.key === "-") zoom(0.8, cursor.hidden ? undefined : toPane(keyed.point));
  else if (!command && event.key === "0") fit();
  else if (!acts.key(event, command)) return;
  event.preventDefault();
});

const VIEWS = { in: () => zoom(1.5), out: () => zoom(1 / 1.5), fit };
for (const button of document.querySelectorAll("[data-view]")) button.addEventListener("click", VIEWS[button.dataset.view]);
for (const box of document.querySelectorAll("[data-layer]")) {
  const told = document.querySelector(`[data-legend="${box.dataset.layer}"]`);
  const apply = () => {
    stage.classList.toggle(`off-${box.dataset.layer}`, !box.checked);
    if (told) told.hidden = !box.checked;
  };
  box.addEventListener("change", apply);
  apply();
}
new ResizeObserver(fit).observe(pane);
// Lines on paper: the photo is some 180 mm wide there.
document.documentElement.style.setProperty("--print-px", (size.width / 690).toFixed(3));
