// The pages in a real browser: nobody is shut out, nothing is loaded from elsewhere,
// nothing fails quietly. It starts the server itself:
//
//	node --test web/test/ with CITYSTATS=the binary, CITYSTATS_STATE=a state folder with a release
//
// CHROMIUM names the browser when it is not Debian's.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const desktop = { width: 1280, height: 900 };
const phone = { width: 375, height: 800 };
const pages = [
  "/", "/regions", "/region/340100", "/region/340100?indicator=gdp", "/indicators", "/indicator/gdp", "/charts", "/chart/income", "/chart/rank", "/chart/income_cities", "/chart/claim_growth",
  "/claims", "/claim/growth_above_8", "/revisions", "/sources", "/explain?region=hefei&indicator=gdp&period=2018",
  "/explain?region=hefei&indicator=disposable_income_urban&period=2021&benchmark=peers", "/explain?region=hefei&window=decade_bridged&benchmark=national",
  "/explain?claim=growth_above_8", "/explain?chart=growth_gap&row=2013&column=gap_points", "/revisions?type=census", "/embed/income",
];
const chinese = (page) => page + (page.includes("?") ? "&" : "?") + "lang=zh";

let server, base, browser;

before(async () => {
  server = spawn(process.env.CITYSTATS ?? "citystats", ["serve", "--addr", "127.0.0.1:0", "--rate", "0"], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(createInterface(server.stdout), "line");
  base = line.replace("listening on ", "");
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
});

after(async () => {
  await browser?.close();
  server?.kill("SIGTERM");
});

// visit opens a page and fails when it complains or reaches for another site.
async function visit(path, options = {}) {
  const context = await browser.newContext({ viewport: desktop, ...options });
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (m) => ["error", "warning"].includes(m.type()) && complaints.push(m.text()));
  page.on("pageerror", (e) => complaints.push(e.message));
  page.on("requestfailed", (r) => complaints.push(`${r.url()}: ${r.failure()?.errorText}`));
  page.on("request", (r) => r.url().startsWith(base) || r.url().startsWith("data:") || complaints.push("it loads " + r.url()));
  page.on("response", (r) => r.status() >= 400 && complaints.push(`${r.url()}: ${r.status()}`));
  await page.goto(base + path, { waitUntil: "networkidle", timeout: 120_000 });
  return { page, async done() {
    await context.close();
    assert.deepEqual(complaints, [], path);
  } };
}

// interactive waits until a chart's own page has its chart alive.
const interactive = (page) => page.locator("figure.now .stage svg").waitFor({ timeout: 60_000 });

