// An event in words.
import type { Event } from "./api";

export function actorName(event: Event): string {
  const { actor } = event;
  return actor?.name || actor?.email || actor?.id || "";
}

export function targetName(event: Event): string {
  const { target } = event;
  return target?.name || target?.id || "";
}

const PAST: Record<string, string> = {
  create: "created", add: "added", insert: "inserted", register: "registered", invite: "invited", upload: "uploaded",
  update: "updated", edit: "edited", change: "changed", rename: "renamed", move: "moved", set: "set", reset: "reset",
  delete: "deleted", remove: "removed", destroy: "destroyed", revoke: "revoked", purge: "purged",
  read: "read", view: "viewed", get: "read", list: "listed", download: "downloaded", export: "exported", share: "shared",
  login: "signed in", logon: "signed in", signin: "signed in", logout: "signed out", logoff: "signed out", signout: "signed out",
  enable: "enabled", disable: "disabled", lock: "locked", unlock: "unlocked", suspend: "suspended", start: "started", stop: "stopped",
  approve: "approved", reject: "rejected", grant: "granted", assign: "assigned", unassign: "unassigned", attach: "attached",
  detach: "detached", rotate: "rotated", refund: "refunded", pay: "paid", send: "sent", open: "opened", close: "closed", find: "searched", prove: "asked for a proof of",
};

/** "updated" for "user.update", "document.updated", "UpdateUser"; undefined where no verb is known. */
function pastOf(action: string): string | undefined {
  const words = action.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase().split(/[^a-z]+/).filter(Boolean);
  for (const word of [...words].reverse()) {
    if (PAST[word]) return PAST[word];
    if (Object.values(PAST).includes(word)) return word;
  }
  return undefined;
}

export interface Sentence {
  who: string;
  did: string;
  what: string;
  tail: string;
}

export function sentenceOf(event: Event): Sentence {
  const who = actorName(event) || "Somebody";
  const past = pastOf(event.action);
  const type = event.target?.type ?? "";
  const name = targetName(event);
  const what = name.toLowerCase().startsWith(type.toLowerCase()) ? name : [type, name].filter(Boolean).join(" ");
  const tail: string[] = [];
  if (event.request?.ip) tail.push(`from ${event.request.ip}`);
  if (event.source) tail.push(`through ${event.source}`);
  const verb = past ?? `did ${event.action}${what ? " on" : ""}`;
  const did = event.status === "failure" ? `tried and failed: ${verb}` : event.status === "intent" ? `was about to do this: ${verb}` : verb;
  return { who, did, what, tail: tail.join(" ") };
}
