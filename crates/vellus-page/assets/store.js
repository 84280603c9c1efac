// Where corrections are kept: in a file that the reader saves; until then in this browser, if it lets us.
const KEPT = `vellus.corrections ${page.image.content_hash}`, KEPT_READER = "vellus.reader";

const kept = {
  get(key) { try { return localStorage.getItem(key); } catch { return null; } },
  set(key, value) { try { localStorage.setItem(key, value); } catch { /* private window: the page warns before it is left */ } },
  drop(key) { try { localStorage.removeItem(key); } catch { /* as above */ } },
};

function keep() {
  if (done.list.length && !done.saved) kept.set(KEPT, JSON.stringify(asFile()));
  else kept.drop(KEPT);
}

/** What was kept and not saved, if it fits. */
function recall() {
  const reader = kept.get(KEPT_READER);
  if (READER.test(reader ?? "")) done.reader = reader;
  try {
    const file = JSON.parse(kept.get(KEPT));
    if (!file || wrongWith(file)) return 0;
    Object.assign(done, { list: file.corrections, undone: [], reader: file.reader, saved: false });
    return file.corrections.length;
  } catch { return 0; }
}

const fileName = `${page.stem}.corrections.json`;
function save() {
  const blob = new Blob([`${JSON.stringify(asFile(), null, 1)}\n`], { type: "application/json" });
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: fileName });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  done.saved = true;
  keep();
}

async function load(file) {
  let read;
  try { read = JSON.parse(await file.text()); } catch { return "load_form"; }
  const wrong = wrongWith(read);
  if (wrong) return wrong;
  Object.assign(done, { list: read.corrections, undone: [], reader: read.reader, saved: true });
  kept.set(KEPT_READER, read.reader);
  keep();
  return null;
}

addEventListener("beforeunload", (event) => { if (done.list.length && !done.saved) event.preventDefault(); });
