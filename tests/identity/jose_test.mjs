// Tokens that an independent library made: the good ones are let in, the forged ones are not.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { createHmac, randomUUID, sign as rawSign } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { install } from "../../web/install.mjs";

const here = dirname(fileURLToPath(import.meta.url));
install(here);
const jose = await import("jose");

const BINARY = process.env.PIPEROLL_BINARY ?? join(here, "../../build/dev/piperoll");
const AUDIENCE = "https://audit.example.com";
const SECRET = new TextEncoder().encode("0123456789abcdef0123456789abcdef-jose");
const ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"];
const issuerOf = (algorithm) => `https://${algorithm.toLowerCase()}.example.com/`;

const folder = mkdtempSync(join(tmpdir(), "piperoll-jose-"));
const data = join(folder, "data");
const keys = {};
let server, address;

function run(...args) {
  return execFileSync(BINARY, args, { encoding: "utf8" });
}

before(async () => {
  run("org", "create", "--data", data, "--name", "demo");
  run("org", "create", "--data", data, "--name", "other");
  let config = `[[issuer]]
issuer = "${issuerOf("HS256")}"
audiences = ["${AUDIENCE}"]
algorithms = ["HS256"]
secret_file = "${join(folder, "secret")}"
organisation = "demo"
roles = ["reader"]
`;
  writeFileSync(join(folder, "secret"), SECRET);
  for (const algorithm of ALGORITHMS) {
    keys[algorithm] = await jose.generateKeyPair(algorithm, { extractable: true });
    const jwk = { ...(await jose.exportJWK(keys[algorithm].publicKey)), kid: `${algorithm}-1`, alg: algorithm, use: "sig" };
    const file = join(folder, `${algorithm}.json`);
    writeFileSync(file, JSON.stringify({ keys: [jwk] }));
    config += `[[issuer]]
issuer = "${issuerOf(algorithm)}"
audiences = ["${AUDIENCE}"]
algorithms = ["${algorithm}"]
keys_file = "${file}"
organisation_claim = "tenant"
roles_claim = "scope"
`;
  }
  writeFileSync(join(folder, "piperoll.toml"), config);
  server = spawn(BINARY, ["serve", "--data", data, "--config", join(folder, "piperoll.toml"), "--listen", "127.0.0.1:0", "--log-format", "json"], { stdio: ["ignore", "ignore", "pipe"] });
  for await (const line of createInterface({ input: server.stderr })) {
    if (line.includes('"serving"')) {
      address = JSON.parse(line).fields.address;
      server.stderr.resume();
      return;
    }
  }
  throw new Error("the server did not start");
});

