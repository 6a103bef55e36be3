// Saving what is shown as a file. NDJSON says itself that it is whole; a broken stream of either kind
// ends in an error, and no file is kept then.
import { signal } from "@preact/signals";
import type { Parameters } from "./api";
import { question, seen, session, tell } from "./state";

export const exporting = signal<{ bytes: number; cancel: () => void } | null>(null);

export async function exportShown(format: "ndjson" | "csv", more: Parameters = []): Promise<void> {
  if (exporting.value) return;
  const stop = new AbortController();
  exporting.value = { bytes: 0, cancel: () => stop.abort() };
  try {
    const response = await session.value!.api.fetch("/v1/export", [...question.value, ["format", format], ...more], { signal: stop.signal });
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    let bytes = 0;
    let told = 0;
    const reader = response.body!.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      pieces.push(value as Uint8Array<ArrayBuffer>);
      bytes += value.length;
      if (performance.now() - told > 200) {
        told = performance.now();
        exporting.value = { ...exporting.value!, bytes };
      }
    }
    if (format === "ndjson") await checkWhole(new Blob(pieces.slice(-8)));
    save(new Blob(pieces, { type: response.headers.get("Content-Type") ?? undefined }), `events.${format}`);
    tell(`Export complete: ${(bytes / 1e6).toFixed(1)} MB`);
  } catch (error) {
    if ((error as Error).name === "AbortError") tell("Export cancelled", "bad");
    else tell(`Export failed: ${seen(error).message}`, "bad");
  } finally {
    exporting.value = null;
  }
}

async function checkWhole(end: Blob): Promise<void> {
  const line = (await end.text()).trimEnd().split("\n").pop() ?? "";
  if (!line.includes('"piperoll_export"') || !line.includes('"complete":true')) throw new Error("the last line is missing, so the file is not whole");
}

function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
