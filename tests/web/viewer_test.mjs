// The viewer in a browser against a real server: what people do with it, by mouse and by keyboard.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, afterEach, before, test } from "node:test";
import { openPage, run, Server, startBrowser } from "./harness.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const PASSWORD = "correct horse battery";
const TOTAL = 3000;
const COMMIT = "a6b85cd3-bef7-4069-a1b2-8680f2754406";
const SPECIAL = [
  { id: "pair-1", action: "role.change", status: "intent", commit_id: COMMIT, occurred_at: "2026-02-01T10:00:00Z", actor: { id: "u-zoe", name: "Zoë", email: "zoe@acme.example" }, request: { id: "req-7", ip: "192.0.2.7" } },
  {
    id: "pair-2", action: "role.change", status: "success", commit_id: COMMIT, occurred_at: "2026-02-01T10:00:01.5Z", severity: "critical", summary: "Ada became an owner",
    actor: { id: "u-zoe", name: "Zoë", email: "zoe@acme.example" }, target: { id: "u-ada", type: "user", name: "Ada" }, request: { id: "req-7", ip: "192.0.2.7" },
    params: { before: { role: "member", tags: ["a", "b"] }, after: { role: "owner", tags: ["b", "c"], mfa: true } }, metadata: { plan: "pro", "odd key": "x, y" },
  },
];

let server;
let browser;
let page;
let proofs; // does this server have them?
before(async () => {
  server = new Server();
  server.import(run(["generate", "--events", String(TOTAL - SPECIAL.length), "--seed", "7"]) + SPECIAL.map((event) => JSON.stringify(event)).join("\n"));
  run(["org", "create", "--data", server.data, "--name", "empty-one"]);
  run(["user", "create", "--data", server.data, "--org", "demo", "--role", "auditor", "--email", "ann@example.com", "--name", "Ann"], PASSWORD + "\n");
  server.keys.server = server.newKey("*", "admin");
  await server.start();
  proofs = (await (await fetch(server.address + "/openapi.json")).json()).paths["/v1/events/{id}/proof"] !== undefined;
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
  page = await openPage(browser, server, { key: server.keys.admin, ...options });
  if (!proofs) page.expected.push("404");
  return page;
}
const countIs = (text) => page.waitForFunction((wanted) => document.querySelector(".count b")?.textContent === wanted, text);
const row = (n) => page.locator(`[data-row="${n}"]`);
const search = async (text) => {
  await page.fill(".search-box input", text);
  await page.keyboard.press("Enter");
};

/** Holds the answers that fit `pattern` back until the function that it gives is called. */
async function hold(pattern) {
  let release;
  const released = new Promise((resolve) => (release = resolve));
  await page.route(pattern, (route) => released.then(() => route.continue()).catch(() => undefined)); // the page may have gone on
  return release;
}

async function axe(what) {
  await page.evaluate(AXE);
  const found = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
  const faults = found.violations.map(({ id, nodes }) => `${what}: ${id}: ${nodes.slice(0, 3).map((node) => node.target + " " + node.failureSummary).join(" | ")}`);
  assert.deepEqual(faults, []);
}

test("a key signs in, a wrong one is told so, and the key is not in the address", async () => {
  await open({ key: undefined });
  page.expected.push("401");
  await page.fill("input[type=password]", "prl_wrong");
  await page.click("button.primary");
  await page.waitForSelector("text=This key is not known here");
  await page.fill("input[type=password]", server.keys.admin);
  await page.click("button:has-text('Sign in')");
  await countIs("3,000");

  assert.ok(!page.url().includes("prl_"));
  assert.ok(!(await page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }, document.cookie]))).includes("prl_"));
  assert.equal(await page.locator(".org").textContent(), "demo");
});

