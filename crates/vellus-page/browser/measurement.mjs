// The page of one photo: its layers, and corrections by mouse, keyboard and touch.
import assert from "node:assert/strict";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { middle } from "./bench.mjs";

export async function measurement(bench) {
  const { html, record } = bench.measured(bench.sample("clipped.jpg"));
  const again = bench.measured(bench.sample("clipped.jpg"), { name: "again" });
  assert(readFileSync(html).equals(readFileSync(again.html)), "equal photos give equal pages");
  const page = await bench.open(html);
  const body = await page.innerText("body");
  const { density_per_cm2: density, hair_count: count } = record.summary;
  assert(body.includes(density.toFixed(1)) && body.includes(String(count)), "the numbers are the record's");
  assert.equal(await page.locator(".h[data-id]").count(), record.hairs.length);

  let toggles = 0;
  for (const box of await page.locator("[data-layer]").all()) {
    const layer = await box.getAttribute("data-layer");
    const before = await page.locator("#stage").getAttribute("class");
    await box.click();
    const after = await page.locator("#stage").getAttribute("class");
    assert.notEqual(before, after, layer);
    assert.equal((after ?? "").includes(`off-${layer}`), !(await box.isChecked()), layer);
    await box.click();
    toggles += 1;
  }
  await page.locator("[data-layer=t]").uncheck();
  assert.equal(await page.locator(".h.t").first().isVisible(), false, "terminal hairs are off");
  // By keys from hair to hair, past those that are hidden.
  await page.focus("#pane");
  for (let i = 0; i < 6; i++) {
    await page.keyboard.press("n");
    assert.equal(await page.locator(".h.t.at").count(), 0, "a hidden hair is passed over");
  }
  await page.locator("[data-layer=t]").check();

  // A hair that is pointed at tells its values.
  const hair = record.hairs.find((hair) => hair.counted);
  const { x, y } = await bench.place(page, middle(hair));
  await page.mouse.move(x, y);
  await page.waitForTimeout(80);
  const told = await page.innerText("#hair");
  assert(told.includes(`${hair.diameter_um.toFixed(1)} ± ${hair.diameter_se_um.toFixed(1)}`), told);

  // Zoomed and moved, it is still the same hair that is pointed at.
  await page.click("[data-view=in]");
  await page.click("[data-view=in]");
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x - 80, y - 40, { steps: 4 });
  await page.mouse.up();
  await page.waitForTimeout(250);
  const other = record.hairs.filter((hair) => hair.counted).at(-1);
  await page.evaluate(() => document.getElementById("pane").focus());
  await page.keyboard.press("0");
  await page.waitForTimeout(250);
  const place = await bench.place(page, middle(other));
  await page.mouse.move(place.x, place.y);
  await page.waitForTimeout(80);
  assert((await page.innerText("#hair")).includes(other.diameter_um.toFixed(1)));
  const pages = await bench.pdfPages(page);
  assert.equal(pages, 4, "summary, photo, numbers, method");
  await page.shut();
  return `${toggles} layers, ${pages} pages on A4`;
}

export async function giveCode(page, code = "R1") {
  await page.fill("#reader-code", code);
  await page.keyboard.press("Enter");
  await page.waitForTimeout(60);
}

export async function saved(page, path) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("#save")]);
  await download.saveAs(path);
  return { name: download.suggestedFilename(), file: JSON.parse(readFileSync(path, "utf8")) };
}