for (const colorScheme of ["light", "dark"]) {
  for (const plain of pages) {
    for (const path of [plain, chinese(plain)]) {
      test(`axe: ${path}, ${colorScheme}`, async () => {
        const { page, done } = await visit(path, { colorScheme });
        if (path.startsWith("/chart/")) await interactive(page);
        await page.evaluate(axe); // as the browser's own console does it: the page's policy allows no script of others
        const { violations, passes } = await page.evaluate(() => globalThis.axe.run(document));
        assert.ok(passes.length > 10, "axe looked at nothing");
        assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html + " " + n.failureSummary).join(" | ")}`), []);
        await done();
      });
    }
  }
}

test("on a phone no page is wider than the phone", async () => {
  for (const path of pages) {
    const { page, done } = await visit(path, { viewport: phone });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(wide, 0, `${path} is ${wide} pixels too wide`);
    await done();
  }
});

test("the keyboard reads a chart", async () => {
  const { page, done } = await visit("/chart/income");
  await interactive(page);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
  await page.keyboard.press("Enter");
  const visited = [];
  for (let i = 0; i < 40; i++) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => document.activeElement.tagName + "." + document.activeElement.className);
    visited.push(at);
    if (at.startsWith("FIGURE")) break;
  }
  assert.match(visited.at(-1), /^FIGURE/, "Tab never comes to the chart: " + visited.join(" "));
  const read = page.locator("figure.now .read");
  await page.keyboard.press("ArrowRight");
  const first = await read.textContent();
  assert.match(first, /^2005: Hefei 9,684 yuan/);
  assert.equal(await page.locator("figure.now .rule").isVisible(), true);
  await page.keyboard.press("End");
  assert.match(await read.textContent(), /^2025: /);
  await page.keyboard.press("ArrowLeft");
  assert.match(await read.textContent(), /^2024: /);
  await page.keyboard.press("Home");
  assert.equal(await read.textContent(), first);
  await page.keyboard.press("Escape");
  assert.equal(await read.textContent(), "");
  await done();
});

test("a series can be switched off and on", async () => {
  const { page, done } = await visit("/chart/income");
  await interactive(page);
  const points = () => page.locator("figure.now .stage .mark-symbol path").count();
  const all = await points();
  const box = page.getByLabel("urban China", { exact: true });
  await box.uncheck();
  await page.waitForFunction((n) => document.querySelectorAll("figure.now .stage .mark-symbol path").length < n, all);
  assert.equal(await page.locator("figure.now .stage").getByText("urban China 5").count(), 0, "its name is still there");
  await box.check();
  await page.waitForFunction((n) => document.querySelectorAll("figure.now .stage .mark-symbol path").length === n, all);
  await done();
});

test("what is hidden stands in the address", async () => {
  const { page, done } = await visit("/chart/income?hide=urban+China");
  await interactive(page);
  const box = page.getByLabel("urban China", { exact: true });
  assert.equal(await box.isChecked(), false);
  assert.equal(await page.locator("figure.now .stage").getByText("urban China 5").count(), 0, "it is shown");
  await box.check();
  assert.doesNotMatch(page.url(), /hide=/);
  await page.getByLabel("Hefei", { exact: true }).uncheck();
  assert.match(page.url(), /[?&]hide=Hefei/);
  await done();
});

test("a number leads to its explanation, with and without scripts", async () => {
  for (const javaScriptEnabled of [true, false]) {
    const { page, done } = await visit("/", { javaScriptEnabled });
    await page.locator(".tiles a.value").first().click();
    await page.waitForURL(/\/explain/);
    assert.equal(await page.locator(".verdict.holds").count() > 5, true, "the figures it stands on are not looked up again");
    assert.match(await page.locator("pre").last().textContent(), /^citystats explain 340100 --window decade_bridged/);
    await page.waitForLoadState("networkidle");
    await done();
  }
});

test("revisions are picked by their type", async () => {
  const { page, done } = await visit("/revisions");
  const all = await page.locator("tbody tr").count();
  await Promise.all([page.waitForURL(/type=census/), page.selectOption("select[name=type]", "census")]);
  await page.waitForLoadState("networkidle");
  const some = await page.locator("tbody tr").count();
  assert.ok(some > 0 && some < all, `${some} of ${all}`);
  await done();
});

test("pointing at a figure tells it", async () => {
  const { page, done } = await visit("/chart/income");
  await interactive(page);
  await page.locator("figure.now .stage .mark-symbol path").last().hover();
  await page.locator("figure.now .tip").waitFor();
  assert.match(await page.locator("figure.now .tip").textContent(), /yuan/);
  await done();
});

test("a chart follows the colours of the page", async () => {
  const { page, done } = await visit("/chart/income", { colorScheme: "light" });
  await interactive(page);
  await page.emulateMedia({ colorScheme: "dark" });
  await page.waitForFunction(() => getComputedStyle(document.querySelector("figure.now .stage svg")).backgroundColor === "rgb(18, 24, 29)", undefined, { timeout: 30_000 });
  await done();
});

test("a picker puts its choice into the address", async () => {
  const { page, done } = await visit("/chart/income?lang=zh");
  await Promise.all([page.waitForURL(/region=320500/), page.selectOption("select[name=region]", "320500")]);
  assert.match(page.url(), /lang=zh/);
  assert.match(await page.locator("h1").textContent(), /苏州/);
  await page.waitForLoadState("networkidle");
  await done();
});

test("without scripts nothing is missing", async () => {
  const { page, done } = await visit("/chart/income", { javaScriptEnabled: false });
  assert.equal(await page.locator("figure.now img").isVisible(), true);
  assert.ok((await page.locator("table tbody tr").count()) > 10);
  await page.selectOption("select[name=region]", "320500");
  await page.getByRole("button", { name: "OK" }).click();
  assert.match(await page.locator("h1").textContent(), /Suzhou/);
  await page.waitForLoadState("networkidle");
  await page.goto(base + "/", { waitUntil: "networkidle" });
  assert.ok((await page.locator("ul.claims li").count()) > 10);
  await done();
});

test("printed, a page is text and charts", async () => {
  const { page, done } = await visit("/chart/income");
  await page.emulateMedia({ media: "print" });
  for (const gone of ["header nav", "form.picker", "#files", "#embed"]) assert.equal(await page.locator(gone).isVisible(), false, gone);
  assert.equal(await page.locator("main h1").isVisible(), true);
  await done();
});

test("embedded, a chart says how high it is", async () => {
  const answer = await fetch(`${base}/oembed?url=${encodeURIComponent(base + "/chart/growth")}`);
  const { html } = await answer.json();
  const host = createServer((_, w) => w.setHeader("Content-Type", "text/html").end(`<!doctype html><title>host</title>
<script>window.heard = []; addEventListener("message", (e) => heard.push(e.data));</script>${html}`));
  host.listen(0, "127.0.0.1");
  await once(host, "listening");
  const context = await browser.newContext({ viewport: { width: 420, height: 900 } });
  const page = await context.newPage();
  await page.goto(`http://127.0.0.1:${host.address().port}/`, { waitUntil: "networkidle" });
  await page.waitForFunction(() => window.heard.length >= 3);
  const heard = await page.evaluate(() => window.heard);
  const height = heard.findLast((m) => m["datawrapper-height"])["datawrapper-height"].growth;
  assert.ok(height > 200 && height < 900, `the height is ${height}`);
  assert.ok(heard.some((m) => m.sentinel === "amp" && m.type === "embed-size" && m.height === height));
  assert.ok(heard.some((m) => m === `pymxPYMxgrowthxPYMxheightx${height}`));
  await page.waitForFunction((h) => document.querySelector("iframe").clientHeight === h, height);
  await context.close();
  host.close();
});
