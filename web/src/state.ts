// What the viewer knows: who is signed in, what is asked (all of it in the address bar), how it looks
// (kept by the browser).
import { batch, computed, effect, signal } from "@preact/signals";
import { Api, ApiError, startSession, type Credential, type Organisation, type Parameters, type Who } from "./api";
import { filterParameters, parseQuery, printQuery, type Token } from "./query";
import { boundsOf, PRESETS, type Range, type Zone } from "./time";

// ---- who ----

export interface Session {
  api: Api;
  who: Who;
  orgs?: Organisation[]; // of a server credential that may list them
}

const KEY = "piperoll-key"; // only where the server gives no session: plain HTTP to another machine
const ORG = "piperoll-org";

export const session = signal<Session | null>(null);
export const signInProblem = signal<string>("");
export const restoring = signal(true);

const may = (right: string) => computed(() => session.value?.who.rights.includes(right) ?? false);
export const mayFind = may("find");
export const mayProve = may("prove");
export const mayExport = may("export");
export const mayManage = may("manage");

/** Enters with what the server says of the credential; a credential of the server chooses an organisation. */
async function enter(credential: Credential, who: Who): Promise<void> {
  const anywhere = new Api(credential);
  let api = anywhere;
  let orgs: Organisation[] | undefined;
  if (!who.org) {
    orgs = (await anywhere.get<{ orgs: Organisation[] }>("/v1/orgs")).orgs.filter((one) => one.enabled);
    const before = sessionStorage.getItem(ORG);
    const chosen = orgs.find((one) => one.id === before) ?? orgs[0];
    if (!chosen) throw new ApiError(400, "no_organisation", "This credential is of the server, and there is no organisation yet: make one with piperoll org create.");
    api = anywhere.with(chosen.id);
  }
  batch(() => {
    session.value = { api, who, orgs };
    signInProblem.value = "";
  });
}

export function chooseOrganisation(id: string): void {
  sessionStorage.setItem(ORG, id);
  const { api, who, orgs } = session.value!;
  session.value = { api: api.with(id), who, orgs };
}

export async function signIn(body: { email: string; password: string } | { key: string }): Promise<void> {
  try {
    const who = await startSession(body);
    await enter({ csrf: who.csrf_token ?? "" }, who);
  } catch (error) {
    if (!(error instanceof ApiError && error.code === "tls_required" && "key" in body)) throw error;
    // Then the key itself, for this tab alone.
    const credential = { key: body.key };
    await enter(credential, await new Api(credential).get<Who>("/v1/session"));
    sessionStorage.setItem(KEY, body.key);
  }
}

export function signOut(reason = ""): void {
  const own = session.value?.api;
  own?.end();
  if (own && !reason && "csrf" in own.credential) new Api(own.credential).send("DELETE", "/v1/session").catch(() => undefined);
  sessionStorage.removeItem(KEY);
  sessionStorage.removeItem(ORG);
  batch(() => {
    session.value = null;
    signInProblem.value = reason;
    live.value = false;
  });
}

export async function restoreSession(): Promise<void> {
  const key = sessionStorage.getItem(KEY);
  // The session's own cookie cannot be seen from here; the one beside it can, and is to be repeated.
  const csrf = /(?:^|; )[^=;]*_csrf=([^;]+)/.exec(document.cookie)?.[1];
  if (key || csrf) {
    try {
      const credential: Credential = key ? { key } : { csrf: csrf! };
      await enter(credential, await new Api(credential).get<Who>("/v1/session"));
    } catch (error) {
      const { status, message } = error as ApiError;
      if (status === 401 || status === 403) signOut(ENDED);
      else signInProblem.value = message;
    }
  }
  restoring.value = false;
}

const ENDED = "You are signed out: the session has ended, or its key is no longer taken. Sign in again.";

/** Signs out where the server says that the credential is not believed; tells everybody else's errors on. */
export function seen(error: unknown): ApiError {
  const known = error instanceof ApiError ? error : new ApiError(0, "", (error as Error).message);
  if (known.status === 401) signOut(ENDED);
  return known;
}

// ---- what is asked ----

export type View = "events" | "access" | "keys" | "users" | "applications";
const VIEWS: readonly View[] = ["events", "access", "keys", "users", "applications"];
export const DEFAULT_COLUMNS = ["occurred_at", "status", "severity", "action", "actor", "target", "source", "request.ip"];
export const DEFAULT_SORT = "-occurred_at";

export const view = signal<View>("events");
export const tokens = signal<Token[]>([]);
export const range = signal<Range>({});
export const sort = signal(DEFAULT_SORT);
export const columns = signal<string[]>(DEFAULT_COLUMNS);
export const selected = signal<string | null>(null); // an event's id
export const now = signal(Date.now()); // the moment that "last hour" counts from: that of the last question
export const live = signal(false);

