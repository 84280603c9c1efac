// The page of a trial: a few drawn photos in two arms, one of them damaged.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";

export async function trial(bench) {
  const rows = ["photo,subject,visit,replicate,arm,um_per_px"];
  for (const [seed, arm, end] of [[101, "active", "regrowth"], [102, "placebo", "loss"], [103, "active", "regrowth"], [104, "placebo", "null"]]) {
    for (const pair of new Set(["null", end])) bench.run("phantom", "--scene", "clipped_typical", "--pair", pair, "--seed", String(seed), "--size", "1000x800", "-o", bench.folder);
    const row = (pair, side, visit, replicate) => rows.push(`clipped_typical_${pair}_s${seed}_${side}.jpg,S${seed},${visit},${replicate},${arm},5`);
    row("null", "a", "week 0", 1);
    row("null", "b", "week 0", 2);
    if (end !== "null") row(end, "b", "week 12", 1);
  }
  writeFileSync(bench.file("damaged.jpg"), "no photo");
  rows.push("damaged.jpg,S104,week 12,1,placebo,5");
  writeFileSync(bench.file("trial.csv"), `${rows.join("\n")}\n`);
  const out = bench.file("trial");
  try { execFileSync(bench.vellus, ["batch", bench.file("trial.csv"), "-o", out, "--quiet"], { stdio: "pipe" }); } catch (error) { assert.equal(error.status, 1, String(error.stderr)); }
  assert(existsSync(`${out}/tables/complete.json`));
  for (const language of ["en", "de", "hi"]) {
    const html = bench.file(`trial-${language}.html`);
    bench.run("stats", out, "--quiet", "--report", html, "--language", language);
    bench.others.push({ html, language });
  }
  const page = await bench.open(bench.file("trial-en.html"));
  const body = await page.innerText("body");
  for (const words of ["active", "placebo", "week 12", "damaged.jpg", "failed", "Bland-Altman"]) assert(body.includes(words), words);
  assert.equal(await page.locator("tbody tr.fail").count(), 1);
  assert.equal(await page.locator("section:last-of-type").count() > 0, true);
  const plots = await page.locator("figure svg.plot").count();
  const pages = await bench.pdfPages(page);
  assert(plots >= 6 && pages >= 3 && pages <= 10, `${plots} charts, ${pages} pages`);
  await page.shut();
  return `${plots} charts, ${pages} pages on A4`;
}
