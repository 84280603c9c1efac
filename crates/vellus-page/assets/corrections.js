// What a reader did, in the order of doing: schema vellus.corrections/1. Nothing here touches the page.
const SCHEMA = "vellus.corrections/1";
const KINDS = ["remove", "add", "split", "merge", "turn", "not_scalp"];
const AT_LEAST = { remove: [1, 0], add: [0, 1], split: [1, 2], merge: [2, 1], turn: [1, 1] };
const READER = /^[A-Za-z0-9._-]{1,32}$/;

const done = { list: [], undone: [], reader: "", saved: true };
const tenth = (value) => Math.round(value * 10) / 10;
const course = (points) => points.map((point) => point.map(tenth));
const now = () => `${new Date().toISOString().slice(0, 19)}Z`;

/** As it is before a correction: an automatic hair by its ends. */
const before = (hair) => ({ id: hair.id, course_px: hair.automatic ? course([hair.root, hair.tip]) : course(hair.course) });
const after = (id, points) => ({ id, course_px: course(points) });

const largest = () => Math.max(0, ...page.hairs.map((hair) => hair.id), ...done.list.flatMap((made) => made.after ?? []).map((hair) => hair.id));

/** The hairs and the areas that a list of corrections leaves; throws the number of the first that does not fit. */
function applied(list) {
  const left = new Map(page.hairs.map((hair) => [hair.id, { ...hair, automatic: true }]));
  const areas = [];
  list.forEach((made, i) => {
    if (made.kind === "not_scalp") areas.push(made.polygon_px);
    const turned = made.kind === "turn" ? left.get(made.before[0].id) : null;
    for (const { id } of made.before ?? []) if (!left.delete(id)) throw i;
    for (const { id, course_px } of made.after ?? []) {
      if (left.has(id)) throw i;
      left.set(id, turned
        ? { ...turned, course: [...turned.course].reverse(), root: turned.tip, tip: turned.root, turned: true }
        : { id, course: course_px, half: 3, root: course_px[0], tip: course_px.at(-1), automatic: false });
    }
  });
  return { hairs: [...left.values()], areas };
}

/** What is wrong with a file, as a key of the words, or `null`. */
function wrongWith(file) {
  const point = (p) => Array.isArray(p) && p.length === 2 && p.every(Number.isFinite);
  const hair = (h) => Number.isInteger(h?.id) && h.id > 0 && Array.isArray(h.course_px) && h.course_px.length >= 2 && h.course_px.every(point);
  if (file?.schema !== SCHEMA || !Array.isArray(file.corrections) || !READER.test(file.reader ?? "")) return "load_form";
  if (file.image?.content_hash !== page.image.content_hash) return "load_other";
  if (file.automatic_hairs !== page.hairs.length) return "load_stale";
  for (const made of file.corrections) {
    if (!KINDS.includes(made?.kind) || typeof made.time !== "string") return "load_form";
    if (made.kind === "not_scalp") {
      if (!Array.isArray(made.polygon_px) || made.polygon_px.length < 3 || !made.polygon_px.every(point)) return "load_form";
      continue;
    }
    const [from, to] = AT_LEAST[made.kind];
    if (!Array.isArray(made.before) || !Array.isArray(made.after) || ![...made.before, ...made.after].every(hair)) return "load_form";
    if (made.before.length < from || made.after.length < to) return "load_form";
  }
  try { applied(file.corrections); } catch { return "load_stale"; }
  return null;
}

const asFile = () => ({
  schema: SCHEMA,
  image: page.image,
  software: page.software,
  reader: done.reader,
  automatic_hairs: page.hairs.length,
  corrections: done.list,
});
