// The badge: this browser checks that the event is in the log, unchanged. It keeps the newest checkpoint
// that it has seen of each log, and has the server prove that a later one continues it.
import { useEffect, useState } from "preact/hooks";
import { ApiError, type Event } from "./api";
import { Icon } from "./icons";
import { number } from "./parts";
import { copy, mayProve, seen, session } from "./state";
import { checkConsistency, fromBase64, openCheckpoint, toBase64, toHex, verifyProof, VerifyError } from "./verify.mjs";

type Verified = Awaited<ReturnType<typeof verifyProof>>;

type State =
  | { kind: "checking" }
  | { kind: "absent" } // the server has no proofs, or this key may not ask for them
  | { kind: "pending"; detail: string }
  | { kind: "failed"; step: string; detail: string }
  | { kind: "verified"; done: Verified; consistency: string; proof: Record<string, unknown> };

interface Remembered {
  size: number;
  note: string;
}

const rememberedName = (origin: string) => "piperoll-checkpoint:" + origin;

function remembered(origin: string): Remembered | undefined {
  try {
    return JSON.parse(localStorage.getItem(rememberedName(origin)) ?? "null") ?? undefined;
  } catch {
    return undefined;
  }
}

/** Throws when the log does not continue what this browser saw before. */
async function continues(event: Event, note: string, vkey: string): Promise<string> {
  const current = await openCheckpoint(note, vkey);
  const before = remembered(current.origin);
  if (!before) {
    localStorage.setItem(rememberedName(current.origin), JSON.stringify({ size: current.size, note }));
    return "This is the first checkpoint of this log that this browser sees; it is remembered.";
  }
  const old = await openCheckpoint(before.note, vkey);
  const [small, large] = old.size <= current.size ? [old, current] : [current, old];
  const path = `/v1/logs/${event.org_id}/consistency`;
  const got = small.size === large.size || small.size === 0
    ? { proof: [] as string[] }
    : await session.value!.api.get<{ proof: string[] }>(path, [["from", String(small.size)], ["to", String(large.size)]]);
  await checkConsistency(small.size, small.root, large.size, large.root, got.proof.map((text) => fromBase64(text, "consistency")));
  if (current.size > old.size) localStorage.setItem(rememberedName(current.origin), JSON.stringify({ size: current.size, note }));
  return `The log continues the one of ${number(old.size)} events that this browser saw before.`;
}

const NONE_HERE = ["path_not_found", "evidence_off"];
let noProofs = false; // this server has none: nothing to ask for again

async function check(event: Event): Promise<State> {
  if (noProofs) return { kind: "absent" };
  const { api } = session.value!;
  try {
    const proof = await api.get<Record<string, any>>(`/v1/events/${encodeURIComponent(event.id)}/proof`);
    const vkey = await (await api.fetch(`/v1/logs/${event.org_id}/vkey`)).text();
    const done = await verifyProof(proof, vkey, event);
    return { kind: "verified", done, proof, consistency: await continues(event, proof.checkpoint, vkey) };
  } catch (error) {
    if (error instanceof VerifyError) {
      return error.step === "crypto" ? { kind: "pending", detail: error.message } : { kind: "failed", step: error.step, detail: error.message };
    }
    if (error instanceof ApiError && (NONE_HERE.includes(error.code) || error.status === 403)) {
      noProofs = error.status !== 403;
      return { kind: "absent" };
    }
    return { kind: "pending", detail: seen(error).message };
  }
}

export function ProofBadge({ event }: { event: Event }) {
  const [state, setState] = useState<State>({ kind: "checking" });
  const [open, setOpen] = useState(false);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    if (!mayProve.value) {
      setState({ kind: "absent" });
      return;
    }
    let current = true;
    setState({ kind: "checking" });
    void check(event).then((next) => {
      if (!current) return;
      setState(next);
      if (next.kind === "failed") setOpen(true);
    });
    return () => {
      current = false;
    };
  }, [event.id, attempt]);
  if (state.kind === "absent") return null;
  const words = {
    checking: "Checking the proof…",
    pending: "Not checked yet",
    failed: "Proof failed",
    verified: state.kind === "verified" ? `Verified in this browser · event ${number(event.seq)} of ${number(state.done.checkpoint.size)}` : "",
  }[state.kind];
  return (
    <section class={`proof proof-${state.kind}`} aria-label="Proof">
      <button class="proof-badge" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name={state.kind === "failed" ? "alert" : "shield"} />
        {words}
        <Icon name={open ? "up" : "down"} size={11} />
      </button>
      {open && state.kind === "pending" && <p>{state.detail} <button class="link" onClick={() => setAttempt(attempt + 1)}>Check again</button></p>}
      {open && state.kind === "failed" && (
        <div role="alert">
          <p><b>Do not rely on this event.</b> The first step that is wrong: <b>{state.step}</b>: {state.detail}.</p>
          <p>Tell whoever runs this server, and keep what you see. <button class="link" onClick={() => setAttempt(attempt + 1)}>Check again</button></p>
        </div>
      )}
      {open && state.kind === "verified" && <Chain state={state} />}
    </section>
  );
}

function Chain({ state }: { state: Extract<State, { kind: "verified" }> }) {
  const { done, proof, consistency } = state;
  const steps: [string, string, string][] = [
    ["Fields", `${done.slots.filter((slot) => slot.state === "shown").length} of 12 slots are shown and are what the manifest commits to`, done.slots.map((slot) => `${slot.name.padEnd(13)}${slot.state === "shown" ? "shown   " : "–       "}${slot.digest}`).join("\n")],
    ["Manifest", "its hash is in the leaf", String(proof.manifest)],
    ["Leaf", "its place is the event's seq", `${proof.leaf}\n${toHex(done.leafHash)}`],
    ["Path", `${(proof.inclusion as string[]).length} hashes lead from the leaf to the root`, (proof.inclusion as string[]).join("\n")],
    ["Root", `of the tree of ${number(done.checkpoint.size)} events`, toBase64(done.root)],
    ["Signature", `the key of ${done.checkpoint.origin} signed this root${done.checkpoint.witnesses ? `, and ${done.checkpoint.witnesses} others did` : ""}`, String(proof.checkpoint)],
    ["Past", consistency, ""],
  ];
  return (
    <ol class="chain">
      {steps.map(([name, words, hashes]) => (
        <li key={name}>
          <details>
            <summary><Icon name="check" size={12} /> <b>{name}</b> <span>{words}</span></summary>
            {hashes && <pre tabIndex={0}>{hashes}</pre>}
          </details>
        </li>
      ))}
      <li><button class="quiet" onClick={() => void copy(JSON.stringify(proof), "Proof")}><Icon name="copy" size={13} /> Copy the proof</button></li>
    </ol>
  );
}
