// Proofs and SD-JWTs of a real server, checked by libraries that know nothing of it.
//
// Of @sigstore/verify only its checks of checkpoints and Merkle inclusion fit: its public Verifier takes
// Sigstore bundles, with certificates of its own authorities, which an audit log has not. They are reached
// below dist/, so the version is exact. @sd-jwt/core leaves out a disclosure that is in no digest, where
// RFC 9901 refuses the whole; so what it shows is compared, and not only that it does not throw.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { createHash, createPublicKey, verify as verifySignature } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { install } from "../../web/install.mjs";

const here = dirname(fileURLToPath(import.meta.url));
install(here);
const require = createRequire(import.meta.url);
const { verifyCheckpoint } = require("./node_modules/@sigstore/verify/dist/tlog/checkpoint.js");
const { verifyMerkleInclusion } = require("./node_modules/@sigstore/verify/dist/tlog/merkle.js");
const { SDJwtInstance } = await import("@sd-jwt/core");

const BINARY = process.env.PIPEROLL_BINARY ?? join(here, "../../build/dev/piperoll");
const EVENTS = 300;
const folder = mkdtempSync(join(tmpdir(), "piperoll-foreign-"));
const data = join(folder, "data");
let server, address, key, org, log;

const run = (...args) => execFileSync(BINARY, args, { encoding: "utf8" });

async function get(path, accept = "application/json") {
  const answer = await fetch(address + path, { headers: { authorization: `Bearer ${key}`, accept } });
  assert.equal(answer.status, 200, path);
  return accept === "application/json" ? answer.json() : answer.text();
}

// A verifier key (c2sp.org/signed-note) as what the libraries ask for.
function readKey(vkey) {
  const [name, id, ...rest] = vkey.trim().split("+");
  const raw = Buffer.from(rest.join("+"), "base64");
  assert.equal(raw[0], 1);
  const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), raw.subarray(1)]);
  return { name, id: Buffer.from(id, "hex"), publicKey: createPublicKey({ key: der, format: "der", type: "spki" }) };
}

before(async () => {
  org = JSON.parse(run("org", "create", "--data", data, "--name", "demo")).id;
  key = run("key", "create", "--data", data, "--org", "demo", "--role", "admin").trim();
  server = spawn(BINARY, ["serve", "--data", data, "--listen", "127.0.0.1:0", "--log-format", "json"], { stdio: ["ignore", "ignore", "pipe"] });
  for await (const line of createInterface({ input: server.stderr })) {
    const said = JSON.parse(line);
    if (said.message === "serving") {
      address = said.fields.address;
      break;
    }
  }
  server.stderr.resume();
  const events = Array.from({ length: EVENTS }, (_, n) => ({
    id: `e-${n}`, action: "user.update", actor: { id: `u-${n % 7}`, name: "Zoë", email: "zoe@example.com" },
    request: { ip: "192.0.2.7" }, metadata: { n } }));
  const answer = await fetch(`${address}/v1/events`, {
    method: "POST", headers: { authorization: `Bearer ${key}`, "content-type": "application/json" }, body: JSON.stringify(events) });
  assert.equal((await answer.json()).stored, EVENTS);
  log = readKey(await get(`/v1/logs/${org}/vkey`, "text/plain"));
});

after(async () => {
  const ended = new Promise((resolve) => server.once("exit", resolve));
  server.kill("SIGTERM");
  await ended;
  rmSync(folder, { recursive: true, force: true });
});

function entryOf(proof) {
  return {
    canonicalizedBody: Buffer.from(proof.leaf),
    inclusionProof: {
      logIndex: String(proof.index),
      treeSize: String(proof.tree_size),
      hashes: proof.inclusion.map((hash) => Buffer.from(hash, "base64")),
      checkpoint: { envelope: proof.checkpoint },
    },
  };
}

function checkWithSigstore(proof) {
  const entry = entryOf(proof);
  const trusted = [{ logID: log.id, baseURL: log.name, publicKey: log.publicKey }];
  verifyMerkleInclusion(entry, verifyCheckpoint(entry, trusted));
}