test("a person signs in with a password, and stays so when the page is opened again", async () => {
  await open({ key: undefined });
  page.expected.push("401");
  await page.click("text=Password");
  await page.fill("[name=email]", "ann@example.com");
  await page.fill("[name=password]", "wrong horse battery");
  await page.click("button.primary");
  await page.waitForSelector("text=do not belong together");
  await page.fill("[name=password]", PASSWORD);
  await page.click("button.primary");
  await page.waitForSelector(".who:has-text('Ann')");
  await page.reload();

  await page.waitForSelector(".who:has-text('Ann')");
  await page.waitForSelector(".count b");
});

test("issuers that the server names can be chosen, and what came of it is told once", async () => {
  await open({ key: undefined, path: "/?q=action%3Arole.change" });
  assert.equal(await page.locator(".logins").count(), 0, "none is configured here");
  await page.route("**/v1/session/logins", (route) => route.fulfill({ json: { logins: [{ name: "Example", start: "/v1/session/oidc/start?issuer=Example" }] } }));
  await page.goto(server.address + "/?q=action%3Arole.change&login_error=login_no_role");

  const link = page.locator("a:has-text('Sign in with Example')");
  await link.waitFor();
  const target = new URL(await link.evaluate((element) => element.href));
  assert.equal(target.searchParams.get("issuer"), "Example");
  assert.equal(target.searchParams.get("return_to"), "/?q=action%3Arole.change");
  await page.waitForSelector("[role=alert]:has-text('gives you no role here')");
  assert.ok(!page.url().includes("login_error"));
  await axe("sign in with issuers");
});

test("signing out ends the session", async () => {
  await open();
  await countIs("3,000");
  await page.click("[aria-label='Sign out']");

  await page.waitForSelector("input[type=password]");
  await page.waitForFunction(() => !document.cookie.includes("csrf"));
  page.expected.push("401");
  assert.equal(await page.evaluate(async () => (await fetch("/v1/events")).status), 401);
});

test("signing out cancels what is still asked, and nothing else is said of it", async () => {
  await open();
  await countIs("3,000");
  const release = await hold("**/v1/facets?*");
  const asked = page.waitForRequest("**/v1/facets?*");
  await page.keyboard.press("r");
  await asked;
  const ended = page.waitForResponse((response) => response.url().endsWith("/v1/session") && response.request().method() === "DELETE");
  await page.click("[aria-label='Sign out']");
  assert.equal((await ended).status(), 204);
  release();
  await page.waitForSelector("input[type=password]");

  await page.fill("input[type=password]", server.keys.admin);
  await page.click("button:has-text('Sign in')");
  await countIs("3,000");
  assert.equal(await page.locator("[role=alert]").count(), 0);
});

test("tokens narrow the list and are in the address; back and forward go through them", async () => {
  await open();
  await countIs("3,000");
  await search("actor.email:ACME -status:success");
  await countIs("1");

  assert.match(decodeURIComponent(page.url()), /q=actor\.email:ACME\+-status:success/);
  assert.equal(await row(0).locator(".action").first().textContent(), "role.change");
  await page.goBack();
  await countIs("3,000");
  await page.goForward();
  await countIs("1");
});

test("an address is a whole question", async () => {
  await open({ path: "/?q=action%3Arole.change&from=2026-02-01T10%3A00%3A01.000Z&to=2026-02-02T00%3A00%3A00.000Z" });

  await countIs("1");
  assert.match(await page.locator(".tools .tool").first().textContent(), /2026-02-01 10:00:01 – 2026-02-02 00:00/);
});

test("a mistake in a token is told with the field that was meant, and nothing is asked", async () => {
  await open();
  await countIs("3,000");
  await search("actoin:user.login");

  await page.waitForSelector(".fault:has-text('did you mean action?')");
  assert.equal(await page.locator(".chip.bad").count(), 1);
});

