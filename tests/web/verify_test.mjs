// The single-file verifier on the vectors of docs/formats/evidence.md, of RFC 6962 implementations and
// of C2SP, and on everything bent that must be refused.
import assert from "node:assert/strict";
import { createHash, createPrivateKey, sign } from "node:crypto";
import { test } from "node:test";
import {
  GrowingTree, VerifyError, canonical, checkConsistency, fromBase64, fromHex, fullTime, leafHash, leafOf, nodeHash,
  openCheckpoint, parseNote, rootFromInclusion, toBase64, toBase64Url, toHex, verifyExport, verifyProof,
} from "../../web/src/verify.mjs";

const LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"].map(fromHex);
const ROOT_8 = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328";
const VKEY = "example.org/audit+4c6ee7a2+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea";
const CHECKPOINT =
  "example.org/audit\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n\n" +
  "— example.org/audit TG7nou3Tll1JGf9VrApq6+g5KEyLlj1/omg4iW63mLpHLAdV5FsbkLS9JKJ2gdA8Fxx28pCVnDhAFzmFhMPgDu58TQU=\n" +
  "— witness.example/w1 BNLYMwAAAABlU/EA3nB32Ao2dfXYiaV1V6WDplNNTPFjSWZb8ogXRP4b3YE2UB0GRXxS6qCHbJgoOelkBEyD9QKp5mE/tuR1+VD4AQ==\n";
const ORIGIN = "audit.example/5b8a1f0e-2d4c-4c59-9e5e-0a1b2c3d4e5f";
const SEED = toBase64Url(Uint8Array.from({ length: 32 }, (_, i) => i));
const EVENT = {
  id: "0195b2a4-6c00-7000-8000-000000000001", occurred_at: "2026-01-02T03:04:05.678Z", action: "user.update",
  category: "iam", severity: "low", status: "success", source: "billing", version: "1", summary: "User 42 updated",
  actor: { id: "u-1", type: "user", name: "Zoë", email: "zoe@example.com" }, target: { id: "42", type: "user", name: "Ada" },
  request: { id: "r-9", method: "PATCH", path: "/v1/users/42", status_code: 200, ip: "192.0.2.7" },
  metadata: { n: 1, plan: "pro" }, recorded_at: "2026-01-02T03:04:05.7Z", seq: 0, org_id: "5b8a1f0e-2d4c-4c59-9e5e-0a1b2c3d4e5f",
};

const refused = (promise, step) => assert.rejects(promise, (error) => error instanceof VerifyError && error.step === step);

// A naive tree, straight from the definition.
const sha = (...parts) => createHash("sha256").update(Buffer.concat(parts)).digest();
function mth(hashes) {
  if (hashes.length === 1) return hashes[0];
  let k = 1;
  while (k * 2 < hashes.length) k *= 2;
  return sha(Buffer.of(1), mth(hashes.slice(0, k)), mth(hashes.slice(k)));
}
function inclusion(index, hashes) {
  if (hashes.length === 1) return [];
  let k = 1;
  while (k * 2 < hashes.length) k *= 2;
  return index < k
    ? [...inclusion(index, hashes.slice(0, k)), mth(hashes.slice(k))]
    : [...inclusion(index - k, hashes.slice(k)), mth(hashes.slice(0, k))];
}
function consistency(m, hashes, whole = true) {
  if (m === hashes.length) return whole ? [] : [mth(hashes)];
  let k = 1;
  while (k * 2 < hashes.length) k *= 2;
  return m <= k
    ? [...consistency(m, hashes.slice(0, k), whole), mth(hashes.slice(k))]
    : [...consistency(m - k, hashes.slice(k), false), mth(hashes.slice(0, k))];
}
const hashesOf = (count) => Array.from({ length: count }, (_, i) => sha(Buffer.of(0), Buffer.from(`entry ${i}`)));

