// The page of two visits and of more.
import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { MOST_BYTES } from "./bench.mjs";

function compared(bench, photos, name, language = "en") {
  const html = bench.file(`${name}.html`), json = bench.file(`${name}.json`);
  bench.run("compare", ...photos, "--um-per-px", "5", "--quiet", "--report", html, "--language", language, "--json", json);
  assert(statSync(html).size < MOST_BYTES, `${html}: ${statSync(html).size} bytes`);
  return { html, record: JSON.parse(readFileSync(json, "utf8")), language };
}

export async function comparison(bench) {
  const photos = ["baseline.jpg", "follow_up.jpg"].map((name) => bench.sample(name));
  const { html, record } = compared(bench, photos, "change");
  bench.others = ["en", "de", "hi"].map((language) => compared(bench, photos, `change-${language}`, language));
  assert(readFileSync(html).equals(readFileSync(bench.others[0].html)), "equal photos give equal pages");
  const page = await bench.open(html);
  const body = await page.innerText("body");
  for (const change of Object.values(record.change).filter(Boolean)) assert(body.includes(Math.abs(change.difference).toFixed(1)));
  assert.equal(await page.locator(".h.gained").count(), record.gained.length);
  assert.equal(await page.locator(".h.lost").count(), record.lost.length);
  assert.equal(await page.locator(".h.unseen").count(), record.not_seen.baseline.length + record.not_seen.follow_up.length);
  assert.equal(await page.locator(".h[data-id]").count(), record.matches.length + record.gained.length + record.lost.length + record.not_seen.baseline.length + record.not_seen.follow_up.length);

  // The slider uncovers the follow-up.
  const clip = () => page.evaluate(() => getComputedStyle(document.querySelector(".after")).clipPath);
  await page.fill("#swipe", "0");
  const whole = await clip();
  await page.fill("#swipe", "100");
  assert.notEqual(whole, await clip());
  await page.focus("#swipe");
  await page.keyboard.press("ArrowLeft");
  assert.equal(await page.inputValue("#swipe"), "99");
  let toggles = 0;
  for (const box of await page.locator("[data-layer]").all()) {
    const layer = await box.getAttribute("data-layer");
    await box.click();
    const off = ((await page.locator("#stage").getAttribute("class")) ?? "").includes(`off-${layer}`);
    assert.equal(off, !(await box.isChecked()), layer);
    await box.click();
    toggles += 1;
  }
  // By keys from hair to hair.
  await page.focus("#pane");
  await page.keyboard.press("n");
  const told = await page.innerText("#hair");
  assert(told.includes("→"), told);
  const pages = await bench.pdfPages(page);
  assert.equal(pages, 4, "summary, photos, tables, method");
  await page.shut();
  return `${toggles} layers, ${pages} pages on A4, ${(statSync(html).size / 1e6).toFixed(2)} MB`;
}

export async function series(bench) {
  const photos = ["null", "thickening", "regrowth"].map((pair, i) => {
    bench.run("phantom", "--scene", "clipped_typical", "--pair", pair, "--seed", "101", "--size", "800x640", "-o", bench.folder);
    return bench.file(`clipped_typical_${pair}_s101_${i ? "b" : "a"}.jpg`);
  });
  const made = compared(bench, photos, "series");
  bench.others.push(made);
  const page = await bench.open(made.html);
  const shown = () => page.locator("g.of-visit:not(.other)").getAttribute("data-visit");
  assert.equal(await shown(), "3");
  await page.selectOption("#visit", "2");
  assert.equal(await shown(), "2");
  const first = made.record.comparisons[0];
  assert.equal(await page.locator("[data-layer=same] ~ .count").innerText(), String(await page.locator('g.of-visit[data-visit="2"] .h.same').count()));
  assert((await page.locator('g.of-visit[data-visit="2"] .h[data-id]').count()) >= first.matches.length);
  const plots = await page.locator("figure svg.plot").count();
  assert.equal(plots, made.record.trends.filter((trend) => trend.difference.slice(1).some((value) => value !== null)).length);
  // On paper each pair has its own photo and its own numbers.
  await page.emulateMedia({ media: "print" });
  const pairs = await page.locator(".pair.large").evaluateAll((pairs) => pairs.map((pair) => {
    const [, photo] = pair.querySelectorAll("use[href^='#photo']");
    return [getComputedStyle(document.querySelector(photo.getAttribute("href"))).display, pair.querySelector(".legend").textContent.replace(/\s+/g, " ").trim()];
  }));
  assert.equal(pairs.length, 2);
  for (const [display] of pairs) assert.notEqual(display, "none", "the photo of each visit is printed");
  const sum = (kind) => made.record.comparisons.map((pair) => pair[kind].length);
  pairs.forEach(([, legend], i) => { if (sum("gained")[i]) assert(legend.includes(`Gained ${sum("gained")[i]}`), legend); });
  assert.notEqual(pairs[0][1], pairs[1][1]);
  const pages = await bench.pdfPages(page);
  assert(pages >= 5 && pages <= 8, `${pages} pages`);
  await page.shut();
  return `${plots} trends, ${pages} pages on A4`;
}
