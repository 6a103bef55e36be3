// What others' generators make of the description compiles in strict TypeScript, and works: types
// (openapi-typescript), and a client (@hey-api/openapi-ts) that talks to a real server here.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { install } from "../../web/install.mjs";
import { Server } from "./harness.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const web = join(here, "../../web");
const description = join(here, "../../docs/api/openapi.yaml");

// A line under @ts-expect-error must not compile: the types know what is not there.
const USES_TYPES = `import type { components, paths } from "./types";

export const event: paths["/v1/events"]["post"]["requestBody"]["content"]["application/json"] = { action: "user.login" };
export const names = (views: components["schemas"]["View"][]): string[] => views.map((view) => view.name);
// @ts-expect-error
export const nothing: paths["/v1/nothing"] = {};
// @ts-expect-error
export const wrong = (view: components["schemas"]["View"]): number => view.name;
`;
const USES_CLIENT = `import { client } from "./client/client.gen";
import { appendEvents, createView, findEvents, getEvent, listViews } from "./client";

export async function use(baseUrl: string, key: string): Promise<unknown[]> {
  client.setConfig({ baseUrl, auth: key, querySerializer: { object: { style: "form", explode: true } } });
  await appendEvents({ body: { id: "by-client", action: "user.login", actor: { id: "u-1" } }, throwOnError: true });
  const page = await findEvents({ query: { filters: { action: "user.login" }, limit: 10, count: "exact" }, throwOnError: true });
  const missing = await getEvent({ path: { id: "none" } });
  await createView({ body: { name: "Logins", query: "q=action%3Auser.login" }, throwOnError: true });
  const views = await listViews({ throwOnError: true });
  // @ts-expect-error
  await createView({ body: { nam: "x" } });
  return [page.data.events[0]?.id, page.data.count, missing.response.status, missing.error?.code, views.data.views.map((view) => view.name)];
}
`;

let folder;
before(() => {
  install(here);
  install(web);
  folder = mkdtempSync(join(tmpdir(), "piperoll-clients-"));
  symlinkSync(join(here, "node_modules"), join(folder, "node_modules"));
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** Strict, the generated code itself too. */
function compile(...files) {
  const options = { target: "ES2022", module: "ESNext", moduleResolution: "bundler", lib: ["ES2022", "DOM", "DOM.Iterable"], strict: true, noEmit: true, types: [], skipLibCheck: true };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, files }));
  const done = spawnSync(process.execPath, [join(here, "node_modules/typescript/bin/tsc"), "-p", folder], { encoding: "utf8" });
  assert.equal(done.status, 0, done.stdout + done.stderr);
}

test("the types of openapi-typescript compile", async () => {
  const { default: openapi, astToString } = await import("openapi-typescript");
  writeFileSync(join(folder, "types.ts"), astToString(await openapi(pathToFileURL(description), { defaultNonNullable: false })));
  writeFileSync(join(folder, "uses_types.ts"), USES_TYPES);

  compile("uses_types.ts");
});

test("the client of @hey-api/openapi-ts compiles and talks to a server", async () => {
  const { createClient } = await import("@hey-api/openapi-ts");
  mkdirSync(join(folder, "client"));
  await createClient({ input: description, output: { path: join(folder, "client") }, plugins: ["@hey-api/client-fetch", "@hey-api/typescript", "@hey-api/sdk"], logs: { level: "silent" } });
  writeFileSync(join(folder, "uses_client.ts"), USES_CLIENT);
  compile("uses_client.ts");

  const esbuild = await import(pathToFileURL(join(web, "node_modules/esbuild/lib/main.js")));
  await esbuild.build({ entryPoints: [join(folder, "uses_client.ts")], outfile: join(folder, "client.mjs"), bundle: true, format: "esm", platform: "node", logLevel: "warning" });
  const { use } = await import(pathToFileURL(join(folder, "client.mjs")));
  const server = new Server();
  try {
    await server.start();
    assert.deepEqual(await use(server.address, server.keys.admin), ["by-client", 1, 404, "event_not_found", ["Logins"]]);
  } finally {
    await server.stop();
  }
});
