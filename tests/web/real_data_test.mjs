// The viewer over 107,220 recorded Windows Security events (or, with PIPEROLL_VIEWER_EVENTS=N, over as many
// generated ones): how soon something is seen, how smoothly it scrolls, that counts are right.
//
// Times are printed, not asserted: they are of the machine. docs/benchmarks.md has those of ours.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openPage, Server, SHARED_DATA, startBrowser } from "./harness.mjs";

const FILE = join(SHARED_DATA, "windows-security-107k.ndjson.zst");
const generated = Number(process.env.PIPEROLL_VIEWER_EVENTS ?? 0);
const skip = generated || existsSync(FILE) ? false : "SKIPPED: the event files are not there (../shared/data)";

/** The audit shape of the recorded files as a native event. */
function native(line) {
  const { id, created_at, org_id, source, action, actor, target, status, error, summary, context, source_ip_address } = JSON.parse(line);
  const event = { id, occurred_at: created_at, category: org_id, source, action, actor, target, status, error, summary, context };
  if (source_ip_address) event.request = { ip: source_ip_address };
  return JSON.stringify(event);
}

function events() {
  const text = execFileSync("zstd", ["-dc", "--long=27", FILE], { encoding: "utf8", maxBuffer: 1 << 30 });
  return text.trimEnd().split("\n").map(native).join("\n");
}

let server;
let browser;
let page;
let total;
before(async () => {
  if (skip) return;
  server = new Server();
  if (generated) server.importGenerated(generated, 3);
  else server.import(events());
  await server.start();
  total = (await server.call("GET", "/v1/events?limit=1&count=exact")).count;
  browser = await startBrowser();
  page = await openPage(browser, server, { key: server.keys.admin });
  await page.waitForSelector('[data-row="0"] .action');
});
after(async () => {
  await browser?.close();
  await server?.stop();
});
const shown = (value) => page.waitForFunction((text) => document.querySelector(".count b")?.textContent === text, value.toLocaleString("en"));

test("the list is there soon after the page", { skip }, async (t) => {
  await shown(total);
  const times = [];
  for (let i = 0; i < 5; i += 1) {
    await page.reload({ waitUntil: "commit" });
    times.push(await page.evaluate(() => new Promise((resolve) => {
      const look = () => (document.querySelector('[data-row="0"] .action') ? requestAnimationFrame(() => resolve(performance.now())) : requestAnimationFrame(look));
      look();
    })));
  }
  times.sort((a, b) => a - b);
  t.diagnostic(`first rows painted after ${times.map(Math.round).join(", ")} ms (${total} events)`);
});

test("scrolling from end to end keeps few rows and shows each place", { skip }, async (t) => {
  await page.waitForSelector('[data-row="0"] .action');
  const longest = await page.evaluate(async () => {
    const table = document.querySelector(".table");
    const tasks = [0];
    const watch = new PerformanceObserver((list) => list.getEntries().forEach((entry) => tasks.push(entry.duration)));
    watch.observe({ type: "longtask" });
    for (let i = 0; i <= 240; i += 1) {
      table.scrollTop = (table.scrollHeight * i) / 240;
      await new Promise(requestAnimationFrame);
    }
    watch.disconnect();
    return Math.max(...tasks);
  });
  t.diagnostic(`longest task while scrolling over ${total} rows: ${Math.round(longest)} ms (0: none over 50)`);
  await page.waitForSelector(`[data-row="${total - 1}"] .action`);
  assert.ok((await page.locator(".row").count()) < 80);
});

test("the counts beside facets are those of the API", { skip }, async () => {
  await page.goto(server.address + "/");
  await shown(total);
  const [value, text] = await page.locator(".facet", { hasText: "Action" }).first().locator("li").first().evaluate((item) => [item.querySelector(".facet-name").textContent, item.querySelector(".facet-count").textContent]);
  const { count } = await server.call("GET", "/v1/events?" + new URLSearchParams({ action: value, limit: "1", count: "exact" }));
  assert.equal(text, count.toLocaleString("en"));
  await page.locator(".facet", { hasText: "Action" }).first().locator("li .facet-value").first().click();
  await shown(count);
});

test("rows deep in the list are those that the API has there", { skip }, async () => {
  await page.goto(server.address + "/?sort=seq");
  await shown(total);
  const deep = Math.floor(total * 0.7);
  await page.evaluate(([index, all]) => {
    const table = document.querySelector(".table");
    table.scrollTop = (table.scrollHeight - table.clientHeight) * (index / all);
  }, [deep, total]);
  await page.waitForFunction((near) => [...document.querySelectorAll(".row")].some((row) => Math.abs(row.dataset.row - near) < 60 && row.querySelector(".action")), deep);
  const [index, action] = await page.evaluate(() => {
    const row = [...document.querySelectorAll(".row")].find((one) => one.querySelector(".action"));
    return [Number(row.dataset.row), row.querySelector(".action").textContent];
  });
  const event = await server.call("GET", `/v1/events/by-seq/${index}`);
  assert.equal(action, event.action);
});
