// What a reader can do wrong, and what must not get lost: limits, quick clicks, kept lists, readers, files of other measurements.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { middle } from "./bench.mjs";
import { bare, giveCode, saved } from "./measurement.mjs";

const state = (page) => page.innerText("#edit-state");
const counted = (record) => record.hairs.filter((hair) => hair.counted && hair.length_px > 60);
/** Chooses hairs that stand alone. */
const alone = (record) => {
  const far = (hair) => Math.min(...record.hairs.filter((own) => own.id !== hair.id).flatMap((own) => own.centreline_px).map((p) => Math.hypot(p[0] - middle(hair)[0], p[1] - middle(hair)[1])));
  return counted(record).sort((a, b) => far(b) - far(a));
};
async function removeHair(bench, page, hair, code) {
  await page.click("[data-tool=remove]");
  await bench.click(page, middle(hair));
  if (code) await giveCode(page, code);
}
const hint = (page) => page.innerText("#hint");
const noUnload = (page) => page.evaluate(() => addEventListener("beforeunload", (event) => event.stopImmediatePropagation(), true));

/** No drawing gets into the file that the program would refuse. */
export async function limits(bench) {
  const { html, record } = bench.measured(bench.sample("clipped.jpg"));
  const page = await bench.open(html);
  const [first] = alone(record), [x, y] = bare(record), start = await bench.place(page, [x, y]);
  await removeHair(bench, page, first, "R1");
  await page.click("[data-tool=add]");
  await page.mouse.dblclick(start.x, start.y);
  await page.keyboard.press("Escape");
  // There and back: root and tip at one place.
  for (const point of [[x, y], [x + 40, y], [x, y]]) { await bench.click(page, point); await page.waitForTimeout(20); }
  await page.keyboard.press("f");
  assert.match(await hint(page), /at least 1 px apart/);
  await page.keyboard.press("Escape");
  // All over the photo: longer than the photo allows.
  for (let i = 0; i < 4; i++) { await bench.click(page, [20, 20 + i]); await bench.click(page, [record.image.width_px - 20, record.image.height_px - 20 - i]); }
  await page.keyboard.press("f");
  assert.match(await hint(page), /cannot be longer/);
  await page.keyboard.press("Escape");
  await page.click("[data-tool=not_scalp]");
  for (const point of [[20, 20], [60, 20], [40, 20]]) await bench.click(page, point);
  await page.keyboard.press("f");
  assert.match(await hint(page), /three corners/);
  await page.keyboard.press("Escape");
  assert.match(await state(page), /^1 correction /);
  const { file } = await saved(page, bench.file("limits.corrections.json"));

  // A file with what the program refuses is not opened either.
  const time = "2026-01-01T00:00:00Z", id = record.hairs.length + 1, add = (course_px) => ({ kind: "add", time, before: [], after: [{ id, course_px }] });
  const wrong = [
    [[add([[9, 9], [9.2, 9]])], /1 px apart/],
    [[add(Array.from({ length: 1001 }, (_, i) => [9 + i * 0.1, 9]))], /1000 points/],
    [[add([[9, 9], [9, 99999]])], /longer/],
    [[{ kind: "not_scalp", time, polygon_px: [[1, 1], [2, 2], [3, 3]] }], /three corners/],
    [[{ ...add([[9, 9], [30, 30]]), kind: "merge", before: Array(51).fill({ id: 1, course_px: [[9, 9], [20, 20]] }) }], /50 hairs/],
    [Array(10001).fill({ kind: "not_scalp", time, polygon_px: [[1, 1], [2, 9], [9, 3]] }), /10,000/],
    [[file.corrections[0], file.corrections[0]], /one twice/],
  ];
  for (const [corrections, words] of wrong) {
    const path = bench.file("wrong.corrections.json");
    writeFileSync(path, JSON.stringify({ ...file, corrections }));
    await page.setInputFiles("#load", path);
    await page.waitForTimeout(80);
    assert.match(await page.innerText("#edit-error"), words);
    assert.throws(() => execFileSync(bench.vellus, ["measure", bench.sample("clipped.jpg"), "--um-per-px", "5", "--quiet", "--corrections", path], { stdio: "pipe" }), "the program refuses it too");
  }
  assert.match(await state(page), /^1 correction /);
  await page.shut();
  return `${wrong.length} files refused as the program does`;
}

