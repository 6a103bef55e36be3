// The fields of an event: how they are called, how a bare `field:value` is meant, what completes it.

export type Match = "exact" | "contains";

export interface Field {
  name: string; // as the API has it
  label: string;
  match: Match; // what field:value means; field:=value is always exact
  values?: readonly string[]; // all there are
  facet?: boolean; // few enough values that the most frequent ones say something
  sortable?: boolean;
}

export const SEVERITIES = ["critical", "high", "medium", "low", "none"] as const;
export const STATUSES = ["success", "failure", "intent"] as const;

export const FIELDS: readonly Field[] = [
  { name: "action", label: "Action", match: "exact", facet: true },
  { name: "status", label: "Status", match: "exact", values: STATUSES, facet: true },
  { name: "severity", label: "Severity", match: "exact", values: SEVERITIES, facet: true },
  { name: "category", label: "Category", match: "exact", facet: true },
  { name: "source", label: "Source", match: "exact", facet: true },
  { name: "actor.id", label: "Actor id", match: "exact", facet: true },
  { name: "actor.type", label: "Actor type", match: "exact", facet: true },
  { name: "actor.name", label: "Actor name", match: "contains", facet: true },
  { name: "actor.email", label: "Actor e-mail", match: "contains", facet: true },
  { name: "target.id", label: "Target id", match: "exact", facet: true },
  { name: "target.type", label: "Target type", match: "exact", facet: true },
  { name: "target.name", label: "Target name", match: "contains", facet: true },
  { name: "application.key", label: "Application", match: "exact", facet: true },
  { name: "application.id", label: "Application id", match: "exact" },
  { name: "request.ip", label: "Address", match: "exact", facet: true },
  { name: "request.method", label: "Method", match: "exact", facet: true },
  { name: "request.path", label: "Path", match: "contains", facet: true },
  { name: "request.status_code", label: "HTTP status", match: "exact", facet: true },
  { name: "request.user_agent", label: "User agent", match: "contains", facet: true },
  { name: "request.id", label: "Request id", match: "exact" },
  { name: "summary", label: "Summary", match: "contains" },
  { name: "error", label: "Error", match: "contains", facet: true },
  { name: "version", label: "Version", match: "exact", facet: true },
  { name: "commit_id", label: "Commit", match: "exact" },
  { name: "cluster_id", label: "Cluster", match: "exact", facet: true },
  { name: "id", label: "Id", match: "exact" },
  { name: "seq", label: "Seq", match: "exact" },
  { name: "occurred_at", label: "Time", match: "exact" },
  { name: "recorded_at", label: "Recorded", match: "exact" },
];

const BY_NAME = new Map(FIELDS.map((field) => [field.name, field]));

/** A field of the list, or a path below context, params or metadata. */
export function fieldNamed(name: string): Field | undefined {
  const known = BY_NAME.get(name);
  if (known) return known;
  if (/^(metadata|params|context)\..+/.test(name)) return { name, label: name, match: "exact", facet: true };
  return undefined;
}

export function isSortable(name: string): boolean {
  return BY_NAME.has(name);
}

export const FACETS: readonly string[] = [
  "action", "status", "severity", "actor.name", "target.type", "source", "category", "application.key", "request.ip",
];

/** The field nearest to a misspelt one, for a hint. */
export function nearestField(name: string): string | undefined {
  let best: string | undefined;
  let bestDistance = 4;
  for (const field of FIELDS) {
    const distance = editDistance(name, field.name);
    if (distance < bestDistance) [best, bestDistance] = [field.name, distance];
  }
  return best ?? FIELDS.find((field) => field.name.endsWith("." + name))?.name;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length];
}
