// Before and after, field by field, where an event holds both.

export interface Change {
  pointer: string; // JSON Pointer
  kind: "added" | "removed" | "changed";
  before?: unknown;
  after?: unknown;
}

type Json = unknown;
const isObject = (value: Json): value is Record<string, Json> => value !== null && typeof value === "object" && !Array.isArray(value);
const escapePointer = (name: string) => name.replaceAll("~", "~0").replaceAll("/", "~1");

export function compare(before: Json, after: Json, pointer = ""): Change[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (isObject(before) && isObject(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((name) => {
      const at = `${pointer}/${escapePointer(name)}`;
      if (!(name in before)) return [{ pointer: at, kind: "added" as const, after: after[name] }];
      if (!(name in after)) return [{ pointer: at, kind: "removed" as const, before: before[name] }];
      return compare(before[name], after[name], at);
    });
  }
  if (Array.isArray(before) && Array.isArray(after)) return compareLists(before, after, pointer);
  return [{ pointer, kind: "changed", before, after }];
}

// Elements that only one of the lists has: lists in audit events are mostly sets.
function compareLists(before: Json[], after: Json[], pointer: string): Change[] {
  if (before.length === after.length && before.some(isObject)) {
    return before.flatMap((value, i) => compare(value, after[i], `${pointer}/${i}`));
  }
  const rest = after.map((value) => JSON.stringify(value));
  const changes: Change[] = [];
  before.forEach((value, i) => {
    const at = rest.indexOf(JSON.stringify(value));
    if (at >= 0) rest.splice(at, 1);
    else changes.push({ pointer: `${pointer}/${i}`, kind: "removed", before: value });
  });
  for (const text of rest) changes.push({ pointer: `${pointer}/-`, kind: "added", after: JSON.parse(text) });
  return changes.length ? changes : [{ pointer, kind: "changed", before, after }];
}

const PAIRS = [["before", "after"], ["old", "new"], ["previous", "current"], ["from", "to"], ["old_values", "new_values"], ["oldValue", "newValue"]];

/** RFC 6902; test, move and copy change nothing that can be shown as before and after. */
function fromPatch(patch: Json): Change[] | undefined {
  if (!Array.isArray(patch) || !patch.length) return undefined;
  if (!patch.every((step) => isObject(step) && typeof step.op === "string" && typeof step.path === "string")) return undefined;
  return (patch as Record<string, Json>[]).flatMap((step): Change[] => {
    const pointer = String(step.path);
    if (step.op === "add") return [{ pointer, kind: "added", after: step.value }];
    if (step.op === "remove") return [{ pointer, kind: "removed", before: step.old ?? step.oldValue }];
    if (step.op === "replace") return [{ pointer, kind: "changed", before: step.old ?? step.oldValue, after: step.value }];
    return [];
  });
}

function changesIn(value: Json): Change[] | undefined {
  if (!isObject(value)) return undefined;
  for (const [before, after] of PAIRS) {
    if (before in value && after in value && (isObject(value[before]) || isObject(value[after]) || before === "before")) {
      return compare(value[before], value[after]);
    }
  }
  for (const name of ["patch", "changes", "diff"]) {
    const inner = value[name];
    const patch = fromPatch(inner);
    if (patch) return patch;
    if (isObject(inner)) {
      const nested = changesIn(inner);
      if (nested) return nested;
      const perField = Object.entries(inner).flatMap(([field, pair]): Change[] => {
        const [before, after] = PAIRS.find(([b, a]) => isObject(pair) && b in pair && a in pair) ?? [];
        return before && after && isObject(pair) ? compare(pair[before], pair[after], "/" + escapePointer(field)) : [];
      });
      if (perField.length) return perField;
    }
  }
  return undefined;
}

export function changesOf(event: { params?: Json; metadata?: Json }): Change[] | undefined {
  return changesIn(event.params) ?? changesIn(event.metadata);
}
