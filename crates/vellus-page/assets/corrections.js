// What a reader did, in the order of doing: schema vellus.corrections/1. Nothing here touches the page.
const SCHEMA = "vellus.corrections/1";

/** `reader` is whose the list is, `own` who is at this page and said so; `from` whose list it began as, where that is another. */
const done = { list: [], undone: [], reader: "", own: "", from: "", saved: true, touched: false, software: page.software };
const tenth = (value) => Math.round(value * 10) / 10;
/** To a tenth of a pixel, inside the photo. */
const course = (points) => points.map((point) => point.map((value, k) => Math.min(Math.max(tenth(value), -0.5), (k ? size.height : size.width) - 0.5)));
const now = () => `${new Date().toISOString().slice(0, 19)}Z`;

/** As it is before a correction: an automatic hair by its ends. */
const before = (hair) => ({ id: hair.id, course_px: hair.automatic ? course([hair.root, hair.tip]) : course(hair.course) });
const after = (id, points) => ({ id, course_px: course(points) });

const largest = () => Math.max(0, ...page.hairs.map((hair) => hair.id), ...done.list.flatMap((made) => made.after ?? []).map((hair) => hair.id));

/** The hairs and the areas that a list of corrections of this page leaves. */
function applied(list) {
  const left = new Map(page.hairs.map((hair) => [hair.id, { ...hair, automatic: true }]));
  const areas = [];
  for (const made of list) {
    if (made.kind === "not_scalp") areas.push(made.polygon_px);
    const turned = made.kind === "turn" ? left.get(made.before[0].id) : null;
    for (const { id } of made.before ?? []) left.delete(id);
    for (const { id, course_px } of made.after ?? []) {
      left.set(id, turned
        ? { ...turned, course: [...turned.course].reverse(), root: turned.tip, tip: turned.root, turned: true }
        : { id, course: course_px, half: 3, root: course_px[0], tip: course_px.at(-1), automatic: false });
    }
  }
  return { hairs: [...left.values()], areas };
}

/**
 * The corrections of a file for the hairs of this page. As the program does it: a hair is the one of that id if its ends are
 * there, else the nearest by its ends. `unfit` counts what is left out since its hair is not here; `moved`: other hairs.
 */
function fitted(file) {
  const entries = page.hairs.map(({ id, root, tip }) => ({ id, ends: [root, tip], automatic: true }));
  const made = new Map(), list = [];
  let next = Math.max(0, ...page.hairs.map((hair) => hair.id)), unfit = 0, moved = file.automatic_hairs !== page.hairs.length;
  const off = ({ ends: [root, tip], turned }, [a, b]) => {
    const straight = Math.max(apart(root, a), apart(tip, b));
    return turned ? Math.min(straight, Math.max(apart(root, b), apart(tip, a))) : straight;
  };
  const find = ({ id, course_px }) => {
    const own = made.get(id);
    if (own) return own.gone ? null : own;
    const ends = [course_px[0], course_px.at(-1)];
    const here = entries.filter((entry) => !entry.gone && off(entry, ends) <= page.reach_px);
    return here.find((entry) => entry.id === id) ?? here.reduce((best, entry) => (best && off(best, ends) <= off(entry, ends) ? best : entry), null);
  };
  for (const one of file.corrections) {
    const { kind, time } = one;
    if (kind === "not_scalp") { list.push({ kind, time, polygon_px: one.polygon_px }); continue; }
    const found = one.before.map(find);
    if (found.some((entry, i) => !entry || found.indexOf(entry) !== i)) { unfit += 1; continue; }
    moved ||= found.some((entry, i) => entry.automatic && entry.id !== one.before[i].id);
    const from = found.map(({ id, automatic, turned, ends }, i) => ({ id, course_px: automatic ? course(turned ? [...ends].reverse() : ends) : one.before[i].course_px }));
    let to;
    if (kind === "turn") {
      found[0].turned = !found[0].turned;
      to = [{ id: found[0].id, course_px: one.after[0].course_px }];
    } else {
      found.forEach((entry) => { entry.gone = true; });
      to = one.after.map(({ id, course_px }) => {
        made.set(id, { id: ++next, automatic: false });
        return { id: next, course_px };
      });
    }
    list.push({ kind, time, before: from, after: to });
  }
  return { list, unfit, moved: moved || unfit > 0 };
}

const asFile = () => ({
  schema: SCHEMA,
  image: page.image,
  software: done.software,
  reader: done.reader,
  automatic_hairs: page.hairs.length,
  corrections: done.list,
});
