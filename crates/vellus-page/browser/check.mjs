// Opens vellus pages in headless Chromium and uses them as readers do.
//
// usage: node check.mjs VELLUS SAMPLES FOLDER        (pages and downloads go to FOLDER)
//
// CHROMIUM names the browser; /usr/bin/chromium otherwise. Exit code 1 with the first thing that does not hold.
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { Bench } from "./bench.mjs";
import { accessible, layout } from "./look.mjs";
import { command, keeping, limits, otherMeasurement, quick, readers } from "./guards.mjs";
import { measurement, correction, keyboard, touch, unsafeName } from "./measurement.mjs";
import { corrected, correctedVisits, narrow, nothing } from "./paper.mjs";
import { comparison, series } from "./comparison.mjs";
import { speed } from "./speed.mjs";
import { trial } from "./trial.mjs";

const [vellus, samples, folder] = process.argv.slice(2).map((path) => resolve(path));
if (!folder) {
  console.error("usage: node check.mjs VELLUS SAMPLES FOLDER");
  process.exit(2);
}
mkdirSync(folder, { recursive: true });
const bench = await Bench.start({ vellus, samples, folder });
try {
  for (const check of [measurement, correction, keyboard, touch, unsafeName, limits, quick, command, keeping, readers, otherMeasurement, corrected, correctedVisits, nothing, narrow, comparison, series, trial, accessible, layout, speed]) {
    const started = performance.now();
    const told = await check(bench);
    console.log(`ok  ${check.name.padEnd(14)} ${told ?? ""} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  }
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await bench.stop();
}