test("fields and their top values are completed", async () => {
  await open();
  await countIs("3,000");
  await page.focus(".search-box input");
  await page.keyboard.type("sev");
  await page.locator(".proposals li", { hasText: "severity:" }).click();
  await page.locator(".proposals li", { hasText: "critical" }).click();

  await page.waitForSelector(".chip:has-text('severity:critical')");
  await page.focus(".search-box input");
  await page.keyboard.type("actor.name:zo");
  await page.locator(".proposals li", { hasText: /^Zoë\d+$/ }).waitFor();
  await page.keyboard.press("Escape");
});

test("a click on a facet includes, the minus excludes, counts are exact", async () => {
  await open();
  await countIs("3,000");
  const first = page.locator(".facet", { hasText: "Action" }).first().locator("li").first();
  const name = await first.locator(".facet-name").textContent();
  const shown = await first.locator(".facet-count").textContent();
  await first.locator(".facet-value").click();
  await countIs(shown);
  await first.locator(".facet-not").click();
  await countIs((3000 - Number(shown.replace(",", ""))).toLocaleString("en"));

  const answer = await server.call("GET", `/v1/events?limit=1&count=exact&action=${name}`);
  assert.equal(answer.count, Number(shown.replace(",", "")));
});

test("presets and dragging over the histogram choose the range of time", async () => {
  await open();
  await countIs("3,000");
  const plot = await page.locator(".u-over").boundingBox();
  await page.mouse.move(plot.x + 4, plot.y + 30);
  await page.mouse.down();
  await page.mouse.move(plot.x + plot.width * 0.97, plot.y + 30, { steps: 5 });
  await page.mouse.up();
  await page.waitForURL(/from=/);
  await page.keyboard.press("t");
  await page.click("text=Last hour");

  await page.waitForURL(/range=1h/);
  await page.waitForSelector("text=No event fits");
  await page.click("text=Look at all time");
  await countIs("3,000");
});

test("any column sorts", async () => {
  await open();
  await countIs("3,000");
  await page.click("[role=columnheader] button:has-text('Actor')");
  await page.waitForURL(/sort=actor.name/);
  await page.waitForSelector("[aria-sort=ascending]");

  const expected = (await server.call("GET", "/v1/events?limit=1&sort=actor.name")).events[0];
  await page.waitForFunction((name) => document.querySelector('[data-row="0"]')?.textContent.includes(name), expected.actor.name);
});

test("columns are chosen, paths below metadata too", async () => {
  await open({ path: "/?q=id:pair-2" });
  await countIs("1");
  await page.keyboard.press("c");
  await page.fill("[aria-label='Another column']", "metadata.plan");
  await page.click(".popover button:has-text('Add')");

  await page.waitForURL(/metadata.plan/);
  await page.waitForSelector('[data-row="0"]:has-text("pro")');
});

test("the last row of all is reached, and only some rows exist", async () => {
  await open({ path: "/?sort=seq" });
  await countIs("3,000");
  await page.keyboard.press("j");
  await page.waitForFunction(() => document.activeElement?.dataset.row === "0");
  await page.keyboard.press("End");
  await page.waitForSelector('[data-row="2999"] .action');

  assert.ok((await page.locator(".row").count()) < 80);
  assert.match(await row(2999).textContent(), /role.change/);
});

test("an event is told in words, with what changed, what belongs to it, and its JSON", async () => {
  await open({ path: "/?event=pair-2" });
  await page.waitForSelector(".changes");
  const drawer = page.locator(".drawer");

  assert.match(await drawer.locator(".sentence").textContent(), /Zoë changed user Ada/);
  assert.match(await drawer.locator(".changes").textContent(), /\/role changed.*member.*owner/);
  assert.match(await drawer.locator(".changes").textContent(), /\/mfa added/);
  assert.match(await drawer.locator(".changes").textContent(), /\/tags\/0 removed.*a/);
  assert.doesNotMatch(await drawer.locator(".changes").textContent(), /\/tags\/1/);
  await drawer.locator(".related", { hasText: "Intent and outcome" }).locator("text=2 events").waitFor();
  await drawer.locator(".related", { hasText: "Same request" }).waitFor();
  assert.match(await drawer.locator(".json").textContent(), /"odd key": "x, y"/);
});

