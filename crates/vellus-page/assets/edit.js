// The tools: each turns points into a correction.
const TOOLS = { v: "look", d: "remove", a: "add", s: "split", m: "merge", t: "turn", x: "not_scalp" };
let tool = "look", draft = [], picked = [];
const look = { tap: acts.tap, key: acts.key };

function take(next) {
  tool = next;
  lastTap.time = -Infinity; // A tap with another tool is no half of a double tap.
  cancel();
  for (const button of document.querySelectorAll("[data-tool]")) button.setAttribute("aria-pressed", String(button.dataset.tool === tool));
  pane.classList.toggle("looking", tool === "look");
  pane.classList.toggle("drawing", tool !== "look");
}

function cancel() {
  draft = [];
  picked = [];
  drawDraft();
  hint();
}

function hint(key = `hint_${tool}`) { $("hint").textContent = say(key, { count: tool === "merge" ? picked.length : draft.length }); }

/** The list is another one than before. */
function altered() {
  Object.assign(done, { saved: false, touched: true });
  changed();
  keep();
  state();
}

/** Adds a correction, once the reader has said who it is; none that the program would refuse. */
async function correct(made) {
  const wrong = done.list.length >= MOST.corrections ? "limit_count" : wrongCorrection(made);
  if (wrong) { hint(wrong); return; }
  if ((!done.own || done.own !== done.reader) && !(await askReader())) return;
  done.list.push({ kind: made.kind, time: now(), ...made });
  done.undone = [];
  altered();
  cancel();
  hint(`done_${made.kind}`);
}

function undo() {
  if (draft.length) { draft.pop(); drawDraft(); hint(); return; }
  if (picked.length) { picked.pop(); drawDraft(); hint(); return; }
  if (!done.list.length) return;
  done.undone.push(done.list.pop());
  altered();
}
function redo() {
  if (!done.undone.length) return;
  done.list.push(done.undone.pop());
  altered();
}

const remove = (hair) => correct({ kind: "remove", before: [before(hair)], after: [] });
const turn = (hair) => correct({ kind: "turn", before: [before(hair)], after: [after(hair.id, [...hair.course].reverse())] });
function split(hair, near) {
  const id = largest(), first = [...hair.course.slice(0, near.part + 1), near.point], second = [near.point, ...hair.course.slice(near.part + 1)];
  if (along(first) < 3 || along(second) < 3) { hint("split_end"); return; }
  correct({ kind: "split", before: [before(hair)], after: [after(id + 1, first), after(id + 2, second)] });
}

/** One course through several: from the first one's root, each next joined by its nearer end; of hairs side by side the longest. */
function joined(list) {
  return list.slice(1).reduce((whole, hair) => {
    const beside = [hair.course[0], hair.course.at(-1)].every((end) => awayFrom(end, whole).away < 4 * hair.half + 6);
    if (beside) return whole;
    const [root, tip] = [whole[0], whole.at(-1)], [first, last] = [hair.course[0], hair.course.at(-1)];
    const ways = [
      [apart(tip, first), () => [...whole, ...hair.course]],
      [apart(tip, last), () => [...whole, ...[...hair.course].reverse()]],
      [apart(root, last), () => [...hair.course, ...whole]],
      [apart(root, first), () => [...[...hair.course].reverse(), ...whole]],
    ];
    return ways.reduce((best, way) => (way[0] < best[0] ? way : best))[1]();
  }, list[0].course);
}

acts.tap = (point, touch) => {
  if (tool === "look") { look.tap(point, touch); return; }
  if (tool === "add" || tool === "not_scalp") {
    draft.push(point);
    drawDraft();
    hint();
    return;
  }
  const found = hairAt(point, touch);
  if (!found) { hint("no_hair"); return; }
  if (tool === "remove") remove(found.hair);
  else if (tool === "turn") turn(found.hair);
  else if (tool === "split") split(found.hair, found.near);
  else {
    picked = picked.some((hair) => hair.id === found.hair.id) ? picked.filter((hair) => hair.id !== found.hair.id) : [...picked, found.hair];
    drawDraft();
    hint();
  }
};

