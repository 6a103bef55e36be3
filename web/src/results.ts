// The answer of a question: its count, its rows page by page as they are looked at, its facets and its
// histogram. One question at a time: a new one cancels what the old one still waits for.
import { batch, effect, signal, untracked } from "@preact/signals";
import type { Api, ApiError, Bucket, Event, Facets, Page, Parameters } from "./api";
import { FACETS, SEVERITIES, STATUSES } from "./fields";
import { bounds, facetsShown, faults, mayFind, mayProve, now, question, seen, session, sort, stackBy, view } from "./state";

export const PAGE = 100;

export const count = signal<number | null>(null);
export const rows = signal<Map<number, Event[]>>(new Map()); // by page
export const loading = signal(false);
export const problem = signal<ApiError | null>(null);
export const treeSize = signal(0);
export const grown = signal(0); // events recorded since the question was asked
export const took = signal(0);

let asked = new AbortController();
let waiting = new Set<number>();
let rowsShown: Promise<void> = Promise.resolve(); // those that answer the question first, or their absence

/** When what was changed just now has been painted; at once where nobody looks. */
function painted(): Promise<void> {
  return new Promise((resolve) => {
    if (document.hidden) resolve();
    else requestAnimationFrame(() => setTimeout(resolve));
  });
}

function path(): string {
  return view.value === "access" ? "/v1/access" : "/v1/events";
}

async function loadPage(page: number, withCount: boolean, signal: AbortSignal): Promise<void> {
  const api = session.value!.api;
  const parameters: Parameters = [...question.value, ["sort", sort.value], ["limit", String(PAGE)], ["offset", String(page * PAGE)]];
  if (withCount) parameters.push(["count", "exact"]);
  const got = await api.get<Page>(path(), parameters, signal);
  batch(() => {
    rows.value = new Map(rows.value).set(page, got.events);
    if (withCount) {
      count.value = got.count ?? 0;
      treeSize.value = got.tree_size;
      grown.value = 0;
    } else {
      grown.value = Math.max(0, got.tree_size - treeSize.value);
    }
  });
}

/** Fetches the page that a row is on, unless it is there or on its way. */
export function want(page: number): void {
  if (page < 0 || waiting.has(page) || rows.value.has(page) || count.value === null) return;
  const { signal } = asked;
  waiting.add(page);
  loadPage(page, false, signal).catch((error) => {
    if (error.name !== "AbortError") problem.value = seen(error);
  }).finally(() => waiting.delete(page));
}

export function rowAt(index: number): Event | undefined {
  return rows.value.get(Math.floor(index / PAGE))?.[index % PAGE];
}

export function indexOf(id: string): number {
  for (const [page, events] of rows.value) {
    const at = events.findIndex((event) => event.id === id);
    if (at >= 0) return page * PAGE + at;
  }
  return -1;
}

const again = signal(0);
export function refresh(): void {
  batch(() => {
    now.value = Date.now();
    again.value += 1;
  });
}

/** Looks for a new question and asks it. */
export function followQuestion(): void {
  effect(() => {
    const ready = session.value && (view.value === "events" ? mayFind.value : view.value === "access" && mayProve.value);
    void [question.value, sort.value, again.value];
    if (!ready || faults.value.length) return;
    untracked(start);
  });
}

function start(): void {
  asked.abort();
  asked = new AbortController();
  waiting = new Set();
  const { signal } = asked;
  const began = performance.now();
  batch(() => {
    loading.value = true;
    problem.value = null;
    rows.value = new Map();
    count.value = null;
  });
  rowsShown = loadPage(0, true, signal).then(
    () => void (took.value = performance.now() - began),
    (error) => void (error.name === "AbortError" || (problem.value = seen(error))),
  ).then(() => {
    if (signal.aborted) return;
    loading.value = false;
    return painted();
  });
}

// ---- histogram ----

export interface Bars {
  start: number[]; // milliseconds, ascending, one for each bar
  width: number; // milliseconds
  series: { name: string; counts: number[] }[];
}

export const bars = signal<Bars | null>(null);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const BARS_MAX = 120;

