// Where corrections are kept: in a file that the reader saves, and in this browser, if it lets us, until the reader discards them.
// A kept list belongs to a photo, to a measurement of it, and to a tab: none ever overwrites another.
const KEPT_READER = "vellus.reader", ALL_KEPT = `vellus.corrections ${page.image.content_hash} `;
const digest = (text) => { let hash = 0x811c9dc5; for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193); return (hash >>> 0).toString(36); };
const KEPT = `${ALL_KEPT}${digest(JSON.stringify([page.um_per_px, page.software, page.hairs.map(({ id, root, tip }) => [id, root, tip])]))} `;
const newSlot = () => KEPT + Math.random().toString(36).slice(2, 10);

const kept = {
  get(key, of = "localStorage") { try { return window[of].getItem(key); } catch { return null; } },
  set(key, value, of = "localStorage") { try { window[of].setItem(key, value); } catch { /* private window: the page warns before it is left */ } },
  drop(key) { try { localStorage.removeItem(key); } catch { /* as above */ } },
  keys() { try { return Object.keys(localStorage).filter((key) => key.startsWith(ALL_KEPT)); } catch { return []; } },
};

/** Where this tab keeps its list, and what it last read or wrote there: if another tab wrote since, this one goes elsewhere. */
const slot = { key: newSlot(), seen: null };
function use(key, seen) {
  Object.assign(slot, { key, seen });
  kept.set(KEPT, key, "sessionStorage");
}
function apartFromOthers() {
  const there = kept.get(slot.key);
  if (there === null || there === slot.seen) return;
  use(newSlot(), null);
  remark("other_tab");
}
function keep() {
  apartFromOthers();
  if (done.list.length) {
    const text = JSON.stringify({ at: now(), saved: done.saved, from: done.from, file: asFile() });
    kept.set(slot.key, text);
    use(slot.key, text);
  } else kept.drop(slot.key);
}

/** A kept list; `null` if it is none that can be read. */
function readKept(key) {
  try {
    const text = kept.get(key), { at, saved, from, file } = JSON.parse(text);
    return wrongWith(file) ? null : { key, text, at: String(at), saved: saved === true, from: READER.test(from) ? from : "", file };
  } catch { return null; }
}

/** Takes over a file's corrections. */
function takeOver(file, { saved, from = "" }) {
  const { list, unfit, moved } = fitted(file);
  Object.assign(done, { list, undone: [], reader: file.reader, from, saved: saved && !moved, touched: true, software: moved ? file.software : page.software });
  return { unfit, moved };
}

/** What this tab had, else the newest that was not saved of this measurement. */
function recall() {
  const lists = kept.keys().filter((key) => key.startsWith(KEPT)).map(readKept).filter(Boolean).sort((a, b) => (a.at < b.at ? 1 : -1));
  const own = kept.get(KEPT, "sessionStorage");
  const found = lists.find(({ key }) => key === own) ?? lists.find(({ saved }) => !saved);
  if (!found || !found.file.corrections.length) return 0;
  takeOver(found.file, found);
  // After a reload it is still the same reader; a new tab asks.
  if (found.key === own && kept.get(KEPT_READER, "sessionStorage") === done.reader) done.own = done.reader;
  use(found.key, found.text);
  return done.list.length;
}

// Only what every system takes for a name, so that the browser changes nothing in it.
const fileName = `${page.stem.replace(/[^\p{L}\p{M}\p{N} ._()+,=@-]/gu, "_").replace(/^[. ]/, "_")}.corrections.json`;
function save() {
  const blob = new Blob([`${JSON.stringify(asFile(), null, 1)}\n`], { type: "application/json" });
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: fileName });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  // Whether the reader let it be saved is not told to a page: the browser's copy stays.
  done.saved = true;
  keep();
}

/** Opens a file in place of the list; what was in the list stays kept in this browser. Gives what is wrong with it, or `null`. */
async function load(file) {
  let read;
  if (file.size > MOST.bytes) return { key: "load_large" };
  try { read = JSON.parse(await file.text()); } catch { return { key: "load_form" }; }
  const wrong = wrongWith(read);
  if (wrong) return wrong;
  if (done.list.length && !done.saved && !(await choose("replace", { count: done.list.length, file: file.name }))) return null;
  openList(read, { saved: true, name: file.name });
  return null;
}

/** Opens a list in a place of its own. */
function openList(file, { saved, from, key, text, name }) {
  use(key?.startsWith(KEPT) ? key : newSlot(), key?.startsWith(KEPT) ? text : null);
  const { unfit, moved } = takeOver(file, { saved, from });
  keep();
  if (unfit) remark("load_unfit", { count: unfit, all: file.corrections.length, file: name });
  else if (moved) remark("load_moved", { file: name });
  else remark("");
  changed();
  if (done.own && done.own !== done.reader) askReader();
}

/** The lists of this photo that are kept beside the one at hand. */
function showKept() {
  const others = kept.keys().filter((key) => key !== slot.key).map(readKept).filter((found) => found?.file.corrections.length);
  others.sort((a, b) => (a.at < b.at ? 1 : -1));
  $("kept").hidden = !others.length;
  $("kept").querySelector("ul").replaceChildren(...others.map((found) => {
    const item = document.createElement("li"), of = found.key.startsWith(KEPT) ? "" : ` ${say("kept_other")}`;
    const words = say("kept_one", { count: found.file.corrections.length, reader: found.file.reader, time: found.at.replace("T", " ").replace("Z", " UTC") }) + of;
    const act = (key, what) => {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: say(key) });
      button.setAttribute("aria-label", `${say(key)}: ${words}`);
      button.addEventListener("click", what);
      return button;
    };
    item.append(`${words} `,
      act("kept_open", async () => {
        if (done.list.length && !done.saved && !(await choose("replace", { count: done.list.length, file: words }))) return;
        openList(found.file, { ...found, name: words });
      }),
      act("kept_discard", async () => {
        if (!found.saved && !(await choose("discard", { count: found.file.corrections.length }))) return;
        kept.drop(found.key);
        showKept();
      }));
    return item;
  }));
}

addEventListener("beforeunload", (event) => { if (done.list.length && !done.saved) event.preventDefault(); });
addEventListener("storage", (event) => {
  if (!page.editable || (event.key !== null && !event.key.startsWith(ALL_KEPT))) return;
  if (done.list.length) apartFromOthers();
  showKept();
});
