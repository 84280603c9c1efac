// What the checks share: the program, the browser, pages that tell of every error and request.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

export const MOST_BYTES = 3_000_000;

export class Bench {
  static async start(paths) {
    const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
    return Object.assign(new Bench(), paths, { browser, contexts: [] });
  }

  async stop() { await this.browser.close(); }

  run(...args) { return execFileSync(this.vellus, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], maxBuffer: 1 << 28 }); }

  file(name) { return join(this.folder, name); }
  sample(name) { return join(this.samples, name); }

  /** The page of a sample, with its record. */
  measured(photo, { name = "page", language = "en", scale = "5" } = {}) {
    const html = this.file(`${name}.html`), json = this.file(`${name}.json`);
    this.run("measure", photo, "--um-per-px", scale, "--quiet", "--report", html, "--language", language, "--json", json);
    assert(statSync(html).size < MOST_BYTES, `${html}: ${statSync(html).size} bytes`);
    return { html, record: JSON.parse(readFileSync(json, "utf8")) };
  }

  /** Opens a file; what goes wrong in it fails `close`. */
  async open(html, options = {}) {
    const context = await this.browser.newContext({ viewport: { width: 1440, height: 1000 }, acceptDownloads: true, ...options });
    const page = await context.newPage();
    const wrong = [];
    page.on("console", (message) => { if (["error", "warning"].includes(message.type())) wrong.push(message.text()); });
    page.on("pageerror", (error) => wrong.push(String(error)));
    page.on("request", (request) => {
      const url = request.url();
      if (!url.startsWith("data:") && !url.startsWith("blob:") && url !== pathToFileURL(html).href) wrong.push(`request: ${url}`);
    });
    page.on("dialog", (dialog) => dialog.accept());
    await page.goto(pathToFileURL(html).href);
    await page.waitForTimeout(250);
    page.shut = async () => {
      await context.close();
      assert.deepEqual(wrong, [], html);
    };
    return page;
  }

  /** Where a point of the photo is on the screen. */
  async place(page, [x, y]) {
    return page.evaluate(([x, y]) => {
      const on = () => new DOMPoint(x, y).matrixTransform(document.getElementById("marks").getScreenCTM());
      let point = on();
      if (point.y < 10 || point.y > innerHeight - 10) {
        scrollBy(0, point.y - innerHeight / 2);
        point = on();
      }
      return { x: point.x, y: point.y };
    }, [x, y]);
  }

  async click(page, point) {
    const { x, y } = await this.place(page, point);
    await page.mouse.click(x, y);
  }

  async pdfPages(page) {
    const pdf = (await page.pdf({ preferCSSPageSize: true })).toString("latin1");
    return pdf.match(/\/Type\s*\/Page[^s]/g).length;
  }
}

/** A point on a hair, away from both its ends. */
export const middle = (hair) => hair.centreline_px[hair.centreline_px.length >> 1];
