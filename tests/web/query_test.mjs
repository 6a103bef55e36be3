// The grammar of the search bar, the differences and the words, without a browser.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { install } from "../../web/install.mjs";

const web = join(dirname(fileURLToPath(import.meta.url)), "../../web");
install(web);
const esbuild = await import(pathToFileURL(join(web, "node_modules/esbuild/lib/main.js")));
const folder = mkdtempSync(join(tmpdir(), "piperoll-query-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const entries = ["query", "diff", "words", "time"];
await esbuild.build({ absWorkingDir: web, entryPoints: entries.map((name) => `src/${name}.ts`), bundle: true, format: "esm", outdir: folder, outExtension: { ".js": ".mjs" }, logLevel: "warning" });
const [query, diff, words, time] = await Promise.all(entries.map((name) => import(pathToFileURL(join(folder, name + ".mjs")))));

const parameters = (text) => query.filterParameters(query.parseQuery(text)).map(([name, value]) => `${name}=${value}`);
const fault = (text) => query.parseToken(text).fault;

test("tokens become parameters of the API", () => {
  assert.deepEqual(parameters("action:user.delete -status:success"), ["action=user.delete", "status.ne=success"]);
  assert.deepEqual(parameters("actor.email:acme actor.email:=a@b.example"), ["actor.email.contains=acme", "actor.email=a@b.example"]);
  assert.deepEqual(parameters("action:user.* target.id:*42*"), ["action.prefix=user.", "target.id.contains=42"]);
  assert.deepEqual(parameters("status:failure,intent -severity:low,none"), ["status.in=failure,intent", "severity.ne=low", "severity.ne=none"]);
  assert.deepEqual(parameters("error:* -request.id:*"), ["error.exists=true", "request.id.exists=false"]);
  assert.deepEqual(parameters('free "two words" metadata.plan:pro'), ["metadata.plan=pro", "q=free two words"]);
  assert.deepEqual(parameters('target.id:"a b, c" action:="x*"'), ["target.id=a b, c", "action=x*"]);
  assert.deepEqual(parameters('actor.name:="say \\"hi\\""'), ['actor.name=say "hi"']);
});

test("mistakes are told with what was meant", () => {
  assert.match(fault("actoin:x"), /did you mean action\?/);
  assert.match(fault("email:x"), /did you mean actor.email\?/);
  assert.match(fault("status:failed"), /success, failure, intent/);
  assert.match(fault("action:"), /missing/);
  assert.match(fault("-action:user.*"), /whole values/);
  assert.match(fault("-word"), /words cannot be excluded/);
  assert.equal(fault("http://x.example/"), "there is no field http");
});

test("what is printed is read again as the same", () => {
  for (const text of ['action:user.delete -status:success "free text"', 'actor.name:="Zoë \\"Z\\" D"', "error:* a b"]) {
    const tokens = query.parseQuery(text);
    assert.deepEqual(query.parseQuery(query.printQuery(tokens)), tokens);
  }
});

test("a value of any kind can be asked for exactly", () => {
  for (const value of ["plain", "two words", "a,b", "x*", "=x", '"q"', "", "C:\\temp", "*"]) {
    for (const field of ["action", "actor.name", "metadata.a b"]) {
      if (field === "metadata.a b") continue;
      const token = query.exactToken(field, value);
      assert.equal(token.fault, undefined, value);
      assert.deepEqual(query.filterParameters(query.parseQuery(query.printQuery([token]))), [[field, value]], `${field} ${value}`);
    }
  }
});

test("clicks on facets add, join, exclude and take away", () => {
  let tokens = query.toggleValue([], "action", "a", false);
  tokens = query.toggleValue(tokens, "action", "b", false);
  assert.deepEqual(query.filterParameters(tokens), [["action.in", "a,b"]]);
  assert.equal(query.stateOf(tokens, "action", "b"), "in");
  tokens = query.toggleValue(tokens, "action", "a", false);
  assert.deepEqual(query.filterParameters(tokens), [["action", "b"]]);
  tokens = query.toggleValue(tokens, "action", "b", true);
  assert.deepEqual(query.filterParameters(tokens), [["action.ne", "b"]]);
  assert.deepEqual(query.toggleValue(tokens, "action", "b", true), []);
});

test("before and after are compared field by field, lists as sets", () => {
  const changes = diff.changesOf({ params: { before: { a: 1, b: { c: 2 }, l: ["x", "y"], gone: 0 }, after: { a: 1, b: { c: 3 }, l: ["y", "z"], "n/w": true } } });
  assert.deepEqual(changes.map(({ pointer, kind }) => `${kind} ${pointer}`), ["changed /b/c", "removed /l/0", "added /l/-", "removed /gone", "added /n~1w"]);
});

test("a JSON Patch and pairs for each field are read too", () => {
  assert.deepEqual(diff.changesOf({ metadata: { patch: [{ op: "replace", path: "/role", value: "owner", old: "member" }, { op: "test", path: "/x", value: 1 }] } }),
    [{ pointer: "/role", kind: "changed", before: "member", after: "owner" }]);
  assert.deepEqual(diff.changesOf({ params: { changes: { role: { from: "a", to: "b" } } } }), [{ pointer: "/role", kind: "changed", before: "a", after: "b" }]);
  assert.equal(diff.changesOf({ params: { before: "only" }, metadata: { a: 1 } }), undefined);
});

test("sentences", () => {
  const said = (event) => Object.values(words.sentenceOf({ status: "success", ...event })).filter(Boolean).join(" ");
  assert.equal(said({ action: "user.update", actor: { name: "Zoë" }, target: { type: "user", id: "42" } }), "Zoë updated user 42");
  assert.equal(said({ action: "DeleteBucket", actor: { id: "root" }, target: { type: "bucket", name: "bucket a" }, source: "s3" }), "root deleted bucket a through s3");
  assert.equal(said({ action: "frobnicate", status: "failure", target: { id: "7" } }), "Somebody tried and failed: did frobnicate on 7");
});

test("times keep their microseconds", () => {
  assert.equal(time.showExact("2026-01-02T03:04:05.678901Z", "utc"), "2026-01-02 03:04:05.678901 UTC");
  assert.equal(time.showExact("2026-01-02T03:04:05Z", "utc"), "2026-01-02 03:04:05.000000 UTC");
  assert.equal(time.fromInput(time.inputValue(1767323045000, "utc"), "utc"), 1767323045000);
  assert.deepEqual(time.boundsOf({ preset: "1h" }, 7_200_000), { from: 3_600_000 });
});