after(() => {
  server?.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

async function statusOf(token) {
  const answer = await fetch(address + "/v1/events", { headers: { Authorization: "Bearer " + token } });
  await answer.arrayBuffer();
  return answer.status;
}

/** A good token's builder; changes: what is to be wrong with it. */
function token(algorithm, changes = {}) {
  const claims = { tenant: "demo", scope: "reader", ...changes.claims };
  const builder = new jose.SignJWT(claims).setProtectedHeader({ alg: algorithm, typ: "at+jwt", kid: `${algorithm}-1`, ...changes.header });
  builder.setIssuer(changes.issuer ?? issuerOf(algorithm)).setSubject("ann").setJti(randomUUID());
  if (changes.audience !== null) builder.setAudience(changes.audience ?? AUDIENCE);
  if (changes.issuedAt !== null) builder.setIssuedAt(changes.issuedAt);
  if (changes.expires !== null) builder.setExpirationTime(changes.expires ?? "10m");
  if (changes.notBefore) builder.setNotBefore(changes.notBefore);
  return builder.sign(changes.key ?? (algorithm === "HS256" ? SECRET : keys[algorithm].privateKey));
}

const parts = (text) => text.split(".");
const encoded = (value) => jose.base64url.encode(typeof value === "string" ? value : JSON.stringify(value));

for (const algorithm of ["HS256", ...ALGORITHMS]) {
  test(`${algorithm}: a good one is let in`, async () => {
    assert.equal(await statusOf(await token(algorithm)), 200);
    assert.equal(await statusOf(await token(algorithm, { audience: ["https://else.example.com", AUDIENCE] })), 200);
  });

  test(`${algorithm}: what is wrong with its claims keeps it out`, async () => {
    for (const changes of [
      { audience: "https://else.example.com" }, { audience: null }, { issuer: "https://else.example.com/" },
      { issuer: issuerOf(algorithm).slice(0, -1) }, { expires: "-2m" }, { expires: null }, { notBefore: "5m" },
      { issuedAt: Math.floor(Date.now() / 1000) + 600 }, { expires: "48h" }, { header: { typ: "JWT" } }, { header: { typ: undefined } },
      { header: { crit: ["b64"], b64: true } },
    ]) {
      assert.equal(await statusOf(await token(algorithm, changes)), 401, JSON.stringify(changes));
    }
  });

  test(`${algorithm}: a changed one is kept out`, async () => {
    const [header, payload, signature] = parts(await token(algorithm));
    const claims = JSON.parse(Buffer.from(payload, "base64url"));
    for (const forged of [
      `${header}.${encoded({ ...claims, scope: "admin" })}.${signature}`,
      `${header}.${payload}.${signature.slice(0, -4)}`,
      `${header}.${payload}.`,
      `${header}.${payload}.${"A".repeat(signature.length)}`,
      `${header}.${payload}.${signature}=`,
      `${header}.${payload}.${signature}.`,
      `${encoded({ alg: "none", typ: "at+jwt" })}.${payload}.`,
      `${encoded({ alg: "None", typ: "at+jwt" })}.${payload}.${signature}`,
      `${encoded('{"alg":"none","alg":"' + algorithm + '","typ":"at+jwt"}')}.${payload}.${signature}`,
    ]) {
      assert.equal(await statusOf(forged), 401, forged);
    }
  });
}

for (const algorithm of ALGORITHMS) {
  test(`${algorithm}: another key, and the key used as a secret, are kept out`, async () => {
    const other = await jose.generateKeyPair(algorithm);
    assert.equal(await statusOf(await token(algorithm, { key: other.privateKey })), 401);
    for (const text of [await jose.exportSPKI(keys[algorithm].publicKey), JSON.stringify(await jose.exportJWK(keys[algorithm].publicKey))]) {
      const head = encoded({ alg: "HS256", typ: "at+jwt", kid: `${algorithm}-1` });
      const [, payload] = parts(await token(algorithm));
      const signature = createHmac("sha256", text).update(`${head}.${payload}`).digest("base64url");
      assert.equal(await statusOf(`${head}.${payload}.${signature}`), 401);
    }
  });

  test(`${algorithm}: a key that the token brings along is not looked at`, async () => {
    const own = await jose.generateKeyPair(algorithm, { extractable: true });
    const jwk = await jose.exportJWK(own.publicKey);
    for (const header of [{ jwk, kid: undefined }, { jku: "http://127.0.0.1:1/keys", kid: "x" }, { kid: "../../../etc/passwd" }, { kid: "' OR 1=1 --" }]) {
      assert.equal(await statusOf(await token(algorithm, { key: own.privateKey, header })), 401, JSON.stringify(header));
    }
  });
}

test("a token of one issuer signed with another's key is kept out", async () => {
  for (const algorithm of ALGORITHMS) {
    for (const other of ALGORITHMS.filter((name) => name !== algorithm)) {
      const forged = await token(other, { issuer: issuerOf(algorithm), header: { kid: `${other}-1` } });
      assert.equal(await statusOf(forged), 401, `${algorithm} by ${other}`);
    }
  }
});

test("ES256: a signature in the form of DER is kept out", async () => {
  const [header, payload] = parts(await token("ES256"));
  const key = await import("node:crypto").then(async ({ createPrivateKey }) => createPrivateKey(await jose.exportPKCS8(keys.ES256.privateKey)));
  const der = rawSign("sha256", Buffer.from(`${header}.${payload}`), { key, dsaEncoding: "der" }).toString("base64url");
  const raw = rawSign("sha256", Buffer.from(`${header}.${payload}`), { key, dsaEncoding: "ieee-p1363" }).toString("base64url");
  assert.equal(await statusOf(`${header}.${payload}.${der}`), 401);
  assert.equal(await statusOf(`${header}.${payload}.${raw}`), 200);
});

test("an encrypted token and one of another organisation are kept out", async () => {
  const encrypted = await new jose.EncryptJWT({ tenant: "demo" }).setProtectedHeader({ alg: "dir", enc: "A256GCM" })
    .setIssuer(issuerOf("RS256")).setAudience(AUDIENCE).setExpirationTime("10m").encrypt(SECRET.slice(0, 32));
  assert.equal(await statusOf(encrypted), 401);
  assert.equal(await statusOf(await token("RS256", { claims: { tenant: "nowhere" } })), 401);
  assert.equal(await statusOf(await token("RS256", { claims: { scope: "writer" } })), 403);
  assert.equal(await statusOf(await token("RS256", { claims: { scope: "nothing" } })), 403);
});