// The log key of RFC 8032, test 1, under another name.
const SECRET = createPrivateKey({
  key: Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"),
    Buffer.from("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "hex")]),
  format: "der", type: "pkcs8",
});
const PUBLIC = Buffer.from("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "hex");
function vkeyOf(name) {
  const typed = Buffer.concat([Buffer.of(1), PUBLIC]);
  return `${name}+${sha(Buffer.from(name + "\n"), typed).subarray(0, 4).toString("hex")}+${typed.toString("base64")}`;
}
function checkpointOf(name, size, root) {
  const text = `${name}\n${size}\n${Buffer.from(root).toString("base64")}\n`;
  const id = Buffer.from(vkeyOf(name).split("+")[1], "hex");
  return `${text}\n— ${name} ${Buffer.concat([id, sign(null, Buffer.from(text), SECRET)]).toString("base64")}\n`;
}

test("the eight-leaf tree of the Certificate Transparency repositories", async () => {
  const tree = new GrowingTree();
  for (const leaf of LEAVES) await tree.add(await leafHash(leaf));

  assert.equal(toHex(await tree.root()), ROOT_8);
  assert.equal(toHex(await nodeHash(new TextEncoder().encode("N123"), new TextEncoder().encode("N456"))),
    "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb");
});

test("every inclusion proof up to 33 leaves holds, and no other leaf, size, order or length", async () => {
  for (let size = 1; size <= 33; size += 1) {
    const hashes = hashesOf(size);
    const root = toHex(mth(hashes));
    for (let index = 0; index < size; index += 1) {
      const proof = inclusion(index, hashes);
      assert.equal(toHex(await rootFromInclusion(index, size, hashes[index], proof)), root);
      assert.notEqual(toHex(await rootFromInclusion(index, size, hashesOf(size + 1)[size], proof)), root);
      await refused(rootFromInclusion(index, size, hashes[index], [...proof, hashes[0]]), "inclusion");
      if (proof.length) await refused(rootFromInclusion(index, size, hashes[index], proof.slice(1)), "inclusion");
    }
    await refused(rootFromInclusion(size, size, hashes[0], []), "inclusion");
  }
});

test("every consistency proof up to 20 leaves holds, and a fork is found", async () => {
  for (let to = 1; to <= 20; to += 1) {
    const hashes = hashesOf(to);
    for (let from = 1; from <= to; from += 1) {
      const [old, now, proof] = [mth(hashes.slice(0, from)), mth(hashes), consistency(from, hashes)];
      await checkConsistency(from, old, to, now, proof);
      await refused(checkConsistency(from, sha(Buffer.from("x")), to, now, proof), "consistency");
      await refused(checkConsistency(from, old, to, sha(Buffer.from("x")), proof), "consistency");
      await refused(checkConsistency(from, old, to, now, [...proof, old]), "consistency");
    }
  }
  await checkConsistency(0, sha(), 5, mth(hashesOf(5)), []);
  await refused(checkConsistency(3, mth(hashesOf(3)), 2, mth(hashesOf(2)), []), "consistency");
});

test("a checkpoint with a witness opens with the log's key alone", async () => {
  const opened = await openCheckpoint(CHECKPOINT, VKEY + "\n");

  assert.deepEqual([opened.origin, opened.size, toHex(opened.root), opened.witnesses], ["example.org/audit", 8, ROOT_8, 1]);
});

test("a log that changed its key has several, and any of them may have signed", async () => {
  const other = Buffer.concat([Buffer.of(1), Buffer.alloc(32, 7)]);
  const id = sha(Buffer.from("example.org/audit\n"), other).subarray(0, 4).toString("hex");

  assert.equal((await openCheckpoint(CHECKPOINT, `example.org/audit+${id}+${other.toString("base64")}\n${VKEY}\n`)).size, 8);
  await refused(openCheckpoint(CHECKPOINT, `example.org/audit+${id}+${other.toString("base64")}\n`), "signature");
  await refused(openCheckpoint(CHECKPOINT, `${VKEY}\n${vkeyOf("other")}\n`), "key");
  await refused(openCheckpoint(CHECKPOINT, ""), "key");
});

test("a checkpoint that was bent anywhere does not open", async () => {
  await refused(openCheckpoint(CHECKPOINT.replace("\n8\n", "\n9\n"), VKEY), "signature");
  await refused(openCheckpoint(CHECKPOINT.replace("\n8\n", "\n08\n"), VKEY), "checkpoint");
  await refused(openCheckpoint(CHECKPOINT.replace("TG7nou3T", "TG7nou3U"), VKEY), "signature");
  await refused(openCheckpoint(CHECKPOINT.replaceAll("example.org/audit", "example.org/other"), VKEY), "checkpoint");
  await refused(openCheckpoint(CHECKPOINT.split("\n").filter((line) => !line.startsWith("— example")).join("\n"), VKEY), "signature");
  await refused(openCheckpoint(CHECKPOINT.replace("\n\n", "\n"), VKEY), "checkpoint");
  await refused(openCheckpoint(CHECKPOINT, VKEY.replace("4c6ee7a2", "4c6ee7a3")), "key");
  assert.equal(parseNote(CHECKPOINT).signatures.length, 2);
});

test("canonical JSON sorts by UTF-16 and prints numbers as the RFC does", () => {
  assert.equal(canonical({ "\ufb33": 1, "😂": [1e21, 0.000001, -0, "\u20ac\u000f\n"], a: null }),
    '{"a":null,"😂":[1e+21,0.000001,0,"€\\u000f\\n"],"\ufb33":1}');
  assert.equal(fullTime("2026-01-02T03:04:05Z"), "2026-01-02T03:04:05.000000Z");
});

test("the leaf of the published vector", async () => {
  const { leaf, manifest, digests } = await leafOf(EVENT, SEED, ORIGIN);

  assert.equal(digests[0], "Adw9q3FrMxqs6D3m8N4HW6X62Af4IocuGjkD9eJf3c8");
  assert.equal(digests[8], "4zu8gGoRTwTDADfQW59s8ThAgjMclaXSPeydhjJdyN8");
  assert.equal(digests[11], "n2ugrrUtuhwUFifFWTbi-8PCMY6PKxvH3ik6bmls7uk");
  assert.equal(Buffer.byteLength(manifest), 690);
  assert.equal(leaf, '{"c":"D_JhecZYzo7K99tAoOClJPdbwygaNt3mJMQGh7qe2vE","t":"2026-01-02T03:04:05.700000Z","v":1}');
  assert.equal(toHex(await leafHash(new TextEncoder().encode(leaf))), "36cfc6c3949bbc2d4d827ff7dbdb2a1467da9a658f2f241b0cd1b5e6291d1001");
});

// The proof of EVENT as leaf 3 of 5, made from the published disclosures.
async function proofOfEvent() {
  const made = await leafOf(EVENT, SEED, ORIGIN);
  const hash = sha(Buffer.of(0), Buffer.from(made.leaf));
  const hashes = [...hashesOf(3), hash, ...hashesOf(1)];
  const disclosure = (salt, name, value) => toBase64Url(new TextEncoder().encode(canonical([salt, name, value])));
  return {
    origin: ORIGIN, index: 3, tree_size: 5, leaf: made.leaf, leaf_hash: toBase64(hash), manifest: made.manifest,
    inclusion: inclusion(3, hashes).map(toBase64), checkpoint: checkpointOf(ORIGIN, 5, mth(hashes)),
    disclosures: {
      event: "WyI4RjEycmtxNW4tV205cHN4U01JMlBRIiwiZXZlbnQiLHsiYWN0aW9uIjoidXNlci51cGRhdGUiLCJjYXRlZ29yeSI6ImlhbSIsImlkIjoiMDE5NWIyYTQtNmMwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAxIiwib2NjdXJyZWRfYXQiOiIyMDI2LTAxLTAyVDAzOjA0OjA1LjY3ODAwMFoiLCJzZXZlcml0eSI6ImxvdyIsInNvdXJjZSI6ImJpbGxpbmciLCJzdGF0dXMiOiJzdWNjZXNzIiwidmVyc2lvbiI6IjEifV0",
      text: "WyJEcnkxM3JVc2c3MElxS2sxR0N5Um1RIiwidGV4dCIseyJzdW1tYXJ5IjoiVXNlciA0MiB1cGRhdGVkIn1d",
      actor: disclosure("0kNWUyiBYC-AnrODxf9dVg", "actor", { id: "u-1", type: "user" }),
      actor_person: disclosure("Tl_mvCryuAYzw3H1wc5pTg", "actor_person", { name: "Zoë", email: "zoe@example.com" }),
      target: disclosure("qQdB5nlxRqVQtj8mSmBO5A", "target", { id: "42", type: "user" }),
      target_name: disclosure("6W8-CpHRUOLTidPHFiRImQ", "target_name", { name: "Ada" }),
      request: disclosure("XRU2mSCoRUE0phRD_l_RsA", "request", { id: "r-9", method: "PATCH", path: "/v1/users/42", status_code: 200 }),
      client: disclosure("11FOByxf7KkZeWY0gyS6XQ", "client", { ip: "192.0.2.7" }),
      metadata: disclosure("IVhNf96qw-aHCnlSbmZu4g", "metadata", { n: 1, plan: "pro" }),
    },
  };
}

test("a proof holds for the event that it is about", async () => {
  const done = await verifyProof(await proofOfEvent(), vkeyOf(ORIGIN), { ...EVENT, seq: 3 });

  assert.equal(done.checkpoint.size, 5);
  assert.equal(done.slots.filter((slot) => slot.state === "shown").length, 9);
});

test("a proof with a withheld slot holds for the rest", async () => {
  const proof = await proofOfEvent();
  delete proof.disclosures.actor_person;
  const { actor, ...rest } = EVENT;

  const done = await verifyProof(proof, vkeyOf(ORIGIN), { ...rest, actor: { id: actor.id, type: actor.type }, seq: 3 });

  assert.equal(done.slots[3].state, "withheld");
});

test("whatever is bent in a proof or in the event is found, and the step is named", async () => {
  const key = vkeyOf(ORIGIN);
  const shown = { ...EVENT, seq: 3 };
  const bent = async (change) => {
    const proof = await proofOfEvent();
    change(proof);
    return verifyProof(proof, key, shown);
  };
  await refused(verifyProof(await proofOfEvent(), key, { ...shown, action: "user.delete" }), "fields");
  await refused(verifyProof(await proofOfEvent(), key, { ...shown, context: { x: 1 } }), "fields");
  await refused(verifyProof(await proofOfEvent(), key, { ...shown, seq: 4 }), "leaf");
  await refused(bent((p) => (p.disclosures.text = p.disclosures.text.replace("MiB1", "MyB1"))), "fields");
  await refused(bent((p) => (p.disclosures.text = p.disclosures.event)), "fields");
  await refused(bent((p) => (p.disclosures.other = p.disclosures.event)), "fields");
  await refused(bent((p) => delete p.disclosures.text), "fields");
  await refused(bent((p) => (p.manifest = p.manifest.replace('"v":1', '"v":2'))), "manifest");
  await refused(bent((p) => (p.manifest = p.manifest.replace("audit.example", "other.example"))), "leaf");
  await refused(bent((p) => (p.leaf = p.leaf.replace("03:04", "03:05"))), "leaf");
  await refused(bent((p) => (p.leaf_hash = toBase64(sha(Buffer.of(2))))), "leaf");
  await refused(bent((p) => (p.tree_size = 6)), "inclusion");
  await refused(bent((p) => p.inclusion.reverse()), "inclusion");
  await refused(bent((p) => p.inclusion.pop()), "inclusion");
  await refused(bent((p) => (p.checkpoint = p.checkpoint.replace("\n5\n", "\n4\n"))), "signature");
  await refused(bent((p) => (p.origin = "other.example/x")), "log");
});

test("an export is checked from its lines alone", async () => {
  const events = [EVENT, { ...EVENT, id: "b", seq: 1, summary: undefined }, { ...EVENT, id: "c", seq: 2, occurred_at: undefined }];
  const hashes = [];
  for (const event of events) hashes.push(sha(Buffer.of(0), Buffer.from((await leafOf(event, SEED, ORIGIN)).leaf)));
  const end = { log: ORIGIN, from: 0, to: 3, tree_size: 3, count: 3, complete: true, checkpoint: checkpointOf(ORIGIN, 3, mth(hashes)) };
  const lines = [...events.map((event) => JSON.stringify({ ...event, seed: SEED })), JSON.stringify({ piperoll_export: end })];
  const key = vkeyOf(ORIGIN);

  assert.equal((await verifyExport(lines, key)).checked, 3);
  await refused(verifyExport(lines.slice(0, -1), key), "export");
  await refused(verifyExport([lines[0], lines[2], lines[3]], key), "export");
  await refused(verifyExport([lines[1], lines[0], lines[2], lines[3]], key), "export");
  await refused(verifyExport(lines.map((line) => line.replace("user.update", "user.delete")), key), "root");
  await refused(verifyExport([...lines, lines[0]], key), "export");
});

test("an export that names what it leaves out by hashes", async () => {
  const events = Array.from({ length: 11 }, (_, seq) => ({ ...EVENT, id: `e-${seq}`, seq, org_id: ORIGIN.split("/").pop() }));
  const hashes = [];
  for (const event of events) hashes.push(sha(Buffer.of(0), Buffer.from((await leafOf(event, SEED, ORIGIN)).leaf)));
  const key = vkeyOf(ORIGIN);
  const line = (seq) => JSON.stringify({ ...events[seq], seed: SEED });
  const rest = (from, to, nodes) => JSON.stringify({ piperoll_withheld: { from, to, hashes: nodes.map((node) => node.toString("base64")) } });
  const end = (more) => JSON.stringify({ piperoll_export: { log: ORIGIN, from: 0, to: 11, tree_size: 11, count: 2, withheld: 9, complete: true,
    checkpoint: checkpointOf(ORIGIN, 11, mth(hashes)), ...more } });
  const byNodes = [line(0), rest(1, 9, [hashes[1], mth(hashes.slice(2, 4)), mth(hashes.slice(4, 8)), hashes[8]]), line(9), rest(10, 11, [hashes[10]])];
  const byLeaves = [line(0), rest(1, 5, hashes.slice(1, 5)), rest(5, 9, hashes.slice(5, 9)), line(9), rest(10, 11, [hashes[10]])];

  for (const lines of [byNodes, byLeaves]) {
    const { checked, withheld } = await verifyExport([...lines, end({})], key);
    assert.deepEqual([checked, withheld], [2, 9]);
    assert.equal((await verifyExport([...lines, end({ from: 0, to: 10, withheld: 8 })], key)).withheld, 8);
    await refused(verifyExport([...lines, end({ withheld: 8 })], key), "export");
    await refused(verifyExport([...lines, end({ withheld: undefined })], key), "export");
    await refused(verifyExport([...lines, end({ from: 1, withheld: 8 })], key), "export");
    await refused(verifyExport([lines[0], ...lines.slice(2), end({})], key), "export");
    await refused(verifyExport([lines[0], lines[1], lines[1], ...lines.slice(2), end({})], key), "export");
    await refused(verifyExport([lines[0].replace("user.update", "user.delete"), ...lines.slice(1), end({})], key), "root");
  }
  await refused(verifyExport([line(0), rest(1, 9, hashes.slice(1, 8)), line(9), rest(10, 11, [hashes[10]]), end({})], key), "export");
  await refused(verifyExport([line(0), rest(1, 9, [...hashes.slice(2, 9), hashes[1]]), line(9), rest(10, 11, [hashes[10]]), end({})], key), "root");
});

test("base64 has one form", () => {
  assert.throws(() => fromBase64("AB=="), VerifyError);
  assert.throws(() => fromBase64("A B="), VerifyError);
});