/** Bars of one width over all of [from, to), from sparse buckets. */
export function makeBars(sparse: { name: string; buckets: Bucket[] }[], unit: number, from?: number, to?: number): Bars | null {
  const times = sparse.flatMap(({ buckets }) => buckets.map((bucket) => Date.parse(bucket.start)));
  if (!times.length) return null;
  const first = Math.floor((from ?? Math.min(...times)) / unit) * unit;
  const end = Math.max(to ?? 0, times.reduce((most, time) => Math.max(most, time), 0) + unit);
  const step = unit * Math.max(1, Math.ceil((end - first) / unit / BARS_MAX));
  const length = Math.max(1, Math.ceil((end - first) / step));
  const start = Array.from({ length }, (_, i) => first + i * step);
  const series = sparse.map(({ name, buckets }) => {
    const counts = new Array<number>(length).fill(0);
    for (const bucket of buckets) {
      const at = Math.floor((Date.parse(bucket.start) - first) / step);
      if (at >= 0 && at < length) counts[at] += bucket.count;
    }
    return { name, counts };
  });
  return { start, width: step, series };
}

async function loadBars(api: Api, signal: AbortSignal): Promise<void> {
  const by = stackBy.value;
  const names: readonly string[] = by === "status" ? STATUSES : SEVERITIES;
  const { from, to } = bounds.value;
  const upTo = to ?? (from === undefined ? undefined : now.value);
  const fetchAll = (interval: string) =>
    Promise.all(names.map(async (name) => {
      const parameters: Parameters = [...question.value, [by + ".in", name], ["interval", interval]];
      return { name, buckets: (await api.get<{ buckets: Bucket[] }>("/v1/histogram", parameters, signal)).buckets };
    }));
  const short = from !== undefined && (upTo ?? 0) - from <= 4 * DAY;
  let sparse = await fetchAll(short ? "hour" : "day");
  const days = new Set(sparse.flatMap(({ buckets }) => buckets.map((bucket) => bucket.start)));
  let unit = short ? HOUR : DAY;
  if (!short && days.size <= 3 && days.size > 0) {
    sparse = await fetchAll("hour");
    unit = HOUR;
  }
  bars.value = makeBars(sparse, unit, from, upTo);
}

// ---- facets ----

export const facets = signal<Map<string, Facets>>(new Map());
export const facetLimit = signal<Record<string, number>>({});
export const facetFields = signal<string[]>([...FACETS]);

async function loadFacets(api: Api, signal: AbortSignal): Promise<void> {
  // What arrives between two frames is shown at once: to draw the panel is more work than to ask.
  let arrived: Facets[] = [];
  const show = () => {
    if (!signal.aborted) facets.value = new Map([...facets.value, ...arrived.map((got) => [got.field, got] as const)]);
    arrived = [];
  };
  await Promise.all(facetFields.value.map(async (field) => {
    const parameters: Parameters = [...question.value, ["field", field], ["limit", String(facetLimit.value[field] ?? 6)]];
    const got = await api.get<Facets>("/v1/facets", parameters, signal);
    if (arrived.push(got) === 1) void painted().then(show);
  }));
}

/** Histogram and facets, each anew when what it shows has changed, and after the rows. */
export function followSummaries(): void {
  const follow = (load: (api: Api, signal: AbortSignal) => Promise<void>, depends: () => unknown, wanted: () => boolean) => {
    let mine = new AbortController();
    effect(() => {
      void [question.value, again.value, depends()];
      if (!session.value || view.value !== "events" || !mayFind.value || faults.value.length || !wanted()) return;
      const { api } = session.value;
      untracked(() => {
        mine.abort();
        mine = new AbortController();
        const { signal } = mine;
        rowsShown.then(() => (signal.aborted ? undefined : load(api, signal))).catch((error) => {
          if (error.name !== "AbortError") seen(error);
        });
      });
    });
  };
  follow(loadBars, () => stackBy.value, () => true);
  follow(loadFacets, () => [facetLimit.value, facetFields.value], () => facetsShown.value === "yes");
}