// Quick clicks on hairs are clicks on hairs; of points, only a second one at the same place ends the drawing.
const NEAR_PX = { look: [16, 16], add: [4, 16], not_scalp: [4, 16], merge: [4, 16] };
acts.twicePx = (touch) => (NEAR_PX[tool] ?? [0, 0])[touch ? 1 : 0];

/** Ends what is being drawn: double click, or Enter at the same place again. */
acts.finish = () => {
  if (tool === "add" && draft.length >= 2) correct({ kind: "add", before: [], after: [after(largest() + 1, draft)] });
  else if (tool === "not_scalp" && draft.length >= 3) correct({ kind: "not_scalp", polygon_px: course(draft) });
  else if (tool === "merge" && picked.length >= 2) correct({ kind: "merge", before: picked.map(before), after: [after(largest() + 1, joined(picked))] });
  else if (tool === "look") zoom(2, toPane(inside(toPhoto(lastTap))));
  else hint();
};

acts.key = (event, command) => {
  const key = event.key.toLowerCase();
  if (command) {
    if (key === "z") (event.shiftKey ? redo : undo)();
    else if (key === "y") redo();
    else return false;
    return true;
  }
  if (event.altKey) return false;
  if (key === "enter") {
    // Enter sets a point; where one was just set, it ends the hair. A hair is picked again to be let go by Space.
    const last = draft.at(-1), here = last && Math.hypot(last[0] - keyed.point[0], last[1] - keyed.point[1]) < 0.5;
    const again = tool === "merge" && picked.length >= 2 && picked.at(-1).id === hairAt(keyed.point)?.hair.id;
    if (here || again) acts.finish();
    else acts.tap(keyed.point, false);
  } else if (key === "f") acts.finish();
  else if (key === "escape") { if (draft.length || picked.length) cancel(); else take("look"); }
  else if (key === "backspace" || (key === "delete" && draft.length)) undo();
  else if (TOOLS[key]) take(TOOLS[key]);
  else return look.key(event, command);
  return true;
};

function shape(name, attributes, className) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (className) node.setAttribute("class", className);
  return node;
}
const line = (points, closed) => `M${points.map((p) => p.map(tenth).join(" ")).join("L")}${closed ? "Z" : ""}`;

function drawDraft() {
  const lines = picked.length ? picked.map((hair) => line(hair.course)) : draft.length > 1 ? [line(draft, tool === "not_scalp")] : [];
  $("draft").replaceChildren(
    ...lines.flatMap((d) => [shape("path", { d }, "rim"), shape("path", { d }, "edge")]),
    ...draft.map(([cx, cy]) => shape("circle", { cx, cy }, "root")),
  );
}

/** How each automatic hair is drawn now. */
const shown = new Map();
/** Shows what the corrections leave. */
function changed() {
  tell(null);
  const left = applied(done.list);
  hairs.current = left.hairs;
  const ids = new Map(left.hairs.map((hair) => [hair.id, hair]));
  const marks = left.areas.map((area) => shape("path", { d: line(area, true) }, "area"));
  // Only what differs is touched: each touch of one of 1,500 marks costs a new layout of it.
  for (const hair of page.hairs) {
    const own = ids.get(hair.id), gone = !own?.automatic, root = own?.root ?? hair.root, drawn = shown.get(hair.id);
    if (gone !== (drawn?.gone ?? false)) groups.get(hair.id).classList.toggle("gone", gone);
    if (root !== (drawn?.root ?? hair.root)) {
      const dot = groups.get(hair.id).querySelector(".root");
      dot.setAttribute("cx", root[0]);
      dot.setAttribute("cy", root[1]);
    }
    shown.set(hair.id, { gone, root });
    if (!gone) continue;
    const [x, y] = middle(hair), d = `M${x - 6} ${y - 6}l12 12M${x + 6} ${y - 6}l-12 12`;
    marks.push(shape("path", { d }, "cross"), shape("path", { d }, "cross"));
  }
  for (const hair of left.hairs) {
    if (hair.automatic && !hair.turned) continue;
    const group = shape("g", { "data-id": hair.id }, "h made"), d = line(hair.course);
    group.append(shape("path", { d }, "rim"), shape("path", { d }, "edge"), shape("circle", { cx: hair.root[0], cy: hair.root[1] }, "root"));
    marks.push(group);
  }
  $("edits").replaceChildren(...marks);
  document.querySelector('[data-layer="edits"] ~ .count').textContent = done.list.length;
  $("undo").disabled = !done.list.length;
  $("redo").disabled = !done.undone.length;
  state();
}