/** Clicks in quick succession are each a click; only the same place twice ends a drawing. */
export async function quick(bench) {
  const { html, record } = bench.measured(bench.sample("clipped.jpg"));
  const page = await bench.open(html), hairs = alone(record), [x, y] = bare(record);
  await removeHair(bench, page, hairs[0], "R1");
  let near = null;
  for (const a of record.hairs) for (const b of record.hairs) {
    const apart = Math.hypot(middle(a)[0] - middle(b)[0], middle(a)[1] - middle(b)[1]);
    if (a.id < b.id && apart > 8 && (!near || apart < near.apart)) near = { a, b, apart };
  }
  await page.click("[data-tool=remove]");
  const places = [await bench.place(page, middle(near.a)), await bench.place(page, middle(near.b))];
  for (const { x, y } of places) await page.mouse.click(x, y);
  await page.waitForTimeout(50);
  assert.match(await state(page), /^3 corrections/);
  await page.click("[data-tool=add]");
  const { x: u, y: v } = await bench.place(page, [x, y]);
  await page.mouse.click(u, v);
  await page.mouse.click(u + 6, v);
  await page.mouse.click(u + 12, v);
  assert.match(await hint(page), /Points: 3/);
  await page.mouse.dblclick(u + 40, v);
  await page.waitForTimeout(50);
  assert.match(await state(page), /^4 corrections/);
  await page.shut();
}

/** The command repeats what changes the numbers. */
export async function command(bench) {
  const html = bench.file("region.html"), protocol = bench.file("protocol.toml");
  writeFileSync(protocol, "min_length_um = 200.0\n");
  bench.run("measure", bench.sample("clipped.jpg"), "--um-per-px", "5", "--region", "circle:350,280,200", "--protocol", protocol, "--quiet", "--report", html);
  const page = await bench.open(html);
  await page.focus("#pane");
  for (const key of ["n", "d", "Enter"]) await page.keyboard.press(key);
  await giveCode(page);
  assert.match(await page.innerText("#edit-command"), /--um-per-px 5 --region circle:350,280,200 --corrections/);
  assert(await page.locator("#edit-protocol").isVisible(), "the protocol is told");
  assert(!(await page.locator("#edit-region").isVisible()), "the command has the region");
  await page.shut();
}

/** Nothing that is kept in the browser is lost by another page, another tab, a saved file or an opened one. */
export async function keeping(bench) {
  const photo = bench.sample("clipped.jpg"), { html, record } = bench.measured(photo);
  const other = bench.measured(photo, { name: "other-scale", scale: "6" });
  const [one, two, three] = alone(record), page = await bench.open(html);
  await removeHair(bench, page, one, "R1");
  const context = page.context(), tab = async (file) => { const made = await context.newPage(); await made.goto(pathToFileURL(file).href); await made.waitForTimeout(200); return made; };

  // The page of another measurement leaves it alone, and says that it is there.
  const scaled = await tab(other.html);
  assert.match(await state(scaled), /^No corrections/);
  assert.match(await scaled.innerText("#kept"), /1 by R1.*another measurement/s);
  await scaled.close();

  // A second tab has the list too; both go on with it, and neither overwrites the other.
  const second = await tab(html);
  assert.match(await state(second), /^1 correction /);
  await removeHair(bench, second, two, "R1");
  await removeHair(bench, page, three);
  await page.waitForTimeout(100);
  assert.match(await page.innerText("#edit-note"), /another tab/);
  const slots = await page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("vellus.corrections")).map((key) => JSON.parse(localStorage[key]).file.corrections.at(-1).before[0].id).sort());
  assert.deepEqual(slots, [two.id, three.id].sort());
  await noUnload(second);
  await second.close({ runBeforeUnload: false });

  // Opening a file asks, and puts the list aside.
  const { file } = await saved(page, bench.file("kept.corrections.json"));
  writeFileSync(bench.file("less.corrections.json"), JSON.stringify({ ...file, corrections: file.corrections.slice(0, 1) }));
  await page.click("#undo");
  await page.click("#redo");
  await page.setInputFiles("#load", bench.file("less.corrections.json"));
  await page.waitForSelector("#ask-dialog[open]");
  await page.click("#ask-cancel");
  assert.match(await state(page), /^2 corrections/);
  await page.setInputFiles("#load", bench.file("less.corrections.json"));
  await page.waitForSelector("#ask-dialog[open]");
  await page.keyboard.press("Enter");
  await page.waitForTimeout(80);
  assert.match(await state(page), /^1 correction /);
  const lists = await page.locator("#kept li").count();
  assert(lists >= 2, `${lists} lists put aside`);
  // After everything is undone, that can be saved.
  await page.click("#undo");
  assert.match(await state(page), /^No corrections/);
  const none = await saved(page, bench.file("none.corrections.json"));
  assert.deepEqual(none.file.corrections, []);
  await page.shut();
  return `${lists} lists kept apart`;
}