export const faults = computed(() => tokens.value.filter((token) => token.fault));
export const filters = computed<Parameters>(() => filterParameters(tokens.value.filter((token) => !token.fault)));
export const bounds = computed(() => boundsOf(range.value, now.value));
export const timeParameters = computed<Parameters>(() => {
  const { from, to } = bounds.value;
  const parameters: Parameters = [];
  if (from !== undefined) parameters.push(["occurred_after", new Date(from).toISOString()]);
  if (to !== undefined) parameters.push(["occurred_before", new Date(to).toISOString()]);
  return parameters;
});
/** Everything but order and page. */
export const question = computed<Parameters>(() => [...filters.value, ...timeParameters.value]);

/** Asks what an address asks: that of the page, or one that was kept. */
export function readAddress(search = location.search): void {
  const address = new URLSearchParams(search);
  const asked = address.get("view") as View;
  const at = (name: string) => {
    const ms = Date.parse(address.get(name) ?? "");
    return Number.isNaN(ms) ? undefined : ms;
  };
  const preset = address.get("range") ?? undefined;
  batch(() => {
    view.value = VIEWS.includes(asked) ? asked : "events";
    tokens.value = parseQuery(address.get("q") ?? "");
    range.value = preset && PRESETS[preset] ? { preset } : { from: at("from"), to: at("to") };
    sort.value = address.get("sort") ?? DEFAULT_SORT;
    columns.value = address.get("columns")?.split(",").filter(Boolean) ?? DEFAULT_COLUMNS;
    selected.value = address.get("event");
    now.value = Date.now();
  });
}

/** The question, without the event that is open, as it stands behind "?". */
export function questionAddress(): string {
  const parts = new URLSearchParams();
  if (view.value !== "events") parts.set("view", view.value);
  if (tokens.value.length) parts.set("q", printQuery(tokens.value));
  if (range.value.preset) parts.set("range", range.value.preset);
  if (range.value.from !== undefined) parts.set("from", new Date(range.value.from).toISOString());
  if (range.value.to !== undefined) parts.set("to", new Date(range.value.to).toISOString());
  if (sort.value !== DEFAULT_SORT) parts.set("sort", sort.value);
  if (columns.value.join() !== DEFAULT_COLUMNS.join()) parts.set("columns", columns.value.join(","));
  return parts.toString();
}

function address(): string {
  const text = [questionAddress(), selected.value && new URLSearchParams({ event: selected.value }).toString()].filter(Boolean).join("&");
  return text ? "/?" + text : "/";
}

/** Keeps the address bar and the state equal; back and forward work. */
export function followAddress(): void {
  readAddress();
  addEventListener("popstate", () => readAddress());
  let last = address();
  let lastView = "";
  effect(() => {
    const next = address();
    const major = view.value + printQuery(tokens.value) + JSON.stringify(range.value);
    if (next === last) {
      lastView = major;
      return;
    }
    // A new question is a new entry; a row that is looked at, or an order, is not.
    if (location.pathname + location.search !== next) {
      if (major !== lastView) history.pushState(null, "", next);
      else history.replaceState(null, "", next);
    }
    last = next;
    lastView = major;
  });
}

export function linkTo(id: string): string {
  const parts = new URLSearchParams({ event: id });
  if (view.value === "access") parts.set("view", "access");
  return `${location.origin}/?${parts}`;
}

/** Asks anew: relative ranges count from now. */
export function ask(change: { tokens?: Token[]; range?: Range; view?: View }): void {
  batch(() => {
    now.value = Date.now();
    if (change.tokens) tokens.value = change.tokens;
    if (change.range) range.value = change.range;
    if (change.view) {
      view.value = change.view;
      live.value = false;
    }
    selected.value = null;
  });
}

// ---- how it looks ----

function kept<T extends string>(name: string, fallback: T, values: readonly T[]) {
  const before = localStorage.getItem(name) as T;
  const own = signal<T>(values.includes(before) ? before : fallback);
  effect(() => localStorage.setItem(name, own.value));
  return own;
}

export const zone = kept<Zone>("piperoll-zone", "utc", ["utc", "local"]);
export const theme = kept<"system" | "light" | "dark">("piperoll-theme", "system", ["system", "light", "dark"]);
export const density = kept<"comfortable" | "compact">("piperoll-density", "comfortable", ["comfortable", "compact"]);
export const facetsShown = kept<"yes" | "no">("piperoll-facets", innerWidth < 900 ? "no" : "yes", ["yes", "no"]);
export const stackBy = kept<"status" | "severity">("piperoll-stack", "status", ["status", "severity"]);

export function applyTheme(): void {
  effect(() => {
    if (theme.value === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme.value;
  });
}

const narrowQuery = matchMedia("(max-width: 700px)");
export const narrow = signal(narrowQuery.matches);
narrowQuery.addEventListener("change", () => (narrow.value = narrowQuery.matches));

export const notice = signal<{ text: string; kind: "good" | "bad" } | null>(null);
let noticeTimer = 0;
export function tell(text: string, kind: "good" | "bad" = "good"): void {
  clearTimeout(noticeTimer);
  notice.value = { text, kind };
  noticeTimer = window.setTimeout(() => (notice.value = null), 5000);
}

export async function copy(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    tell(`${what} copied`);
  } catch {
    tell(`The browser did not let ${what.toLowerCase()} be copied`, "bad");
  }
}