const quoted = (name) => (/^[\w.,@%+=:/-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`);
function state() {
  const count = done.list.length, scale = page.um_per_px ? [`--um-per-px ${page.um_per_px}`] : [];
  const region = page.region ? [`--region ${quoted(page.region)}`] : [];
  $("save").disabled = !done.touched;
  $("discard").hidden = !count;
  $("edit-protocol").hidden = !count || !page.other_protocol;
  $("edit-region").hidden = !count || !page.other_region;
  $("edit-from").textContent = done.from && done.from !== done.reader ? say("began_as", { from: done.from, reader: done.reader }) : "";
  showKept();
  $("print-pending").textContent = count ? say(count === 1 ? "print_pending_one" : "print_pending", { count }) : "";
  $("legend-edits").hidden = !count;
  $("legend-edits").replaceChildren(Object.assign(document.createElement("i"), { className: "swatch edits" }), say("legend_edits", { count }));
  $("reader").textContent = done.reader || "–";
  $("edit-state").textContent = count ? say(count === 1 ? "pending_one" : "pending", { count }) + (done.saved ? ` ${say("saved", { file: fileName })}` : "") : say("none");
  $("edit-command").hidden = !count;
  // Broken between its words only; copied, it is one line.
  const words = ["vellus measure", quoted(page.image.path), ...scale, ...region, `--corrections ${quoted(fileName)}`];
  $("edit-command").firstElementChild.replaceChildren(...words.flatMap((word) => [" ", Object.assign(document.createElement("span"), { textContent: word })]).slice(1));
  const list = $("edit-list");
  list.hidden = !count;
  list.replaceChildren(...done.list.map((made) => {
    const ids = (made.before?.length ? made.before : made.after ?? []).map((hair) => hair.id).join(", ");
    return Object.assign(document.createElement("li"), { textContent: `${say(`kind_${made.kind}`)} ${ids}` });
  }));
}

/** Says what stays said until the next file. */
function remark(key, values) { $("edit-note").textContent = key ? say(key, values) : ""; }

/** Asks who is at this page; false if that stays unsaid. Whoever goes on with another's list takes it over as a whole. */
function askReader() {
  const dialog = $("reader-dialog"), input = $("reader-code"), last = kept.get(KEPT_READER) ?? "";
  input.value = done.own || done.reader || (READER.test(last) ? last : "");
  const another = done.reader && done.list.length && done.reader !== done.own;
  $("reader-note").textContent = another ? say("reader_of", { reader: done.reader }) : input.value && !done.own ? say("reader_last", { reader: input.value }) : "";
  dialog.returnValue = "";
  dialog.showModal();
  input.select();
  return new Promise((resolve) => dialog.addEventListener("close", () => {
    const given = dialog.returnValue === "ok" && READER.test(input.value);
    if (given) {
      if (done.list.length && done.reader !== input.value) Object.assign(done, { from: done.from || done.reader, saved: false });
      done.own = done.reader = input.value;
      kept.set(KEPT_READER, done.reader);
      kept.set(KEPT_READER, done.reader, "sessionStorage");
      if (done.list.length) keep();
      state();
    }
    pane.focus({ preventScroll: true });
    resolve(given);
  }, { once: true }));
}

/** Asks before something is put aside; false if the reader would rather not. */
function choose(key, values) {
  const dialog = $("ask-dialog");
  $("ask-text").textContent = say(`ask_${key}`, values);
  $("ask-ok").textContent = say(`ask_${key}_ok`);
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "ok"), { once: true }));
}