/** A correction is never credited to somebody who did not say so. */
export async function readers(bench) {
  const { html, record } = bench.measured(bench.sample("clipped.jpg")), [one, two, three] = alone(record);
  const page = await bench.open(html);
  await removeHair(bench, page, one, "R1");
  const path = bench.file("R1.corrections.json");
  await saved(page, path);
  const fresh = await page.context().newPage();
  // Another page of the same browser: it asks, and says which code was used last.
  await fresh.goto(pathToFileURL(html).href);
  await fresh.waitForTimeout(200);
  await removeHair(bench, fresh, two);
  assert(await fresh.locator("#reader-dialog").isVisible(), "who corrects is asked on each page");
  assert.match(await fresh.innerText("#reader-note"), /R1/);
  await giveCode(fresh, "R2");
  assert.match(await state(fresh), /^1 correction /);
  // The file of R1: whoever goes on says as whom, and the file stays one reader's.
  await saved(fresh, bench.file("R2.corrections.json"));
  await fresh.setInputFiles("#load", path);
  await fresh.waitForSelector("#reader-dialog[open]");
  assert.match(await fresh.innerText("#reader-note"), /These corrections are by R1/);
  await fresh.click("#reader-cancel");
  await removeHair(bench, fresh, three);
  assert(await fresh.locator("#reader-dialog").isVisible());
  await giveCode(fresh, "R2");
  assert.match(await fresh.innerText("#edit-from"), /corrections of R1; saved under R2/);
  const { file } = await saved(fresh, bench.file("both.corrections.json"));
  assert.equal(file.reader, "R2");
  assert.equal(file.corrections.length, 2);
  await page.shut();
}

/** A file of another measurement: its hairs are found by their place, as the program finds them. */
export async function otherMeasurement(bench) {
  const { html, record } = bench.measured(bench.sample("clipped.jpg")), page = await bench.open(html);
  const [one, two] = alone(record), ends = (hair) => [hair.root_px, hair.tip_px], far = record.hairs.find((hair) => hair.id !== one.id && hair.id !== two.id);
  const corrections = [
    { kind: "remove", time: "2026-01-01T00:00:00Z", before: [{ id: far.id, course_px: ends(one) }], after: [] },
    { kind: "turn", time: "2026-01-01T00:00:00Z", before: [{ id: two.id, course_px: ends(two) }], after: [{ id: two.id, course_px: ends(two).reverse() }] },
    { kind: "remove", time: "2026-01-01T00:00:00Z", before: [{ id: one.id, course_px: [[1, 1], [1, 600]].map(([u, v]) => [u, Math.min(v, record.image.height_px - 2)]) }], after: [] },
  ];
  const path = bench.file("moved.corrections.json"), image = record.image;
  writeFileSync(path, JSON.stringify({ schema: "vellus.corrections/1", image: { path: "clipped.jpg", width_px: image.width_px, height_px: image.height_px, content_hash: image.content_hash }, software: "vellus 0.0.1", reader: "R1", automatic_hairs: record.hairs.length, corrections }));
  await page.setInputFiles("#load", path);
  await page.waitForTimeout(100);
  assert.equal(await page.innerText("#edit-error"), "");
  assert.match(await page.innerText("#edit-note"), /1 of 3 corrections .* left out/);
  assert.equal(await page.locator(`.h.gone[data-id="${one.id}"]`).count(), 1, "the hair at that place, not of that id");
  assert.equal(await page.locator(".h.gone").count(), 1, "and no other");
  const told = JSON.parse(bench.run("measure", bench.sample("clipped.jpg"), "--um-per-px", "5", "--quiet", "--corrections", path, "--json", "-")).corrections;
  assert.deepEqual([told.removed, told.turned, told.not_applied], [1, 1, 1], "as the program does");
  await page.shut();
}
