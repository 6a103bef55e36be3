// A real server on an ephemeral port, and a real browser. For the tests of the viewer.
import { execFileSync, spawn } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { install } from "../../web/install.mjs";

const here = dirname(fileURLToPath(import.meta.url));
export const SOURCE = process.env.PIPEROLL_SOURCE_DIR ?? join(here, "../..");
const BINARY = process.env.PIPEROLL_BINARY ?? join(SOURCE, "build/dev/piperoll");
export const SHARED_DATA = join(SOURCE, "../shared/data");

install(here);
const { chromium } = await import("playwright-core");

export function run(args, input) {
  return execFileSync(BINARY, args, { input, encoding: "utf8", stdio: ["pipe", "pipe", "pipe"], maxBuffer: 1 << 30 });
}

/** An organisation `demo` with a key for each role. */
export class Server {
  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), "piperoll-web-"));
    this.data = join(this.folder, "data");
    this.org = JSON.parse(run(["org", "create", "--data", this.data, "--name", "demo"])).id;
    this.keys = Object.fromEntries(["admin", "auditor", "reader", "writer"].map((role) => [role, this.newKey("demo", role)]));
  }

  newKey(org, role) {
    return run(["key", "create", "--data", this.data, "--org", org, "--role", role, "--name", `test ${role}`]).trim();
  }

  import(lines, org = "demo") {
    run(["import", "--data", this.data, "--org", org, "-"], lines);
  }

  /** As many events as no text of JavaScript could hold. */
  importGenerated(events, seed, org = "demo") {
    const file = join(this.folder, "generated.ndjson");
    const out = openSync(file, "w");
    execFileSync(BINARY, ["generate", "--events", String(events), "--seed", String(seed)], { stdio: ["ignore", out, "inherit"] });
    closeSync(out);
    run(["import", "--data", this.data, "--org", org, file]);
    rmSync(file);
  }

  async start() {
    this.process = spawn(BINARY, ["serve", "--data", this.data, "--listen", "127.0.0.1:0", "--log-format", "json"], { stdio: ["ignore", "ignore", "pipe"] });
    const said = [];
    for await (const line of createInterface({ input: this.process.stderr })) {
      said.push(line);
      if (line.includes('"serving"')) {
        this.address = JSON.parse(line).fields.address;
        this.process.stderr.resume();
        return this;
      }
    }
    throw new Error("the server did not start: " + said.join("\n"));
  }

  async call(method, path, body, key = this.keys.admin) {
    const response = await fetch(this.address + path, {
      method,
      headers: { Authorization: "Bearer " + key, ...(body && { "Content-Type": "application/json" }) },
      body: body && JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.status === 204 ? undefined : response.json();
  }

  async stop() {
    if (this.process && this.process.exitCode === null) {
      const ended = new Promise((resolve) => this.process.once("exit", resolve));
      this.process.kill("SIGKILL");
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export async function startBrowser() {
  const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync);
  if (!executablePath) throw new Error("chromium is not installed; scripts/test installs it");
  // As root, in a container for example, Chromium's own sandbox cannot be made.
  return chromium.launch({ executablePath, args: process.getuid() === 0 ? ["--no-sandbox"] : [] });
}

/** A page that fails the test for any error on its console, broken rule of the policy included. */
export async function openPage(browser, server, { key, path = "/", width = 1280, height = 800, scheme = "light", timeout = 20_000 } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, acceptDownloads: true, timezoneId: "UTC" });
  const page = await context.newPage();
  page.setDefaultTimeout(timeout);
  page.troubles = [];
  page.expected = [];
  page.on("console", (message) => {
    if (message.type() === "error" && !page.expected.some((text) => message.text().includes(text))) page.troubles.push(message.text());
  });
  page.on("pageerror", (error) => page.troubles.push(String(error)));
  if (key) {
    const login = await context.request.post(server.address + "/v1/session", { data: { key } });
    if (!login.ok()) throw new Error("no session: " + (await login.text()));
  }
  await page.goto(server.address + path);
  return page;
}