/** Exactly the contract: no key more, none less. */
function checkContract(file, record, reader) {
  assert.deepEqual(Object.keys(file), ["schema", "image", "software", "reader", "automatic_hairs", "corrections"]);
  assert.equal(file.schema, "vellus.corrections/1");
  const { path, width_px, height_px, content_hash } = record.image;
  assert.deepEqual(file.image, { path: path.split("/").at(-1), width_px, height_px, content_hash });
  assert.equal(file.software, record.software);
  assert.equal(file.reader, reader);
  assert.equal(file.automatic_hairs, record.hairs.length);
  const isHair = (hair) => {
    assert.deepEqual(Object.keys(hair), ["id", "course_px"]);
    assert(Number.isInteger(hair.id) && hair.id > 0);
    assert(hair.course_px.length >= 2 && hair.course_px.every((p) => p.length === 2 && p.every(Number.isFinite)));
  };
  const counts = { remove: [1, 1, 0, 0], add: [0, 0, 1, 1], split: [1, 1, 2, 99], merge: [2, 99, 1, 1], turn: [1, 1, 1, 1] };
  let next = Math.max(...record.hairs.map((hair) => hair.id)) + 1;
  for (const made of file.corrections) {
    assert.match(made.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    if (made.kind === "not_scalp") {
      assert.deepEqual(Object.keys(made), ["kind", "time", "polygon_px"]);
      assert(made.polygon_px.length >= 3);
      continue;
    }
    assert.deepEqual(Object.keys(made), ["kind", "time", "before", "after"]);
    const [b0, b1, a0, a1] = counts[made.kind];
    assert(made.before.length >= b0 && made.before.length <= b1 && made.after.length >= a0 && made.after.length <= a1, made.kind);
    [...made.before, ...made.after].forEach(isHair);
    for (const hair of made.before) {
      const own = record.hairs.find((own) => own.id === hair.id);
      if (!own) continue;
      assert.equal(hair.course_px.length, 2, "an automatic hair is told by its ends");
      const ends = [own.root_px, own.tip_px];
      const off = (list) => Math.max(...list.map((p, i) => Math.hypot(p[0] - hair.course_px[i][0], p[1] - hair.course_px[i][1])));
      assert(off(ends) < 0.1 || off(ends.reverse()) < 0.1);
    }
    if (made.kind === "turn") assert.equal(made.after[0].id, made.before[0].id);
    else for (const hair of made.after) assert.equal(hair.id, next++, "new hairs get the next ids");
  }
}

/** The file read back by the program, where it can; counts as the file says. */
function roundTrip(bench, path, expected) {
  if (!bench.run("measure", "--help").includes("--corrections")) return "no --corrections in this vellus";
  const record = JSON.parse(bench.run("measure", bench.sample("clipped.jpg"), "--um-per-px", "5", "--corrections", path, "--json", "-"));
  const told = record.corrections;
  for (const [key, value] of Object.entries(expected)) assert.equal(told[key], value, key);
  const html = bench.file("corrected.html");
  bench.run("measure", bench.sample("clipped.jpg"), "--um-per-px", "5", "--corrections", path, "--quiet", "--report", html);
  assert(readFileSync(html, "utf8").includes(told.readers[0]));
  return "read back by --corrections";
}

/** Bare skin of the sample: no hair within 40 px. */
export const bare = (record) => {
  for (let y = 60; y < record.image.height_px - 120; y += 20) for (let x = 60; x < record.image.width_px - 120; x += 20) {
    const clear = record.hairs.every((hair) => hair.centreline_px.every(([u, v]) => Math.hypot(u - x - 25, v - y - 25) > 75));
    if (clear) return [x, y];
  }
  throw new Error("there is no bare skin");
};

export async function correction(bench) {
  const { html, record } = bench.measured(bench.sample("clipped.jpg"));
  const page = await bench.open(html);
  const counted = record.hairs.filter((hair) => hair.counted && hair.length_px > 60);
  const far = (hair) => Math.min(...record.hairs.filter((own) => own.id !== hair.id).flatMap((own) => own.centreline_px).map((p) => Math.hypot(p[0] - middle(hair)[0], p[1] - middle(hair)[1])));
  const [first, second, third, fourth, fifth] = counted.sort((a, b) => far(b) - far(a));
  const state = () => page.innerText("#edit-state");

  await page.click("[data-tool=remove]");
  await bench.click(page, middle(first));
  await giveCode(page);
  assert.match(await state(), /^1 correction not yet measured/);
  const [x, y] = bare(record);
  await page.click("[data-tool=add]");
  await bench.click(page, [x, y]);
  await bench.click(page, [x + 20, y + 30]);
  const tip = await bench.place(page, [x + 50, y + 50]);
  await page.mouse.dblclick(tip.x, tip.y);
  await page.click("[data-tool=split]");
  await bench.click(page, middle(second));
  await page.click("[data-tool=turn]");
  await bench.click(page, middle(third));
  await page.click("[data-tool=merge]");
  await bench.click(page, middle(fourth));
  const last = await bench.place(page, middle(fifth));
  await page.mouse.dblclick(last.x, last.y);
  await page.click("[data-tool=not_scalp]");
  await bench.click(page, [5, 5]);
  await bench.click(page, [25, 5]);
  const corner = await bench.place(page, [25, 25]);
  await page.mouse.dblclick(corner.x, corner.y);
  assert.match(await state(), /^6 corrections not yet measured/);
  assert.match(await page.innerText("#edit-command"), /^vellus measure clipped\.jpg --um-per-px 5 --corrections clipped\.corrections\.json$/);
  assert.equal(await page.locator(".h.gone").count(), 4, "removed, split and two merged");

  // Undo and redo; what is undone is not saved.
  await page.click("#undo");
  await page.keyboard.press("Control+z");
  await page.click("#undo");
  assert.match(await state(), /^3 corrections/);
  await page.click("#redo");
  assert.match(await state(), /^4 corrections/);

  // Kept in the browser while it is not saved.
  await page.reload();
  await page.waitForTimeout(250);
  assert.match(await state(), /^4 corrections/);
  const path = bench.file("clipped.corrections.json");
  const { name, file } = await saved(page, path);
  assert.equal(name, "clipped.corrections.json");
  assert.deepEqual(file.corrections.map((made) => made.kind), ["remove", "add", "split", "turn"]);
  checkContract(file, record, "R1");
  assert.deepEqual(file.corrections[1].after[0].course_px.map((p) => p.map(Math.round)), [[x, y], [x + 20, y + 30], [x + 50, y + 50]]);

  // Saved, it is kept all the same, as a page cannot know whether the download was let through; until it is discarded.
  await page.reload();
  await page.waitForTimeout(250);
  assert.match(await state(), /^4 corrections.*Given to the browser/s);
  await page.click("#discard");
  await page.click("#ask-ok");
  await page.waitForTimeout(50);
  assert.match(await state(), /^No corrections/);
  await page.reload();
  await page.waitForTimeout(250);
  assert.match(await state(), /^No corrections/);
  await page.setInputFiles("#load", path);
  await page.waitForTimeout(100);
  assert.match(await state(), /^4 corrections/);
  await page.click("[data-tool=merge]");
  await bench.click(page, middle(fourth));
  await bench.click(page, middle(fifth));
  await page.evaluate(() => document.getElementById("pane").focus());
  await page.keyboard.press("f");
  await giveCode(page); // Opened again, the page asks again.
  const merged = await saved(page, bench.file("merged.corrections.json"));
  checkContract(merged.file, record, "R1");
  assert.equal(merged.file.corrections.length, 5);
  assert(merged.file.corrections[4].before.every((hair) => [fourth.id, fifth.id].includes(hair.id)));

  // Files that do not belong here are refused, with the reason.
  for (const [key, value, words] of [["schema", "x/1", "not a corrections file"], ["automatic_hairs", 3, "not there"], ["image", { ...file.image, content_hash: "blake3:0" }, "another photo"]]) {
    const wrong = bench.file("wrong.corrections.json");
    writeFileSync(wrong, JSON.stringify({ ...file, [key]: value }));
    await page.setInputFiles("#load", wrong);
    await page.waitForTimeout(60);
    assert((await page.innerText("#edit-error")).includes(words), words);
  }
  assert.match(await state(), /^5 corrections/);
  await page.shut();
  return roundTrip(bench, path, { added: 1, removed: 1, split: 1, turned: 1, not_applied: 0, automatic_hairs: record.hairs.length });
}

export async function keyboard(bench) {
  const { html, record } = bench.measured(bench.sample("clipped.jpg"));
  const page = await bench.open(html);
  const press = async (...keys) => { for (const key of keys) await page.keyboard.press(key); };
  // By Tab alone to the photo.
  for (let i = 0; i < 40 && !(await page.evaluate(() => document.activeElement?.id === "pane")); i++) await press("Tab");
  assert(await page.evaluate(() => document.activeElement?.id === "pane"), "the photo is reached by Tab");
  await press("n", "n");
  assert.match(await page.innerText("#hair"), new RegExp(`Hair\\s+${record.hairs[1].id}\\b`));
  await press("d", "Enter");
  await giveCode(page, "key.1");
  await press("a", "ArrowRight", "ArrowRight", "Enter");
  for (let i = 0; i < 5; i++) await press("ArrowDown");
  await press("Enter", "Shift+ArrowRight", "Backspace", "Enter", "ArrowDown", "ArrowDown", "Enter", "Enter");
  await press("n", "t", "Enter");
  await press("x", "Enter", "ArrowRight", "Enter", "ArrowDown", "Enter", "f");
  await press("Control+z", "Control+y");
  const { file } = await saved(page, bench.file("keyboard.corrections.json"));
  checkContract(file, record, "key.1");
  assert.deepEqual(file.corrections.map((made) => made.kind), ["remove", "add", "turn", "not_scalp"]);
  assert.equal(file.corrections[0].before[0].id, record.hairs[1].id);
  const added = file.corrections[1].after[0].course_px;
  assert(added.length === 3 && added.at(-1)[1] > added[0][1] + 20, JSON.stringify(added));
  await press("+", "+", "0", "Escape");
  await page.shut();
  return roundTrip(bench, bench.file("keyboard.corrections.json"), { added: 1, removed: 1, turned: 1, not_scalp_regions: 1, not_applied: 0 });
}

export async function touch(bench) {
  const { html, record } = bench.measured(bench.sample("clipped.jpg"));
  const page = await bench.open(html, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 });
  const tap = async (point) => { const { x, y } = await bench.place(page, point); await page.touchscreen.tap(x, y); };
  await page.locator("[data-tool=look]").tap();
  await page.locator("#pane").scrollIntoViewIfNeeded();
  const hair = record.hairs.find((hair) => hair.counted);
  await tap(middle(hair));
  assert((await page.innerText("#hair")).includes(hair.diameter_um.toFixed(1)));
  await page.locator("[data-tool=remove]").tap();
  await tap(middle(hair));
  await page.fill("#reader-code", "touch-1");
  await page.locator("#reader-form button[type=submit]").tap();
  await page.waitForTimeout(100);
  assert.match(await page.innerText("#edit-state"), /^1 correction/);
  const [x, y] = bare(record);
  await page.locator("[data-tool=add]").tap();
  await tap([x, y]);
  await tap([x + 50, y + 50]);
  await page.waitForTimeout(450);
  await tap([x + 50, y + 50]);
  await page.waitForTimeout(50);
  await tap([x + 50, y + 50]);
  await page.waitForTimeout(100);
  // Two fingers zoom.
  const cdp = await page.context().newCDPSession(page);
  await page.locator("#pane").scrollIntoViewIfNeeded();
  const centre = await bench.place(page, [350, 280]);
  const scale = () => page.evaluate(() => new DOMMatrix(document.getElementById("stage").style.transform).a);
  const before = await scale();
  for (const [type, apart] of [["touchStart", 20], ["touchMove", 40], ["touchMove", 70], ["touchEnd", 0]]) {
    const touchPoints = apart ? [{ x: centre.x - apart, y: centre.y, id: 1 }, { x: centre.x + apart, y: centre.y, id: 2 }] : [];
    await cdp.send("Input.dispatchTouchEvent", { type, touchPoints });
  }
  await page.waitForTimeout(200);
  assert((await scale()) > 1.5 * before, "two fingers zoom");
  const { file } = await saved(page, bench.file("touch.corrections.json"));
  checkContract(file, record, "touch-1");
  assert.deepEqual(file.corrections.map((made) => made.kind), ["remove", "add"]);
  await page.shut();
}

