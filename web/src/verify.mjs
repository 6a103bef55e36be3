// @ts-check
// Checks proofs of a piperoll server: one file, no dependency, for browsers and for Node.js 18 or later.
//
//   node verify.mjs PROOF.json VKEY.txt      the answer of GET /v1/events/{id}/proof, and of .../vkey
//   node verify.mjs --export FILE VKEY.txt   an NDJSON export of all events
//
// The bytes are described in docs/formats/evidence.md. Nothing here trusts the server: a proof is
// good when the signature of the log's key covers a tree that holds the leaf that commits to exactly
// the event that is shown.

const utf8 = new TextEncoder();
const strictUtf8 = new TextDecoder("utf-8", { fatal: true });

/** @returns {Promise<SubtleCrypto>} */
async function subtle() {
  const here = globalThis.crypto?.subtle;
  if (here) return here;
  if (typeof process === "undefined") {
    throw new VerifyError("crypto", "this page has no WebCrypto: open it over https or on this machine");
  }
  return /** @type {any} */ ((await import("node:crypto")).webcrypto).subtle;
}

/** What is wrong, and at which step. */
export class VerifyError extends Error {
  /** @param {string} step @param {string} message */
  constructor(step, message) {
    super(message);
    this.name = "VerifyError";
    this.step = step;
  }
}

/** @param {boolean} good @param {string} step @param {string} message */
function need(good, step, message) {
  if (!good) throw new VerifyError(step, message);
}

// ---- bytes ----