test("sigstore's checks accept our checkpoints and inclusion proofs", async () => {
  for (const n of [0, 1, 7, 255, 256, EVENTS - 1]) {
    checkWithSigstore(await get(`/v1/events/e-${n}/proof`));
  }
});

test("sigstore's checks refuse a changed leaf, index, hash, size and signature", async () => {
  const proof = await get("/v1/events/e-7/proof");
  checkWithSigstore(proof);
  const flip = (text) => text.replace(/.(?=.{20}$)/s, (c) => (c === "A" ? "B" : "A"));
  for (const changed of [
    { ...proof, leaf: proof.leaf.replace('"v":1', '"v":2') },
    { ...proof, index: 8 },
    { ...proof, inclusion: [flip(proof.inclusion[0]), ...proof.inclusion.slice(1)] },
    { ...proof, inclusion: proof.inclusion.slice(1) },
    { ...proof, checkpoint: proof.checkpoint.replace(`\n${proof.tree_size}\n`, `\n${proof.tree_size + 1}\n`) },
    { ...proof, checkpoint: flip(proof.checkpoint) },
  ]) {
    assert.throws(() => checkWithSigstore(changed));
  }
});

const reader = () => new SDJwtInstance({
  hasher: (text) => createHash("sha256").update(typeof text === "string" ? text : Buffer.from(text)).digest(),
  hashAlg: "sha-256",
  verifier: (text, signature) => verifySignature(null, Buffer.from(text), log.publicKey, Buffer.from(signature, "base64url")),
});

test("an SD-JWT library reads every value of an event", async () => {
  const token = await get("/v1/events/e-7/proof", "application/sd-jwt");
  const { payload } = await reader().verify(token);
  assert.equal(payload.log, `piperoll.localhost/${org}`);
  assert.equal(payload.event.id, "e-7");
  assert.deepEqual(payload.actor, { id: "u-0" });
  assert.deepEqual(payload.actor_person, { email: "zoe@example.com", name: "Zoë" });
  assert.deepEqual(payload.client, { ip: "192.0.2.7" });
  assert.deepEqual(payload.metadata, { n: 7 });
});

// Whoever hands a proof on may leave disclosures out; what is left stays provable.
test("an SD-JWT library reads what is left when a person is held back", async () => {
  const token = await get("/v1/events/e-7/proof", "application/sd-jwt");
  const [jwt, ...disclosures] = token.split("~").slice(0, -1);
  const names = (text) => JSON.parse(Buffer.from(text, "base64url"))[1];
  const kept = disclosures.filter((text) => !["actor_person", "client"].includes(names(text)));
  assert.equal(kept.length, disclosures.length - 2);
  const { payload } = await reader().verify([jwt, ...kept, ""].join("~"));
  assert.equal(payload.actor_person, undefined);
  assert.equal(payload.client, undefined);
  assert.equal(payload.event.id, "e-7");
});

test("a forged disclosure is not shown, and a changed payload is refused", async () => {
  const token = await get("/v1/events/e-7/proof", "application/sd-jwt");
  const [jwt, ...disclosures] = token.split("~").slice(0, -1);
  const forged = disclosures.map((text) => {
    const [salt, name, value] = JSON.parse(Buffer.from(text, "base64url"));
    const said = name === "actor" ? { id: "somebody else" } : value;
    return name === "actor" ? Buffer.from(JSON.stringify([salt, name, said])).toString("base64url") : text;
  });
  const outcome = await reader().verify([jwt, ...forged, ""].join("~")).then(({ payload }) => payload, () => ({}));
  assert.equal(outcome.actor, undefined);

  const [header, body, signature] = jwt.split(".");
  const payload = JSON.parse(Buffer.from(body, "base64url"));
  payload.recorded_at = "2000-01-01T00:00:00.000000Z";
  const changed = [header, Buffer.from(JSON.stringify(payload)).toString("base64url"), signature].join(".");
  await assert.rejects(reader().verify([changed, ...disclosures, ""].join("~")));
});
