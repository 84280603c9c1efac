// Two visits in register: a slider uncovers one or the other; of a series one follow-up is shown at a time.
$("swipe").addEventListener("input", () => stage.style.setProperty("--swipe", $("swipe").value));

function showVisit(number) {
  for (const part of stage.querySelectorAll(".of-visit")) part.classList.toggle("other", Number(part.dataset.visit) !== number);
  hairs.current = page.hairs.filter((hair) => hair.visit === number);
  for (const box of document.querySelectorAll("[data-layer]")) {
    const kind = box.dataset.layer, drawn = stage.querySelector(`g.of-visit[data-visit="${number}"]`);
    box.parentElement.querySelector(".count").textContent = drawn.querySelectorAll(kind === "changes" ? ".width" : `.h.${kind}`).length;
  }
}
$("visit")?.addEventListener("change", () => { tell(null); showVisit(Number($("visit").value)); });
showVisit(Number($("visit")?.value ?? 2));