/** @param {Uint8Array} bytes */
export function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {string} hex */
export function fromHex(hex) {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** @param {Uint8Array} bytes */
export function toBase64(bytes) {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/** @param {Uint8Array} bytes */
export function toBase64Url(bytes) {
  return toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** Strict: the standard alphabet, padded, no stray bits. @param {string} text @param {string} step */
export function fromBase64(text, step = "base64") {
  let bytes;
  try {
    bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  } catch {
    throw new VerifyError(step, "is not base64");
  }
  need(toBase64(bytes) === text, step, "is not base64 in its one form");
  return bytes;
}

/** @param {string} text @param {string} step */
export function fromBase64Url(text, step = "base64url") {
  need(/^[A-Za-z0-9_-]*$/.test(text), step, "is not base64url");
  const standard = text.replaceAll("-", "+").replaceAll("_", "/");
  return fromBase64(standard + "=".repeat((4 - (standard.length % 4)) % 4), step);
}

/** @param {...Uint8Array} parts */
function join(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** @param {Uint8Array} a @param {Uint8Array} b */
function equal(a, b) {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** @param {Uint8Array} bytes */
export async function sha256(bytes) {
  return new Uint8Array(await (await subtle()).digest("SHA-256", /** @type {any} */ (bytes)));
}

// ---- canonical JSON, RFC 8785 ----

/** @param {any} value @returns {string} */
export function canonical(value) {
  if (Array.isArray(value)) return "[" + value.map(canonical).join(",") + "]";
  if (value !== null && typeof value === "object") {
    const names = Object.keys(value).sort(); // by UTF-16 code units, as the RFC asks
    return "{" + names.map((name) => JSON.stringify(name) + ":" + canonical(value[name])).join(",") + "}";
  }
  return JSON.stringify(value);
}

// ---- the tree, RFC 6962 and RFC 9162 ----

/** @param {Uint8Array} leaf */
export function leafHash(leaf) {
  return sha256(join(Uint8Array.of(0), leaf));
}

/** @param {Uint8Array} left @param {Uint8Array} right */
export function nodeHash(left, right) {
  return sha256(join(Uint8Array.of(1), left, right));
}

/**
 * The root that an inclusion proof leads to (RFC 9162 2.1.3.2).
 * @param {number} index @param {number} size @param {Uint8Array} leaf its hash @param {Uint8Array[]} proof
 */
export async function rootFromInclusion(index, size, leaf, proof) {
  need(Number.isSafeInteger(index) && index >= 0 && index < size, "inclusion", "the index is not in the tree");
  let fn = BigInt(index);
  let sn = BigInt(size) - 1n;
  let root = leaf;
  for (const hash of proof) {
    need(hash.length === 32, "inclusion", "a hash has not 32 bytes");
    need(sn !== 0n, "inclusion", "the proof is too long");
    if (fn & 1n || fn === sn) {
      root = await nodeHash(hash, root);
      while (!(fn & 1n) && fn !== 0n) {
        fn >>= 1n;
        sn >>= 1n;
      }
    } else {
      root = await nodeHash(root, hash);
    }
    fn >>= 1n;
    sn >>= 1n;
  }
  need(sn === 0n, "inclusion", "the proof is too short");
  return root;
}

/**
 * Throws unless the tree of size `to` begins with that of size `from` (RFC 9162 2.1.4.2).
 * @param {number} from @param {Uint8Array} fromRoot @param {number} to @param {Uint8Array} toRoot
 * @param {Uint8Array[]} proof
 */
export async function checkConsistency(from, fromRoot, to, toRoot, proof) {
  const step = "consistency";
  need(from >= 0 && from <= to, step, "the tree became smaller");
  if (from === to || from === 0) {
    need(proof.length === 0, step, "there is a proof where none belongs");
    const expected = from === 0 ? await sha256(new Uint8Array()) : toRoot;
    need(equal(fromRoot, expected), step, "two roots for one size");
    return;
  }
  need(proof.length > 0, step, "the proof is empty");
  let fn = BigInt(from) - 1n;
  let sn = BigInt(to) - 1n;
  const path = isPowerOfTwo(from) ? [fromRoot, ...proof] : proof;
  while (fn & 1n) {
    fn >>= 1n;
    sn >>= 1n;
  }
  let fr = path[0];
  let sr = path[0];
  for (const hash of path.slice(1)) {
    need(hash.length === 32, step, "a hash has not 32 bytes");
    need(sn !== 0n, step, "the proof is too long");
    if (fn & 1n || fn === sn) {
      fr = await nodeHash(hash, fr);
      sr = await nodeHash(hash, sr);
      while (!(fn & 1n) && fn !== 0n) {
        fn >>= 1n;
        sn >>= 1n;
      }
    } else {
      sr = await nodeHash(sr, hash);
    }
    fn >>= 1n;
    sn >>= 1n;
  }
  need(sn === 0n, step, "the proof is too short");
  need(equal(fr, fromRoot), step, "the earlier tree is not a part of this one: the log was forked");
  need(equal(sr, toRoot), step, "the proof does not lead to this tree");
}

/** @param {number} n */
function isPowerOfTwo(n) {
  return (BigInt(n) & (BigInt(n) - 1n)) === 0n;
}

/** A tree that grows leaf by leaf, holding one hash for each full subtree. */
export class GrowingTree {
  constructor() {
    this.size = 0;
    /** @type {{level: number, hash: Uint8Array}[]} */
    this.parts = [];
  }
  /** @param {Uint8Array} leaf its hash */
  add(leaf) {
    return this.addNode(0, leaf);
  }
  /** The next 2^level leaves at once, by the hash of their node. @param {number} level @param {Uint8Array} hash */
  async addNode(level, hash) {
    let part = { level, hash };
    while (this.parts.length && this.parts[this.parts.length - 1].level === part.level) {
      const left = /** @type {{level: number, hash: Uint8Array}} */ (this.parts.pop());
      part = { level: part.level + 1, hash: await nodeHash(left.hash, part.hash) };
    }
    this.parts.push(part);
    this.size += 2 ** level;
  }
  async root() {
    if (this.size === 0) return sha256(new Uint8Array());
    let hash = this.parts[this.parts.length - 1].hash;
    for (const part of this.parts.slice(0, -1).reverse()) hash = await nodeHash(part.hash, hash);
    return hash;
  }
}

// ---- notes and checkpoints, C2SP signed-note and tlog-checkpoint ----

/** @param {string} text */
export async function parseVkey(text) {
  const step = "key";
  const match = /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text.trim());
  if (!match) throw new VerifyError(step, "is not a verifier key");
  const [, name, id, rest] = match;
  const bytes = fromBase64(rest, step);
  need(bytes.length === 33 && bytes[0] === 1, step, "is not an Ed25519 key of a log");
  const hash = await sha256(join(utf8.encode(name + "\n"), bytes));
  need(toHex(hash.subarray(0, 4)) === id, step, "its id does not belong to it");
  return { name, id, key: bytes.subarray(1) };
}

/** The keys of a log, one a line, newest first: a log may change its key. @param {string} text */
export async function parseVkeys(text) {
  const keys = await Promise.all(text.split("\n").filter((line) => line.trim()).map(parseVkey));
  need(keys.length > 0, "key", "there is none");
  need(keys.every((key) => key.name === keys[0].name), "key", "the keys are of several logs");
  return keys;
}

/** @param {string} note */
export function parseNote(note) {
  const step = "checkpoint";
  const cut = note.lastIndexOf("\n\n");
  need(cut >= 0 && note.endsWith("\n") && note.length <= 1_000_000, step, "is not a signed note");
  const signatures = note
    .slice(cut + 2, -1)
    .split("\n")
    .map((line) => {
      const match = /^— ([^ +]+) ([A-Za-z0-9+/=]+)$/.exec(line);
      if (!match) throw new VerifyError(step, "has a line that is no signature");
      const bytes = fromBase64(match[2], step);
      need(bytes.length > 4, step, "has a signature that is too short");
      return { name: match[1], id: toHex(bytes.subarray(0, 4)), signature: bytes.subarray(4) };
    });
  need(signatures.length <= 100, step, "has too many signatures");
  return { text: note.slice(0, cut + 1), signatures };
}

/**
 * A checkpoint whose origin is the keys' name and that one of them signed.
 * @param {string} note @param {string} vkey one key, or several, one a line
 */
export async function openCheckpoint(note, vkey) {
  const step = "checkpoint";
  const keys = await parseVkeys(vkey);
  const { text, signatures } = parseNote(note);
  const [origin, size, root, ...more] = text.slice(0, -1).split("\n");
  need(origin === keys[0].name, step, `is of the log ${origin}, not of ${keys[0].name}`);
  need(/^(0|[1-9][0-9]{0,15})$/.test(size ?? ""), step, "has no size");
  need(more.every((line) => line !== ""), step, "has an empty line");
  const rootHash = fromBase64(root ?? "", step);
  need(rootHash.length === 32, step, "has a root of another length");
  const crypto = await subtle();
  let ours = 0;
  for (const { name, id, signature } of signatures) {
    const key = keys.find((one) => one.name === name && one.id === id);
    if (!key) continue; // of somebody unknown: no harm, no help
    ours += 1;
    const imported = await crypto.importKey("raw", /** @type {any} */ (key.key), { name: "Ed25519" }, false, ["verify"]);
    const good = await crypto.verify({ name: "Ed25519" }, imported, /** @type {any} */ (signature), utf8.encode(text));
    need(good, "signature", "the signature of the checkpoint is wrong");
  }
  need(ours > 0, "signature", "the log's key did not sign this checkpoint");
  return { origin, size: Number(size), root: rootHash, witnesses: signatures.length - ours };
}

// ---- slots, disclosures, manifest, leaf ----

export const SLOTS = [
  "event", "text", "actor", "actor_person", "target", "target_name",
  "request", "client", "context", "params", "metadata", "extra",
];

/** @param {any} from @param {string[]} names */
function pick(from, names) {
  /** @type {Record<string, any>} */
  const picked = {};
  for (const name of names) {
    if (from?.[name] !== undefined && from[name] !== null) picked[name] = from[name];
  }
  return Object.keys(picked).length ? picked : undefined;
}

/** Six fraction digits, as times stand inside a leaf. @param {string} time */
export function fullTime(time) {
  return time.replace(/(?:\.(\d{1,6}))?Z$/, (_, digits = "") => "." + digits.padEnd(6, "0") + "Z");
}

/** The value of each slot of an event; undefined where it is absent. @param {any} event */
export function slotValues(event) {
  const top = ["id", "action", "category", "severity", "status", "source", "version", "commit_id", "cluster_id"];
  const application = pick(event.application, ["id", "key"]);
  return [
    { ...pick(event, top), occurred_at: fullTime(event.occurred_at ?? event.recorded_at), ...(application && { application }) },
    pick(event, ["summary", "error"]),
    pick(event.actor, ["id", "type"]),
    pick(event.actor, ["name", "email"]),
    pick(event.target, ["id", "type"]),
    pick(event.target, ["name"]),
    pick(event.request, ["id", "method", "path", "status_code"]),
    pick(event.request, ["ip", "user_agent"]),
    event.context,
    event.params,
    event.metadata,
    undefined,
  ];
}

/** @param {string} disclosure */
async function digestOf(disclosure) {
  return toBase64Url(await sha256(utf8.encode(disclosure)));
}

/** @param {CryptoKey} key @param {number} purpose @param {number} slot */
async function aesBlock(key, purpose, slot) {
  const block = new Uint8Array(16);
  block[0] = purpose;
  block[15] = slot;
  // One block in CBC with a zero vector is the bare cipher; what follows it is padding.
  const zero = new Uint8Array(16);
  const out = await (await subtle()).encrypt({ name: "AES-CBC", iv: zero }, key, block);
  return new Uint8Array(out).subarray(0, 16);
}

/**
 * The leaf of an event from its seed (of an export line): its text, and what it commits to.
 * @param {any} event @param {string} seed base64url @param {string} origin
 */
export async function leafOf(event, seed, origin) {
  const bytes = fromBase64Url(seed, "seed");
  need(bytes.length === 32, "seed", "has not 32 bytes");
  const key = await (await subtle()).importKey("raw", /** @type {any} */ (bytes), "AES-CBC", false, ["encrypt"]);
  const values = slotValues(event);
  const digests = [];
  for (let slot = 1; slot <= 12; slot += 1) {
    const value = values[slot - 1];
    if (value === undefined) {
      digests.push(toBase64Url(join(await aesBlock(key, 1, slot), await aesBlock(key, 2, slot))));
    } else {
      const salt = toBase64Url(await aesBlock(key, 0, slot));
      const disclosure = toBase64Url(utf8.encode(canonical([salt, SLOTS[slot - 1], value])));
      digests.push(await digestOf(disclosure));
    }
  }
  const recordedAt = fullTime(event.recorded_at);
  const manifest = canonical({ _sd: digests, _sd_alg: "sha-256", log: origin, recorded_at: recordedAt, v: 1 });
  return { manifest, leaf: await leafFromManifest(manifest, recordedAt), digests };
}

/** @param {string} manifest @param {string} recordedAt */
async function leafFromManifest(manifest, recordedAt) {
  return canonical({ c: toBase64Url(await sha256(utf8.encode(manifest))), t: recordedAt, v: 1 });
}

/**
 * Checks the answer of GET /v1/events/{id}/proof, and that it is about the event that is shown.
 * Throws a VerifyError that names the first wrong step.
 * @param {any} proof @param {string} vkey @param {any} [event]
 */
export async function verifyProof(proof, vkey, event) {
  const manifest = parseJson(proof.manifest, "manifest");
  need(canonical(manifest) === proof.manifest, "manifest", "is not in its canonical form");
  need(Array.isArray(manifest._sd) && manifest._sd.length === 12 && manifest.v === 1, "manifest", "is of an unknown kind");

  /** @type {{slot: number, name: string, state: "shown" | "withheld", digest: string}[]} */
  const slots = SLOTS.map((name, i) => ({ slot: i + 1, name, state: "withheld", digest: manifest._sd[i] }));
  /** @type {Record<string, any>} */
  const disclosed = {};
  for (const [name, disclosure] of Object.entries(proof.disclosures ?? {})) {
    const place = SLOTS.indexOf(name);
    need(place >= 0, "fields", `${name} is no slot`);
    need((await digestOf(String(disclosure))) === manifest._sd[place], "fields", `the slot ${name} is not what the leaf commits to`);
    const content = parseJson(decodeText(fromBase64Url(String(disclosure), "fields")), "fields");
    need(Array.isArray(content) && content.length === 3 && content[1] === name, "fields", `the disclosure of ${name} names another slot`);
    disclosed[name] = content[2];
    slots[place].state = "shown";
  }
  if (event) compareShown(event, disclosed);

  need(proof.leaf === (await leafFromManifest(proof.manifest, manifest.recorded_at)), "leaf", "does not commit to the manifest");
  const hash = await leafHash(utf8.encode(proof.leaf));
  need(proof.leaf_hash === undefined || toBase64(hash) === proof.leaf_hash, "leaf", "its hash is another");
  need(event === undefined || event.seq === proof.index, "leaf", "the proof is of another place in the log");

  const checkpoint = await openCheckpoint(proof.checkpoint, vkey);
  need(manifest.log === checkpoint.origin, "log", "the leaf is of another log");
  need(proof.origin === undefined || proof.origin === checkpoint.origin, "log", "the proof is of another log");
  need(proof.tree_size === checkpoint.size, "inclusion", "the proof is for a tree of another size than the checkpoint");
  const root = await rootFromInclusion(
    proof.index, checkpoint.size, hash,
    proof.inclusion.map((/** @type {string} */ text) => fromBase64(text, "inclusion")),
  );
  need(equal(root, checkpoint.root), "inclusion", "does not lead to the root of the checkpoint");
  return { checkpoint, manifest, disclosed, slots, leafHash: hash, root };
}

/** What is shown must be what was disclosed; what was withheld must not be shown. @param {any} event @param {any} disclosed */
function compareShown(event, disclosed) {
  slotValues(event).forEach((value, i) => {
    const name = SLOTS[i];
    if (value === undefined && disclosed[name] === undefined) return;
    need(
      value !== undefined && disclosed[name] !== undefined && canonical(value) === canonical(disclosed[name]),
      "fields", `what is shown as ${name} is not what was recorded`,
    );
  });
}

/** @param {string} text @param {string} step */
function parseJson(text, step) {
  try {
    return JSON.parse(text);
  } catch {
    throw new VerifyError(step, "is no JSON");
  }
}

/** @param {Uint8Array} bytes */
function decodeText(bytes) {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    throw new VerifyError("fields", "is no UTF-8");
  }
}

/** The levels of the fewest nodes that span [from, to), from left to right. @param {number} from @param {number} to */
function levelsAcross(from, to) {
  const levels = [];
  for (let at = from; at < to; ) {
    let level = 0;
    while (at % 2 ** (level + 1) === 0 && at + 2 ** (level + 1) <= to) level += 1;
    levels.push(level);
    at += 2 ** level;
  }
  return levels;
}

/** Events that an export leaves out, by the hashes of their leaves or of the nodes above. @param {GrowingTree} tree @param {any} rest */
async function addWithheld(tree, rest) {
  const { from, to, hashes } = rest;
  const good = Number.isSafeInteger(from) && Number.isSafeInteger(to) && from < to && Array.isArray(hashes);
  need(good, "export", "what is named as withheld is no range with hashes");
  need(from === tree.size, "export", `what is named as withheld begins at ${from}, where ${tree.size} belongs`);
  const levels = hashes.length === to - from ? hashes.map(() => 0) : levelsAcross(from, to);
  need(levels.length === hashes.length, "export", "there are other hashes than the range needs");
  for (const [i, text] of hashes.entries()) {
    const hash = fromBase64(String(text), "export");
    need(hash.length === 32, "export", "a hash has not 32 bytes");
    await tree.addNode(levels[i], hash);
  }
}

/**
 * An NDJSON export: each leaf is made anew and the tree compared with the checkpoint. Of all events, or of some where
 * the others are named by their hashes: those are counted in withheld, and what they are is not shown.
 * @param {AsyncIterable<string> | Iterable<string>} lines @param {string} vkey
 */
export async function verifyExport(lines, vkey) {
  const [{ name: origin }] = await parseVkeys(vkey);
  const tree = new GrowingTree();
  /** @type {number[]} */
  const seqs = [];
  let end;
  for await (const line of lines) {
    if (!line.trim()) continue;
    need(end === undefined, "export", "there are lines after the last one");
    const record = parseJson(line, "export");
    if (record.piperoll_export) {
      end = record.piperoll_export;
      continue;
    }
    if (record.piperoll_withheld) {
      await addWithheld(tree, record.piperoll_withheld);
      continue;
    }
    need(record.seq === tree.size, "export", `event ${record.seq} stands where ${tree.size} belongs`);
    need(origin.split("/").includes(record.org_id), "export", `event ${record.seq} is of another organisation`);
    const { leaf } = await leafOf(record, record.seed, origin);
    await tree.add(await leafHash(utf8.encode(leaf)));
    seqs.push(record.seq);
  }
  if (!end) throw new VerifyError("export", "the last line is missing: the export is not whole");
  const inRange = seqs.length === 0 || (end.from <= seqs[0] && seqs[seqs.length - 1] < end.to);
  const withheld = end.to - end.from - seqs.length;
  need(
    end.complete === true && end.count === seqs.length && inRange && withheld === (end.withheld ?? 0) && end.to <= tree.size,
    "export", "the number of events is another than its last line says",
  );
  const checkpoint = await openCheckpoint(end.checkpoint ?? "", vkey);
  need(checkpoint.size === tree.size, "export", "the checkpoint is of a tree of another size");
  need(equal(await tree.root(), checkpoint.root), "root", "the events do not add up to the root of the checkpoint");
  return { checkpoint, checked: seqs.length, withheld };
}

// ---- from the command line ----

/** @param {string[]} args */
async function main(args) {
  const { readFileSync, createReadStream } = await import("node:fs");
  const isExport = args[0] === "--export";
  const [file, vkeyFile] = isExport ? args.slice(1) : args;
  if (!file || !vkeyFile) {
    console.error("usage: node verify.mjs PROOF.json VKEY.txt | --export FILE.ndjson VKEY.txt");
    return 2;
  }
  try {
    const vkey = readFileSync(vkeyFile, "utf8");
    if (isExport) {
      const { createInterface } = await import("node:readline");
      const done = await verifyExport(createInterface({ input: createReadStream(file) }), vkey);
      console.log(JSON.stringify({ verdict: "valid", log: done.checkpoint.origin, checked: done.checked, withheld: done.withheld }));
    } else {
      const done = await verifyProof(JSON.parse(readFileSync(file, "utf8")), vkey);
      console.log(JSON.stringify({ verdict: "valid", log: done.checkpoint.origin, tree_size: done.checkpoint.size }));
    }
    return 0;
  } catch (error) {
    const step = error instanceof VerifyError ? error.step : "input";
    console.log(JSON.stringify({ verdict: "invalid", step, detail: String(/** @type {any} */ (error).message) }));
    return 1;
  }
}

// Only as the program itself: never in a browser, and not in a bundle.
if (typeof process !== "undefined" && process.argv?.[1]?.endsWith("verify.mjs")) {
  process.exitCode = await main(process.argv.slice(2));
}