export async function unsafeName(bench) {
  const name = "<img src=x onerror=alert(1)>'\"&amp;.jpg";
  copyFileSync(bench.sample("clipped.jpg"), bench.file(name));
  const { html } = bench.measured(bench.file(name), { name: "unsafe" });
  const page = await bench.open(html);
  assert.equal(await page.locator("img").count(), 0);
  assert((await page.innerText(".file")).includes(name));
  assert((await page.title()).includes(name));
  await page.click("[data-tool=remove]");
  await page.evaluate(() => document.getElementById("pane").focus());
  await page.keyboard.press("n");
  await page.keyboard.press("Enter");
  for (const wrong of ["<b>", "", "a b", "x".repeat(33)]) {
    await page.evaluate((code) => { document.getElementById("reader-code").value = code; }, wrong);
    await page.click("#reader-form button[type=submit]");
    assert(await page.locator("#reader-dialog").isVisible(), `'${wrong}' is no code`);
  }
  await giveCode(page, "R_1");
  assert.equal(await page.locator("img").count(), 0);
  assert((await page.innerText("#edit-command")).includes("'\\''"), "the command quotes the name");
  const { name: given } = await saved(page, bench.file("unsafe.corrections.json"));
  assert((await page.innerText("#edit-state")).includes(given), "the name that is told is that of the file");
  await page.shut();
  return given;
}
