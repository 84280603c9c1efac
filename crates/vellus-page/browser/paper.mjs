// What is told on paper, of what readers corrected, of photos without hairs, and on a narrow screen.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { giveCode } from "./measurement.mjs";

/** Corrections that are not measured yet, and those that are. */
export async function corrected(bench) {
  const photo = bench.sample("clipped.jpg"), { html } = bench.measured(photo), page = await bench.open(html);
  await page.focus("#pane");
  for (const key of ["n", "d", "Enter"]) await page.keyboard.press(key);
  await giveCode(page);
  await page.uncheck("[data-layer=units]");
  await page.emulateMedia({ media: "print" });
  assert.match(await page.innerText("#print-pending"), /^1 correction .* not in its numbers/);
  const legend = await page.innerText(".legend");
  assert.match(legend, /not in the numbers: 1/);
  assert(!legend.includes("Follicular units"), "what is hidden is not in the legend");
  assert.equal(await page.locator(".thumbnail use[href='#edits']").count(), 1);
  assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector(".h.gone")).visibility), "hidden");
  assert.equal(await bench.pdfPages(page), 4, "with a correction that is pending");
  await page.shut();

  const counts = [];
  for (const language of ["en", "de", "hi"]) {
    const made = bench.file(`corrected-${language}.html`);
    bench.run("measure", photo, "--um-per-px", "5", "--quiet", "--corrections", bench.file("clipped.corrections.json"), "--report", made, "--language", language);
    const own = await bench.open(made);
    counts.push(await bench.pdfPages(own));
    assert.equal(await own.locator("#tools").count(), 0);
    await own.shut();
  }
  assert.deepEqual(counts, [4, 4, 4], "pages of a corrected photo on A4");
  return `${counts} pages on A4`;
}

/** A comparison and a trial say what was corrected. */
export async function correctedVisits(bench) {
  const [before, after] = ["baseline.jpg", "follow_up.jpg"].map((name) => bench.sample(name)), html = bench.file("corrected-change.html");
  const record = JSON.parse(bench.run("measure", before, "--um-per-px", "5", "--quiet", "--json", "-")), [hair] = record.hairs;
  const { path, width_px, height_px, content_hash } = record.image, file = bench.file("baseline.corrections.json");
  writeFileSync(file, JSON.stringify({ schema: "vellus.corrections/1", image: { path: "baseline.jpg", width_px, height_px, content_hash }, software: record.software, reader: "R7", automatic_hairs: record.hairs.length, corrections: [{ kind: "remove", time: "2026-01-01T00:00:00Z", before: [{ id: hair.id, course_px: [hair.root_px, hair.tip_px] }], after: [] }] }));
  bench.run("compare", before, after, "--um-per-px", "5", "--quiet", "--corrections", file, "--report", html);
  const page = await bench.open(html), body = await page.innerText(".summary");
  assert.match(body, /corrected by hand/i, "the badge");
  assert.match(body, new RegExp(`baseline.jpg: corrected by R7; ${record.summary.hair_count} hairs counted automatically, 0 added, 1 removed`));
  assert.match(await page.innerText("body"), /estimates: they also allow for hairs that one photo overlooks/);
  await page.shut();

  writeFileSync(bench.file("two.csv"), `photo,subject,visit,um_per_px\n${before},S1,week 0,5\n${after},S1,week 12,5\n`);
  bench.run("batch", bench.file("two.csv"), "-o", bench.file("two"), "--quiet", "--corrections", file);
  bench.run("stats", bench.file("two"), "--quiet", "--report", bench.file("two.html"));
  const trial = await bench.open(bench.file("two.html")), told = await trial.innerText("body");
  assert.match(told, /corrected 1 of 2 photos by hand \(R7\)/);
  assert.match(told, /corrected by R7; \d+ hairs counted automatically, 0 added, 1 removed/);
  await trial.shut();
}

/** A photo without a hair claims nothing; one that cannot be measured has no editor. */
export async function nothing(bench) {
  const tiny = bench.file("tiny.html");
  bench.run("measure", bench.sample("clipped.jpg"), "--um-per-px", "5", "--region", "rect:250,0,170,170", "--quiet", "--report", tiny);
  const page = await bench.open(tiny), body = await page.innerText("body");
  assert.match(body, /no hair was counted. That does not show that there is none/);
  assert(!/\b0(\.0)? to 0(\.0)?\b/.test(body), "no interval without width");
  assert(!/units × hairs in each:\s*$/m.test(body));
  await page.shut();

  const failed = bench.file("failed.html"), grey = bench.file("grey.png"), blank = await bench.browser.newPage({ viewport: { width: 300, height: 200 } });
  await blank.setContent("<body style='background:#aaa'>");
  await blank.screenshot({ path: grey });
  await blank.close();
  try { bench.run("measure", grey, "--um-per-px", "5", "--quiet", "--report", failed); } catch (error) { assert.equal(error.status, 1, String(error.stderr)); }
  assert(readFileSync(failed, "utf8").includes("This photo cannot be measured"));
  const none = await bench.open(failed);
  assert.equal(await none.locator("#tools, #save, #load").count(), 0, "no editor");
  assert.match(await none.innerText("body"), /no hairs to correct/);
  await none.shut();
}

/** On a phone a row is a card: nothing is cut, and fingers hit what is there. */
export async function narrow(bench) {
  for (const name of ["corrected-en", "corrected-change", "two"]) {
    const page = await bench.open(bench.file(`${name}.html`), { viewport: { width: 390, height: 844 } });
    const cut = await page.evaluate(() => [...document.querySelectorAll(".scroll, td, th")].filter((box) => box.closest("thead") === null && box.scrollWidth > box.clientWidth + 1).map((box) => box.outerHTML.slice(0, 90)));
    assert.deepEqual(cut, [], name);
    const small = await page.evaluate(() => [...document.querySelectorAll("button, .button, .switch, select")].map((box) => box.getBoundingClientRect()).filter((box) => box.height > 0 && (box.height < 44 || box.width < 44)).length);
    assert.equal(small, 0, `${name}: too small for a finger`);
    await page.shut();
  }
}
