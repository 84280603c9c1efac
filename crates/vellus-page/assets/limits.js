// What the program refuses. One such correction would make it refuse the whole file, so none gets into a file.
const MOST = { bytes: 8 << 20, corrections: 10000, points: 1000, together: 50, hairs: 1000000 };
/** How many hairs before and after: least and most of each. */
const HAIRS = { remove: [1, 1, 0, 0], add: [0, 0, 1, 1], split: [1, 1, 2, MOST.together], merge: [2, MOST.together, 1, 1], turn: [1, 1, 1, 1] };
const READER = /^[A-Za-z0-9._-]{1,32}$/;
const TIME = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)Z$/;

const apart = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);
const along = (points) => points.slice(1).reduce((sum, p, i) => sum + apart(points[i], p), 0);

function wrongPoints(points) {
  if (points.length > MOST.points) return "limit_points";
  const within = ([x, y]) => x >= -0.5 && y >= -0.5 && x <= size.width - 0.5 && y <= size.height - 0.5;
  return points.every(within) ? null : "limit_outside";
}

function wrongCourse(points) {
  const length = along(points);
  if (length < 1 || apart(points[0], points.at(-1)) < 1) return "limit_short";
  if (length > size.width + size.height) return "limit_long";
  return wrongPoints(points);
}

function wrongArea(corners) {
  if (corners.length < 3) return "limit_area";
  // Triangles by their size, as the program does it.
  const [[x, y]] = corners;
  const twice = (p, q) => Math.abs((p[0] - x) * (q[1] - y) - (q[0] - x) * (p[1] - y));
  const area = corners.slice(1).reduce((sum, q, i) => sum + 0.5 * twice(corners[i], q), 0);
  return area < 1 ? "limit_area" : wrongPoints(corners);
}

/** Why a correction cannot be, as a key of the words, or `null`. */
function wrongCorrection(made) {
  if (made.kind === "not_scalp") return wrongArea(made.polygon_px);
  const [b0, b1, a0, a1] = HAIRS[made.kind], [from, to] = [made.before.length, made.after.length];
  if (from > MOST.together || to > MOST.together) return "limit_together";
  if (from < b0 || from > b1 || to < a0 || to > a1) return "limit_hairs";
  for (const hair of [...made.before, ...made.after]) {
    const wrong = wrongCourse(hair.course_px);
    if (wrong) return wrong;
  }
  return null;
}

/** What is wrong with a file: a key of the words with values, or `null`. */
function wrongWith(file) {
  const point = (p) => Array.isArray(p) && p.length === 2 && p.every(Number.isFinite);
  const hair = (h) => Number.isInteger(h?.id) && h.id > 0 && Array.isArray(h.course_px) && h.course_px.length >= 2 && h.course_px.every(point);
  const hairs = (list) => Array.isArray(list) && list.every(hair);
  const form = { key: "load_form" };
  if (file?.schema !== SCHEMA || !Array.isArray(file.corrections) || !READER.test(file.reader ?? "") || typeof file.software !== "string") return form;
  if (file.image?.content_hash !== page.image.content_hash) return { key: "load_other" };
  const automatic = file.automatic_hairs;
  if (!Number.isInteger(automatic) || automatic < 0 || automatic > MOST.hairs) return form;
  if (file.corrections.length > MOST.corrections) return { key: "load_limit", number: file.corrections.length, reason: say("limit_count") };
  const made = new Set(), gone = new Set();
  for (const [i, one] of file.corrections.entries()) {
    const because = (key) => ({ key: "load_limit", number: i + 1, reason: say(key) });
    const area = one?.kind === "not_scalp";
    if (typeof one?.time !== "string" || !TIME.test(one.time)) return form;
    if (area ? !Array.isArray(one.polygon_px) || !one.polygon_px.every(point) : !HAIRS[one.kind] || !hairs(one.before) || !hairs(one.after)) return form;
    const wrong = wrongCorrection(one);
    if (wrong) return because(wrong);
    if (area) continue;
    const named = new Set(one.before.map(({ id }) => id));
    if (named.size < one.before.length || [...named].some((id) => gone.has(id) || (id > automatic && !made.has(id)))) return because("limit_named");
    if (one.kind === "turn") {
      if (one.after[0].id !== one.before[0].id) return because("limit_named");
      continue;
    }
    named.forEach((id) => gone.add(id));
    for (const { id } of one.after) {
      if (id <= automatic || id > MOST.hairs + automatic || made.has(id)) return because("limit_named");
      made.add(id);
    }
  }
  return null;
}
