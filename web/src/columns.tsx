// The columns of the table: what a cell shows, and by which field its head sorts.
import type { ComponentChildren } from "preact";
import type { Event } from "./api";
import { FIELDS, fieldNamed } from "./fields";
import { Icon } from "./icons";
import { Cut, Severity, StatusBadge } from "./parts";
import type { Zone } from "./time";
import { partsOf, span } from "./time";
import { actorName, targetName } from "./words";

export interface Column {
  name: string;
  label: string;
  sort?: string; // the field
  width: string; // of a grid track
  cell: (event: Event, zone: Zone) => ComponentChildren;
  text: (event: Event) => string; // what copying the cell gives
}

const LATE_MS = 3_600_000;

export function lateBy(event: Event): number {
  const late = Date.parse(event.recorded_at) - Date.parse(event.occurred_at);
  return Math.abs(late) > LATE_MS ? late : 0;
}

function TimeCell({ event, zone, field }: { event: Event; zone: Zone; field: "occurred_at" | "recorded_at" }) {
  const { date, clock, fraction } = partsOf(event[field], zone);
  const late = field === "occurred_at" ? lateBy(event) : 0;
  return (
    <span class="time">
      {date} <b>{clock}</b><i>.{fraction.slice(0, 3)}</i>
      {late !== 0 && (
        <span class="late" title={late > 0 ? `recorded ${span(late)} later` : `dated ${span(late)} ahead of its recording`}>
          <Icon name="clock" size={11} />
          <span class="sr-only">{late > 0 ? `recorded ${span(late)} later` : `dated ${span(late)} ahead`}</span>
        </span>
      )}
    </span>
  );
}

export function valueOf(event: unknown, name: string): unknown {
  let value: unknown = event;
  const steps = name.split(".");
  for (let i = 0; i < steps.length; i += 1) {
    if (value === null || typeof value !== "object") return undefined;
    const object = value as Record<string, unknown>;
    const whole = steps.slice(i).join(".");
    if (!(steps[i] in object) && whole in object) return object[whole];
    value = object[steps[i]];
  }
  return value;
}

export function asText(value: unknown): string {
  return value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value);
}

/** The type, unless the name begins with it anyway ("invoice 24"). */
function saysType(event: Event): boolean {
  const type = event.target?.type;
  return !!type && !targetName(event).toLowerCase().startsWith(type.toLowerCase());
}

const SPECIAL: Record<string, Column> = {
  occurred_at: { name: "occurred_at", label: "Time", sort: "occurred_at", width: "13.9rem", cell: (event, zone) => <TimeCell event={event} zone={zone} field="occurred_at" />, text: (event) => event.occurred_at },
  recorded_at: { name: "recorded_at", label: "Recorded", sort: "recorded_at", width: "13.9rem", cell: (event, zone) => <TimeCell event={event} zone={zone} field="recorded_at" />, text: (event) => event.recorded_at },
  status: { name: "status", label: "Status", sort: "status", width: "6.2rem", cell: (event) => <StatusBadge status={event.status} />, text: (event) => event.status },
  severity: { name: "severity", label: "Severity", sort: "severity", width: "6.2rem", cell: (event) => <Severity severity={event.severity} />, text: (event) => event.severity },
  action: {
    name: "action", label: "Action", sort: "action", width: "minmax(10rem, 1.5fr)",
    cell: (event) => (
      <span class="action">
        <Cut text={event.action} />
        {event.commit_id && <span class="pair" title="An intent and its outcome belong together"><Icon name="pair" size={12} /></span>}
      </span>
    ),
    text: (event) => event.action,
  },
  actor: { name: "actor", label: "Actor", sort: "actor.name", width: "minmax(8rem, 1fr)", cell: (event) => <Cut text={actorName(event)} />, text: actorName },
  target: {
    name: "target", label: "Target", sort: "target.name", width: "minmax(9rem, 1.2fr)",
    cell: (event) => (<>{saysType(event) && <span class="dim">{event.target!.type} </span>}<Cut text={targetName(event)} /></>),
    text: (event) => [event.target?.type, targetName(event)].filter(Boolean).join(" "),
  },
  seq: { name: "seq", label: "Seq", sort: "seq", width: "6rem", cell: (event) => String(event.seq), text: (event) => String(event.seq) },
};

export const COLUMN_NAMES = ["occurred_at", "recorded_at", "status", "severity", "action", "actor", "target", ...FIELDS.map((field) => field.name).filter((name) => !["occurred_at", "recorded_at", "status", "severity", "action"].includes(name))];

export function columnNamed(name: string): Column | undefined {
  if (SPECIAL[name]) return SPECIAL[name];
  const field = fieldNamed(name);
  if (!field) return undefined;
  const text = (event: Event) => asText(valueOf(event, name));
  return { name, label: field.label, sort: /^(metadata|params|context)\./.test(name) ? undefined : name, width: "minmax(7rem, 1fr)", cell: (event) => <Cut text={text(event)} />, text };
}