test("what is copied as curl runs, and holds no credential", async () => {
  await open({ path: "/?event=pair-2" });
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.click(".drawer button:has-text('curl')");
  await page.waitForSelector("text=Command copied");
  const command = await page.evaluate(() => navigator.clipboard.readText());

  assert.ok(!command.includes(server.keys.admin));
  assert.ok(!command.includes("prl_"));
  const { execFileSync } = await import("node:child_process");
  const answer = execFileSync("bash", ["-c", command], { encoding: "utf8", env: { ...process.env, PIPEROLL_KEY: server.keys.admin } });
  assert.equal(JSON.parse(answer).id, "pair-2");
});

test("filters come from an event's own values", async () => {
  await open({ path: "/?event=pair-2" });
  await page.locator(".fact", { hasText: "zoe@acme.example" }).hover();
  await page.click("[aria-label='Only actor.email zoe@acme.example']");

  await countIs("2");
});

test("everything goes by keyboard", async () => {
  await open();
  await countIs("3,000");
  await page.keyboard.press("j");
  await page.waitForFunction(() => document.activeElement?.dataset.row === "0");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".drawer");
  const second = page.url();
  await page.keyboard.press("]");
  await page.waitForFunction((url) => location.href !== url, second);
  await page.keyboard.press("[");
  await page.waitForFunction((url) => location.href === url, second);
  await page.keyboard.press("Escape");
  await page.waitForSelector(".drawer", { state: "detached" });
  await page.waitForFunction(() => document.activeElement?.dataset.row === "1");
  await page.keyboard.press("?");
  await page.waitForSelector("dialog:has-text('Keyboard')");
  await page.keyboard.press("Escape");
  await page.waitForSelector("dialog", { state: "detached" });
  await page.keyboard.press("/");
  await page.waitForFunction(() => document.activeElement?.getAttribute("role") === "combobox");
});

test("live: what is recorded appears, pausing holds it back, the search holds too", async () => {
  await open({ path: "/?q=action:live.*" });
  await page.waitForSelector("text=No event fits");
  await page.keyboard.press("l");
  await page.waitForSelector(".dot.on");
  await server.call("POST", "/v1/events", [{ action: "live.first" }, { action: "other" }]);
  await page.waitForSelector('[data-row="0"]:has-text("live.first")');
  await page.click("text=Pause");
  await server.call("POST", "/v1/events", { action: "live.second" });
  await page.waitForSelector("text=Resume (1 new)");
  assert.equal(await page.locator(".row").count(), 1);
  await page.click("text=Resume");

  await page.waitForSelector('[data-row="0"]:has-text("live.second")');
  assert.equal(await page.locator(".row").count(), 2);
});

test("what is shown is exported, whole", async () => {
  await open({ path: "/?q=action:role.change" });
  await countIs("2");
  await page.keyboard.press("e");
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("text=NDJSON")]);
  const lines = readFileSync(await download.path(), "utf8").trim().split("\n").map((line) => JSON.parse(line));

  assert.deepEqual(lines.slice(0, 2).map((event) => event.id), ["pair-1", "pair-2"]);
  assert.equal(lines[2].piperoll_export.count, 2);
});

test("the access log shows who read, this reader too", async () => {
  await open();
  await page.waitForSelector(".count b");
  await page.click(".tab:has-text('Access log')");

  await page.waitForSelector(".self-note");
  await page.waitForSelector('[data-row="0"]:has-text("test admin")');
});

test("a reader sees no access log, no keys and no export; a writer is told what is missing", async () => {
  await open({ key: server.keys.reader });
  await page.waitForSelector(".count b");
  assert.deepEqual(await page.locator(".tab").allTextContents(), ["Events", "Applications"]);
  assert.equal(await page.locator("button:has-text('Export')").count(), 0);
  await page.context().close();
  await open({ key: server.keys.writer });

  await page.waitForSelector("text=You may not find events");
});

