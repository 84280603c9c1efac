// Everything is there: join the controls.
if (page.editable) {
  for (const button of document.querySelectorAll("[data-tool]")) button.addEventListener("click", () => { take(button.dataset.tool); pane.focus({ preventScroll: true }); });
  $("undo").addEventListener("click", undo);
  $("redo").addEventListener("click", redo);
  $("save").addEventListener("click", () => { save(); state(); });
  $("change-reader").addEventListener("click", async () => { if (await askReader()) { done.saved = !done.list.length; keep(); state(); } });
  $("reader-form").addEventListener("submit", (event) => { event.preventDefault(); $("reader-dialog").close("ok"); });
  $("reader-cancel").addEventListener("click", () => $("reader-dialog").close(""));
  $("load").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    event.target.value = "";
    if (!file) return;
    const wrong = await load(file);
    $("edit-error").textContent = wrong ? say(wrong, { file: file.name }) : "";
    if (!wrong) changed();
  });
  const recalled = recall();
  changed();
  take("look");
  if (recalled) hint("recalled");
}
fit();
