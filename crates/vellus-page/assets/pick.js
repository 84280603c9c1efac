// Which hair is meant, and what is told of it.
const SVG = "http://www.w3.org/2000/svg";
const HIT_PX = { mouse: 9, touch: 18 };

/** Every hair as it is now: what was measured, then what the reader made. `current` is kept by corrections.js. */
const hairs = { current: page.hairs.map((hair) => ({ ...hair, automatic: true })) };
const groups = new Map([...document.querySelectorAll("#marks .h[data-id]")].map((group) => [Number(group.dataset.id), group]));

function awayFrom([x, y], course) {
  let best = { away: Infinity, part: 0, point: course[0] };
  for (let i = 0; i + 1 < course.length; i++) {
    const [ax, ay] = course[i], dx = course[i + 1][0] - ax, dy = course[i + 1][1] - ay;
    const square = dx * dx + dy * dy;
    const t = square > 0 ? Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / square)) : 0;
    const away = Math.hypot(x - ax - t * dx, y - ay - t * dy);
    if (away < best.away) best = { away, part: i, point: [ax + t * dx, ay + t * dy] };
  }
  return best;
}

const kinds = [...document.querySelectorAll("[data-layer]")].map((box) => box.dataset.layer);
const isShown = (hair) => {
  const group = groups.get(hair.id);
  return !group || !kinds.some((kind) => group.classList.contains(kind) && stage.classList.contains(`off-${kind}`));
};

/** The hair at a point, and where on it. */
function hairAt(point, touch) {
  const reach = (touch ? HIT_PX.touch : HIT_PX.mouse) / view.scale;
  let found = null;
  for (const hair of hairs.current) {
    const near = awayFrom(point, hair.course);
    const away = Math.max(0, near.away - hair.half);
    if (away <= reach && (!found || away < found.away || (away === found.away && near.away < found.near.away)) && isShown(hair)) found = { hair, near, away };
  }
  return found;
}

const nameOf = (hair) => String(hair.name ?? hair.id);

let marked = null;
/** Marks a hair and tells its values; `null` marks none and keeps the last one's values. */
function tell(hair) {
  if (marked === hair?.id) return;
  groupOf(marked)?.classList.remove("at");
  marked = hair?.id ?? null;
  if (!hair) return;
  groupOf(marked)?.classList.add("at");
  const rows = [[say("number"), hair.automatic === false ? `${hair.id} (${say("by_reader")})` : nameOf(hair)]];
  if (hair.values) page.fields.forEach((field, i) => rows.push([field, hair.values[i]]));
  else rows.push(["", say("not_measured")]);
  $("hair").replaceChildren(...rows.map(([term, value]) => {
    const row = document.createElement("div");
    row.append(Object.assign(document.createElement("dt"), { textContent: term }), Object.assign(document.createElement("dd"), { textContent: value }));
    return row;
  }));
  $("hair").hidden = false;
  $("no-hair").hidden = true;
}
const groupOf = (id) => groups.get(id) ?? document.querySelector(`#edits [data-id="${id}"]`);

let overAsked = null;
acts.over = (point) => {
  if (!overAsked) requestAnimationFrame(() => {
    const found = hairAt(overAsked);
    overAsked = null;
    if (found || marked !== null) tell(found?.hair ?? null);
  });
  overAsked = point;
};
acts.tap = (point, touch) => {
  const found = hairAt(point, touch);
  tell(found?.hair ?? null);
  if (found) announce(found.hair);
};

const told = document.body.appendChild(Object.assign(document.createElement("p"), { className: "skip", role: "status" }));
function announce(hair) {
  const values = hair.values ? page.fields.map((field, i) => `${field} ${hair.values[i]}`).join(", ") : say("not_measured");
  told.textContent = `${say("number")} ${nameOf(hair)}: ${values}`;
}

/** The next or the previous hair: the cursor goes to its root. */
function step(by) {
  const seen = hairs.current.filter((hair) => hair.id === marked || isShown(hair));
  if (!seen.length) return;
  const at = seen.findIndex((hair) => hair.id === marked);
  const hair = seen[(Math.max(at, by > 0 ? -1 : 0) + by + seen.length) % seen.length];
  moveCursor(middle(hair));
  tell(hair);
  announce(hair);
}
const middle = (hair) => hair.course.length > 2 ? hair.course[hair.course.length >> 1] : [0, 1].map((k) => (hair.course[0][k] + hair.course[1][k]) / 2);

acts.key = (event, command) => {
  const key = event.key.toLowerCase();
  if (command) return false;
  if (key === "n" || key === "p") step(key === "n" ? 1 : -1);
  else if (key === "enter" || key === " ") acts.tap(keyed.point, false);
  else return false;
  return true;
};
