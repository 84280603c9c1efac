// Every page in every language: no serious fault of accessibility, nothing wider than the screen.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

function* pages(bench) {
  for (const language of ["en", "de", "hi"]) yield { ...bench.measured(bench.sample("clipped.jpg"), { name: `clipped-${language}`, language }), language };
  yield* bench.others ?? [];
}

/** Runs axe-core on the page as it is; returns how many rules passed. */
async function serious(page, what) {
  const { violations, passes } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  const found = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
  assert.deepEqual(found.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`), [], what);
  return passes.length;
}

export async function accessible(bench) {
  let rules = 0, count = 0;
  for (const { html, language } of pages(bench)) {
    const page = await bench.open(html, { bypassCSP: true });
    assert.equal(await page.getAttribute("html", "lang"), language);
    await page.addScriptTag({ content: axe });
    rules += await serious(page, html);
    if (await page.locator("#reader-dialog").count()) {
      // As it is while the reader is asked for a code, and with a correction.
      await page.focus("#pane");
      for (const key of ["n", "d", "Enter"]) await page.keyboard.press(key);
      rules += await serious(page, `${html}, asking`);
      await page.fill("#reader-code", "R1");
      await page.keyboard.press("Enter");
      await page.waitForTimeout(60);
      rules += await serious(page, `${html}, corrected`);
    }
    count += 1;
    await page.shut();
  }
  return `${count} pages, ${rules} rules passed`;
}

export async function layout(bench) {
  let count = 0;
  for (const { html } of pages(bench)) {
    const page = await bench.open(html, { viewport: { width: 390, height: 900 } });
    for (const width of [390, 1920]) {
      await page.setViewportSize({ width, height: 900 });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      assert(wide <= width, `${html}: ${wide} px at ${width} px`);
      count += 1;
    }
    await page.shut();
  }
  return `${count} layouts`;
}
