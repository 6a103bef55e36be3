// The page /docs in a browser against a real server: shown, tried out, without a network and under
// the strict policy; openPage() fails for anything that the policy refuses.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { openPage, Server, startBrowser } from "./harness.mjs";

// Half a megabyte of script, which a busy machine takes its time to run.
const PATIENCE_MS = 60_000;

let server;
let browser;
let page;
before(async () => {
  server = new Server();
  server.import('{"id":"first","action":"user.login","status":"failure"}\n');
  await server.start();
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});
afterEach(async () => {
  const troubles = page?.troubles ?? [];
  await page?.context().close();
  page = undefined;
  assert.deepEqual(troubles, []);
});

async function open(options = {}) {
  page = await openPage(browser, server, { path: "/docs", timeout: PATIENCE_MS, ...options });
  await page.waitForSelector(".opblock");
  return page;
}

/** Opens an operation, tries it, and says what is shown of it. */
async function tryOut(id) {
  const block = page.locator(`[id$='-${id}']`);
  await block.locator(".opblock-summary-control").click();
  await block.locator(".try-out__btn").click();
  await block.locator(".execute").click();
  await block.locator(".responses-table.live-responses-table").waitFor();
  return { status: (await block.locator(".live-responses-table .response .response-col_status").first().textContent()).trim().slice(0, 3), shown: await block.textContent() };
}

test("every operation is shown, and nothing is asked of any other server", async () => {
  const asked = [];
  const context = await browser.newContext();
  page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  page.troubles = [];
  page.on("console", (message) => message.type() === "error" && page.troubles.push(message.text()));
  page.on("request", (request) => asked.push(request.url()));
  await page.goto(server.address + "/docs");
  await page.waitForSelector(".opblock");

  const { paths } = await (await fetch(server.address + "/openapi.json")).json();
  const operations = Object.values(paths).flatMap((path) => Object.keys(path).filter((name) => name !== "parameters"));
  assert.equal(await page.locator(".opblock").count(), operations.length);
  assert.deepEqual(asked.filter((url) => !url.startsWith(server.address) && !url.startsWith("data:")), []);
});

test("a request is tried with a key, which the curl command does not show", async () => {
  await open();
  await page.fill("#key", server.keys.reader);
  const { status, shown } = await tryOut("findEvents");

  assert.equal(status, "200");
  assert.match(shown, /user\.login/);
  assert.match(shown, /curl -X 'GET'/);
  assert.ok(!(await page.content()).includes(server.keys.reader));
});

test("whoever is signed in at the viewer needs no key, for changes either", async () => {
  await open({ key: server.keys.admin });
  assert.equal((await tryOut("listKeys")).status, "200");
  assert.equal((await tryOut("createApplication")).status, "201");
});

test("without a credential the server says so, and it is dark where that is wanted", async () => {
  await open({ scheme: "dark" });
  page.expected.push("401");
  assert.equal((await tryOut("showSession")).status, "401");
  assert.equal(await page.evaluate(() => document.documentElement.className), "dark-mode");
});

test("the viewer loads nothing of it", async () => {
  page = await openPage(browser, server, { key: server.keys.reader });
  await page.waitForSelector(".count b");

  const loaded = await page.evaluate(() => performance.getEntriesByType("resource").map((entry) => entry.name));
  assert.deepEqual(loaded.filter((name) => /swagger|docs/.test(name)), []);
});