test("an admin makes a key, which works, and revokes it, and it works no more", async () => {
  await open({ path: "/?view=keys" });
  await page.click("text=New key");
  await page.fill("dialog input", "made in the viewer");
  await page.click("text=Make the key");
  const key = await page.locator(".secret code").textContent();
  assert.equal((await server.call("GET", "/v1/events?limit=1", undefined, key)).events.length, 1);
  await page.click("text=Done");
  await page.click("[aria-label='Revoke made in the viewer']");
  await page.click("dialog button:has-text('Revoke')");
  await page.waitForSelector("text=is revoked");

  await assert.rejects(server.call("GET", "/v1/events", undefined, key), /401/);
});

test("a view is kept, shared, opened, renamed and deleted", async () => {
  await open({ path: "/?q=status%3Afailure&columns=occurred_at%2Caction%2Cactor" });
  await page.waitForSelector(".count b");
  page.expected.push("409");
  const counted = await page.locator(".count b").textContent();
  await page.keyboard.press("v");
  await page.waitForSelector("text=None yet");
  await page.fill("[aria-label='Name of this view']", "Failures");
  await page.check("text=Share it with all");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".views h3:has-text('Shared')");
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => document.activeElement.ariaLabel === "Saved views");

  await page.goto(server.address + "/");
  const all = (await server.call("GET", "/v1/events?limit=1&count=exact")).count; // tests before this one record some
  await countIs(all.toLocaleString("en"));
  await page.keyboard.press("v");
  await page.waitForSelector(".view-name:has-text('Failures')");
  await page.waitForFunction(() => document.activeElement.textContent === "Failures");
  await page.keyboard.press("Enter");
  await countIs(counted);
  assert.match(page.url(), /q=status%3Afailure.*columns=occurred_at%2Caction%2Cactor/);

  await page.keyboard.press("v");
  await page.click("[aria-label='Rename Failures']");
  await page.keyboard.type("Failures of all");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".view-name:has-text('Failures of all')");
  const reader = await openPage(browser, server, { key: server.keys.reader });
  await reader.waitForSelector(".count b");
  await reader.keyboard.press("v");
  await reader.waitForSelector(".view-name:has-text('Failures of all') small:has-text('by test admin')");
  assert.equal(await reader.locator("[aria-label^='Delete']").count(), 0, "a reader does not delete what others share");
  await reader.context().close();
  await axe("views");
  await page.click("[aria-label='Delete Failures of all']");
  await page.keyboard.press("Enter");
  await page.waitForSelector("text=None yet");
  assert.deepEqual((await server.call("GET", "/v1/views")).views, []);
});

test("a view is replaced by saving under its name", async () => {
  await server.call("POST", "/v1/views", { name: "Mine", query: "q=action%3Arole.change" });
  await open({ path: "/?q=status%3Aintent" });
  await page.waitForSelector(".count b");
  await page.keyboard.press("v");
  await page.waitForSelector(".view-name:has-text('Mine')");
  await page.fill("[aria-label='Name of this view']", "Mine");
  await page.click(".save-view button:has-text('Replace')");
  await page.waitForSelector("text=now shows this");

  const { views } = await server.call("GET", "/v1/views");
  // The session is the key's: what it keeps is the key's own.
  assert.deepEqual(views.map(({ name, query, density }) => ({ name, query, density })), [{ name: "Mine", query: "q=status%3Aintent", density: "comfortable" }]);
});

