// Everything is there: join the controls.
if (page.editable) {
  for (const button of document.querySelectorAll("[data-tool]")) button.addEventListener("click", () => { take(button.dataset.tool); pane.focus({ preventScroll: true }); });
  $("undo").addEventListener("click", undo);
  $("redo").addEventListener("click", redo);
  // Undo and redo wherever the focus is, but for a field of text, which has its own.
  document.addEventListener("keydown", (event) => {
    const own = pane.contains(event.target) || event.target.matches("input:not([type=checkbox])");
    if (!own && (event.ctrlKey || event.metaKey) && acts.key(event, true)) event.preventDefault();
  });
  $("save").addEventListener("click", async () => {
    if (done.own !== done.reader || !done.reader) if (!done.saved && !(await askReader())) return;
    save();
    state();
  });
  $("change-reader").addEventListener("click", askReader);
  $("discard").addEventListener("click", async () => {
    if (!(await choose("discard", { count: done.list.length }))) return;
    Object.assign(done, { list: [], undone: [], from: "", reader: done.own, saved: true, touched: false, software: page.software });
    keep();
    remark("");
    changed();
    cancel();
  });
  $("ask-form").addEventListener("submit", (event) => { event.preventDefault(); $("ask-dialog").close("ok"); });
  $("ask-cancel").addEventListener("click", () => $("ask-dialog").close(""));
  $("reader-form").addEventListener("submit", (event) => { event.preventDefault(); $("reader-dialog").close("ok"); });
  $("reader-cancel").addEventListener("click", () => $("reader-dialog").close(""));
  $("load").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    event.target.value = "";
    if (!file) return;
    const wrong = await load(file);
    $("edit-error").textContent = wrong ? say(wrong.key, { file: file.name, ...wrong }) : "";
  });
  const recalled = recall();
  changed();
  take("look");
  if (recalled) hint("recalled");
}
fit();
