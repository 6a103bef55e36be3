// Calls of the server. The credential never leaves this module but in a header.

export interface Event {
  id: string;
  seq: number;
  occurred_at: string;
  recorded_at: string;
  org_id: string;
  action: string;
  category: string;
  severity: string;
  status: string;
  version: string;
  source?: string;
  summary?: string;
  error?: string;
  commit_id?: string;
  cluster_id?: string;
  actor?: { id?: string; type?: string; name?: string; email?: string };
  target?: { id?: string; type?: string; name?: string };
  application?: { id?: string; key?: string };
  request?: { id?: string; ip?: string; method?: string; path?: string; status_code?: number; user_agent?: string };
  context?: Record<string, unknown>;
  params?: Record<string, unknown>;
  metadata?: Record<string, unknown>;
}

export interface Page {
  events: Event[];
  next_cursor: string | null;
  count?: number;
  tree_size: number;
}

export interface Facets {
  field: string;
  values: { value: string; count: number }[];
  other: number;
  missing: number;
}

export interface Bucket {
  start: string;
  count: number;
}

export interface Key {
  id: string;
  key?: string;
  prefix: string;
  roles: string[];
  name: string;
  created_at: string;
  expires_at: string | null;
  revoked_at?: string | null;
  last_used_at?: string | null;
  networks: string[];
}

export interface Application {
  id: string;
  key: string;
  name: string;
  created_at: string;
  description: string | null;
  accent_color: string | null;
}

export interface User {
  id: string;
  email: string;
  name: string;
  roles: string[];
  enabled: boolean;
  created_at: string;
  password_changed_at: string;
  last_used_at: string | null;
}

/** A search that somebody keeps, and how its rows are shown. */
export interface SavedView {
  id: string;
  name: string;
  query: string; // as in the page's address behind "?"
  columns: string[];
  density: "comfortable" | "compact" | null;
  shared: boolean;
  own: boolean;
  may_change: boolean;
  owner: string;
}

export interface Organisation {
  id: string;
  name: string;
  tenant_id: number;
  enabled: boolean;
}

/** The answer of GET /v1/session. */
export interface Who {
  principal: { id: string; type: string; name: string; email?: string | null };
  org: { id: string; name: string } | null; // null: a credential of the server
  roles: string[];
  rights: string[];
  session: { ends_at: string } | null;
  csrf_token?: string | null;
}

/** What the server said, or that it could not be reached (status 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly requestId?: string,
  ) {
    super(message);
  }
}

export type Parameters = [string, string][];

/** A session (its cookie is the browser's business), or where none can be had a key. */
export type Credential = { csrf: string } | { key: string };

export class Api {
  constructor(
    readonly credential: Credential,
    readonly org?: string, // of a server credential
    private readonly ending = new AbortController(),
  ) {}

  with(org: string | undefined): Api {
    return new Api(this.credential, org, this.ending);
  }

  /** Cancels what is still asked with this credential, whatever the organisation: its answers are nobody's any more. */
  end(): void {
    this.ending.abort();
  }

  url(path: string, parameters: Parameters = []): string {
    const all = this.org ? [...parameters, ["org", this.org]] : parameters;
    const query = new URLSearchParams(all as string[][]).toString();
    return query ? `${path}?${query}` : path;
  }

  async fetch(path: string, parameters: Parameters = [], init: RequestInit = {}): Promise<Response> {
    const signal = init.signal ? AbortSignal.any([init.signal, this.ending.signal]) : this.ending.signal;
    let response: Response;
    try {
      response = await fetch(this.url(path, parameters), {
        ...init,
        signal,
        credentials: "key" in this.credential ? "omit" : "same-origin",
        headers: { ...init.headers, ...this.proof(init.method) },
      });
    } catch (error) {
      if ((error as Error).name === "AbortError") throw error;
      throw new ApiError(0, "unreachable", "The server does not answer. Is it running, and is the network there?");
    }
    if (!response.ok) {
      const error = await errorOf(response);
      signal.throwIfAborted(); // a refusal that was still being read is nobody's either
      throw error;
    }
    return response;
  }

  private proof(method = "GET"): Record<string, string> {
    if ("key" in this.credential) return { Authorization: "Bearer " + this.credential.key };
    return method === "GET" ? {} : { "X-CSRF-Token": this.credential.csrf };
  }

  async get<T>(path: string, parameters: Parameters = [], signal?: AbortSignal): Promise<T> {
    return (await (await this.fetch(path, parameters, { signal })).json()) as T;
  }

  async send<T>(method: string, path: string, body?: unknown): Promise<T | undefined> {
    const headers = body === undefined ? undefined : { "Content-Type": "application/json" };
    const response = await this.fetch(path, [], { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    return response.status === 204 ? undefined : ((await response.json()) as T);
  }
}

/** A new session; its answer is Who with the token against forged requests. */
export async function startSession(body: { email: string; password: string } | { key: string }): Promise<Who> {
  let response: Response;
  try {
    response = await fetch("/v1/session", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  } catch {
    throw new ApiError(0, "unreachable", "The server does not answer. Is it running, and is the network there?");
  }
  if (!response.ok) throw await errorOf(response);
  return (await response.json()) as Who;
}

async function errorOf(response: Response): Promise<ApiError> {
  const requestId = response.headers.get("X-Request-ID") ?? undefined;
  try {
    const body = await response.json();
    const message = body.detail ?? body.error?.message ?? body.message ?? response.statusText;
    return new ApiError(response.status, body.code ?? body.error?.code ?? "", String(message), requestId);
  } catch {
    return new ApiError(response.status, "", response.statusText || `status ${response.status}`, requestId);
  }
}