test("an admin makes a user, changes roles and password, disables and enables", async () => {
  await open({ path: "/?view=users" });
  page.expected.push("409");
  await page.click("header >> text=New user");
  for (const address of ["ann@example.com", "eve@example.com"]) {
    await page.fill("dialog input[type=email]", address);
    await page.fill("dialog input[type=password]", PASSWORD);
    await page.click("dialog button:has-text('Make the user')");
    await page.waitForSelector(address.startsWith("ann") ? ".fault:has-text('exists already')" : "tr:has-text('eve@example.com')");
  }
  const login = async (password) => (await fetch(server.address + "/v1/session", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ email: "eve@example.com", password }) })).status;
  assert.equal(await login(PASSWORD), 201);

  await page.click("[aria-label='Change eve@example.com']");
  await page.check("dialog >> text=auditor");
  await page.click("dialog button:has-text('Change')");
  await page.waitForSelector("tr:has-text('eve@example.com'):has-text('reader, auditor')");
  await page.click("[aria-label='New password for eve@example.com']");
  await page.fill("dialog input[type=password]", "another horse battery");
  await page.click("dialog button:has-text('Set the password')");
  await page.waitForSelector("text=has a new password");
  assert.deepEqual([await login(PASSWORD), await login("another horse battery")], [401, 201]);

  await page.click("[aria-label='Disable eve@example.com']");
  await page.waitForSelector("dialog");
  await axe("disable a user");
  await page.click("dialog button:has-text('Disable')");
  await page.waitForSelector("[aria-label='Enable eve@example.com']");
  assert.equal(await login("another horse battery"), 401);
  await page.click("[aria-label='Enable eve@example.com']");
  await page.waitForSelector("[aria-label='Disable eve@example.com']");
  assert.equal(await login("another horse battery"), 201);
});

test("an admin registers an application; a taken key is told", async () => {
  await open({ path: "/?view=applications" });
  page.expected.push("409");
  for (const expected of ["td:has-text('shop_7')", ".fault"]) {
    await page.click("header >> text=New application");
    await page.fill("dialog input >> nth=0", "shop_7");
    await page.fill("dialog input >> nth=1", "Shop seven");
    await page.click("dialog button:has-text('Register')");
    await page.waitForSelector(expected);
  }
});

test("a revoked key ends the session with a reason", async () => {
  const key = await server.call("POST", "/v1/keys", { roles: ["reader"] });
  await open({ key: key.key });
  await page.waitForSelector(".count b");
  page.expected.push("401"); // what is still asked may be told so, too
  await server.call("DELETE", "/v1/keys/" + key.id);
  await page.keyboard.press("r");

  await page.waitForSelector("text=You are signed out");
});

test("a server credential chooses the organisation", async () => {
  await open({ key: server.keys.server });
  await page.selectOption("select.org", { label: "empty-one" });
  await countIs("0");
  await page.selectOption("select.org", { label: "demo" });

  await page.waitForFunction(() => Number(document.querySelector(".count b")?.textContent.replace(",", "")) >= 3000);
});

test("each event that is opened is verified in the browser, with every hash to look at", async (t) => {
  if (!proofs) return t.skip("this server has no proofs");
  await open({ path: "/?event=pair-2" });
  await page.waitForSelector(".proof-verified:has-text('Verified in this browser')");
  await page.click(".proof-badge");
  await page.click(".chain li:nth-child(3) summary");

  assert.match(await page.locator(".chain details[open] pre").textContent(), /^\{"c":"[\w-]{43}","t":"[^"]+","v":1\}\n[0-9a-f]{64}$/);
  assert.match(await page.locator(".chain").textContent(), /first checkpoint of this log that this browser sees/);
});

test("the log that comes later must continue the one that this browser saw", async (t) => {
  if (!proofs) return t.skip("this server has no proofs");
  await open({ path: "/?event=pair-1" });
  await page.waitForSelector(".proof-verified");
  await server.call("POST", "/v1/events", { id: "after-checkpoint", action: "later" });
  await page.goto(server.address + "/?event=after-checkpoint");
  await page.waitForSelector(".proof-verified");
  await page.click(".proof-badge");
  assert.match(await page.locator(".chain").textContent(), /continues the one of [\d,]+ events/);
  // Another history under the same name: what a forked log would look like.
  await page.evaluate(() => {
    for (const name of Object.keys(localStorage).filter((key) => key.startsWith("piperoll-checkpoint:"))) {
      const kept = JSON.parse(localStorage.getItem(name));
      kept.note = kept.note.replace(/\n[A-Za-z0-9+/]{43}=\n/, "\n" + "A".repeat(43) + "=\n");
      localStorage.setItem(name, JSON.stringify(kept));
    }
  });
  await page.goto(server.address + "/?event=pair-2");

  await page.waitForSelector(".proof-failed [role=alert]:has-text('Do not rely on this event')");
});

test("an answer that was changed on the way is found", async (t) => {
  if (!proofs) return t.skip("this server has no proofs");
  await open({ path: "/" });
  await page.waitForSelector(".count b");
  const change = async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replace("Ada became an owner", "Ada became a member") });
  };
  // Alone or in a list, whichever comes first. What is asked as the page is closed is nobody's.
  await page.route(/\/v1\/events(\/pair-2$|\?)/, (route) => change(route).catch(() => undefined));
  await page.goto(server.address + "/?event=pair-2");

  await page.waitForSelector(".proof-failed:has-text('what is shown as text is not what was recorded')");
});

