// The live tail: server-sent events read with fetch, since EventSource can send no credential.
import { effect, signal, untracked } from "@preact/signals";
import type { Event } from "./api";
import { filters, live, seen, session, tell } from "./state";

const KEPT = 500;

export const tail = signal<Event[]>([]); // newest first
export const paused = signal(false);
export const heldBack = signal(0);
export const rate = signal(0); // events a second
export const connected = signal(false);

let buffer: Event[] = [];
let arrivals: number[] = [];
let last: string | undefined;

/** Calls `take` for each event of a stream of server-sent events (WHATWG HTML). */
export async function readEvents(
  body: ReadableStream<Uint8Array>,
  take: (event: { id?: string; name: string; data: string }) => void,
): Promise<void> {
  const reader = body.pipeThrough(new TextDecoderStream() as unknown as TransformStream<Uint8Array, string>).getReader();
  let rest = "";
  let data: string[] = [];
  let id: string | undefined;
  let name = "message";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split(/\r\n|\n|\r/);
    rest = lines.pop()!;
    for (const line of lines) {
      if (line === "") {
        if (data.length) take({ id, name, data: data.join("\n") });
        data = [];
        name = "message";
      } else if (!line.startsWith(":")) {
        const colon = line.indexOf(":");
        const field = colon < 0 ? line : line.slice(0, colon);
        const text = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
        if (field === "data") data.push(text);
        else if (field === "id") id = text;
        else if (field === "event") name = text;
      }
    }
  }
}

function show(): void {
  if (!buffer.length) return;
  tail.value = [...buffer.reverse(), ...tail.value].slice(0, KEPT);
  buffer = [];
  heldBack.value = 0;
}

export function resume(): void {
  paused.value = false;
  show();
}

async function follow(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const headers: Record<string, string> = last === undefined ? {} : { "Last-Event-ID": last };
      const response = await session.value!.api.fetch("/v1/stream", filters.value, { signal, headers });
      connected.value = true;
      await readEvents(response.body!, ({ id, name, data }) => {
        last = id;
        if (name === "overrun") tell("Reading was too slow; the stream goes on from where it was", "bad");
        if (name !== "message") return;
        arrivals.push(performance.now());
        buffer.push(JSON.parse(data) as Event);
        if (buffer.length > KEPT) buffer = buffer.slice(-KEPT);
      });
    } catch (error) {
      if (signal.aborted) return;
      const known = seen(error);
      if (known.status >= 400 && known.status < 500) {
        tell(known.message, "bad");
        live.value = false;
        return;
      }
    }
    connected.value = false;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

export function followLive(): void {
  let mine = new AbortController();
  let ticking = 0;
  effect(() => {
    const on = live.value && session.value;
    void filters.value;
    mine.abort();
    clearInterval(ticking);
    connected.value = false;
    if (!on) return;
    mine = new AbortController();
    untracked(() => {
      last = undefined;
      buffer = [];
      arrivals = [];
      tail.value = [];
      paused.value = false;
      heldBack.value = 0;
      void follow(mine.signal);
      ticking = window.setInterval(() => {
        const since = performance.now() - 5000;
        arrivals = arrivals.filter((time) => time > since);
        rate.value = arrivals.length / 5;
        if (paused.value) heldBack.value = buffer.length;
        else show();
      }, 200);
    });
  });
}
