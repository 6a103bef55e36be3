// Ranges of time and how times are shown. Times keep their microseconds: Date has milliseconds only.

export type Zone = "utc" | "local";

export interface Range {
  preset?: string; // a key of PRESETS
  from?: number; // milliseconds since 1970, inclusive
  to?: number; // exclusive
}

export const PRESETS: Record<string, { label: string; ms: number }> = {
  "15m": { label: "Last 15 minutes", ms: 15 * 60_000 },
  "1h": { label: "Last hour", ms: 3_600_000 },
  "24h": { label: "Last 24 hours", ms: 86_400_000 },
  "7d": { label: "Last 7 days", ms: 7 * 86_400_000 },
  "30d": { label: "Last 30 days", ms: 30 * 86_400_000 },
  "90d": { label: "Last 90 days", ms: 90 * 86_400_000 },
  "1y": { label: "Last year", ms: 365 * 86_400_000 },
};

export function boundsOf(range: Range, now: number): { from?: number; to?: number } {
  const preset = range.preset ? PRESETS[range.preset] : undefined;
  return preset ? { from: now - preset.ms } : { from: range.from, to: range.to };
}

const pad = (value: number, length = 2) => String(value).padStart(length, "0");

interface Parts {
  date: string;
  clock: string;
  fraction: string;
}

/** The parts of an RFC 3339 time of the server (UTC, up to six fraction digits). */
export function partsOf(time: string, zone: Zone): Parts {
  const date = new Date(time);
  const fraction = (/\.(\d+)/.exec(time)?.[1] ?? "").padEnd(6, "0");
  if (zone === "utc") {
    const shown = date.toISOString();
    return { date: shown.slice(0, 10), clock: shown.slice(11, 19), fraction };
  }
  return {
    date: `${pad(date.getFullYear(), 4)}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`,
    clock: `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`,
    fraction,
  };
}

export function showTime(time: string, zone: Zone): string {
  const { date, clock } = partsOf(time, zone);
  return `${date} ${clock}`;
}

export function showExact(time: string, zone: Zone): string {
  const { date, clock, fraction } = partsOf(time, zone);
  return `${date} ${clock}.${fraction} ${zone === "utc" ? "UTC" : zoneName()}`;
}

export function zoneName(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || "local";
}

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_557_600_000], ["month", 2_629_800_000], ["day", 86_400_000], ["hour", 3_600_000], ["minute", 60_000], ["second", 1000],
];

export function relative(time: number, now: number): string {
  const format = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  for (const [unit, ms] of UNITS) {
    if (Math.abs(time - now) >= ms || unit === "second") return format.format(Math.round((time - now) / ms), unit);
  }
  return "";
}

export function span(ms: number): string {
  for (const [unit, size] of UNITS) {
    if (Math.abs(ms) >= size) {
      const count = Math.round(Math.abs(ms) / size);
      return `${count} ${unit}${count === 1 ? "" : "s"}`;
    }
  }
  return "under a second";
}

export function rangeLabel(range: Range, zone: Zone): string {
  if (range.preset) return PRESETS[range.preset]?.label ?? range.preset;
  const show = (ms: number) => showTime(new Date(ms).toISOString(), zone).replace(/:00$/, "");
  if (range.from !== undefined && range.to !== undefined) return `${show(range.from)} – ${show(range.to)}`;
  if (range.from !== undefined) return `Since ${show(range.from)}`;
  if (range.to !== undefined) return `Before ${show(range.to)}`;
  return "All time";
}

/** For <input type="datetime-local">. */
export function inputValue(ms: number | undefined, zone: Zone): string {
  if (ms === undefined) return "";
  const { date, clock } = partsOf(new Date(ms).toISOString(), zone);
  return `${date}T${clock}`;
}

export function fromInput(value: string, zone: Zone): number | undefined {
  if (!value) return undefined;
  const ms = Date.parse(zone === "utc" ? value + "Z" : value);
  return Number.isNaN(ms) ? undefined : ms;
}