for (const scheme of ["light", "dark"]) {
  test(`no findings of axe, ${scheme}`, async () => {
    await open({ key: undefined, scheme });
    await page.waitForSelector("input[type=password]");
    await axe("sign in");
    await page.context().close();
    await open({ scheme });
    await page.waitForSelector(".count b");
    await page.waitForSelector(".facet-count");
    await page.waitForSelector("canvas");
    await axe("list");
    await page.goto(server.address + "/?event=pair-2&q=-status:failure");
    await page.waitForSelector(".changes");
    await page.waitForSelector(".related");
    await axe("drawer");
    if (scheme === "dark") return; // the rest differs in nothing but colours seen above
    await page.keyboard.press("?");
    await page.waitForSelector("dialog");
    await axe("help");
    await page.keyboard.press("Escape");
    await page.waitForSelector("dialog", { state: "detached" });
    for (const [key, panel] of [["t", ".time-panel"], ["c", ".column-list"], ["e", ".menu"], ["v", ".save-view"]]) {
      await page.keyboard.press(key);
      await page.waitForSelector(panel);
      await axe(`${panel} over the drawer`);
      await page.keyboard.press("Escape");
      await page.waitForSelector(panel, { state: "detached" });
    }
    for (const view of ["access", "keys", "users", "applications"]) {
      await page.goto(`${server.address}/?view=${view}`);
      await page.waitForSelector(view === "access" ? ".count b" : ".list, .state");
      await axe(view);
    }
    await page.goto(server.address + "/?q=nothere:x");
    await page.waitForSelector(".fault");
    await axe("fault");
  });
}

test("no findings of axe while the page waits", async () => {
  await open();
  await page.waitForSelector(".count b");
  for (const [pattern, address] of [["**/v1/session", "/"], ["**/v1/users", "/?view=users"]]) {
    const release = await hold(pattern);
    await page.goto(server.address + address);
    await page.waitForSelector("main .state-loading");
    await axe(`waiting for ${pattern}`);
    release();
    await page.waitForSelector(address === "/" ? ".count b" : ".list");
    await page.unroute(pattern);
  }
});

for (const width of [320, 768, 1440, 3840]) {
  test(`nothing is cut off or pushed out at ${width} pixels`, async () => {
    await open({ width, height: 800 });
    await page.waitForSelector(".count b");
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok((await overflow()) <= 0, "the page scrolls sideways");
    await page.keyboard.press("j");
    await page.waitForFunction(() => document.activeElement?.dataset.row === "0");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".drawer .sentence");
    assert.ok((await overflow()) <= 0, "the page scrolls sideways with an event");
    const box = await page.locator(".drawer").boundingBox();
    assert.ok(box.x >= 0 && box.x + box.width <= width + 1);
    if (width === 320) await axe("320 pixels");
  });
}
