// One event, whole: in words, in parts, what changed, what belongs to it, and the bare JSON.
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError, type Event, type Page, type Parameters } from "./api";
import { lateBy, asText } from "./columns";
import { changesOf, type Change } from "./diff";
import { Icon } from "./icons";
import { Json } from "./json";
import { number, Severity, State, StatusBadge } from "./parts";
import { ProofBadge } from "./proof";
import { exactToken, parseToken, type Token } from "./query";
import { indexOf, rows } from "./results";
import { ask, copy, linkTo, live, seen, selected, session, tokens, view, zone } from "./state";
import { eventAt, focusRow, focused, openRow, total } from "./table";
import { relative, showExact, showTime, span } from "./time";
import { actorName, sentenceOf } from "./words";

export function step(by: number): void {
  const at = live.value ? focused.value : Math.max(indexOf(selected.value ?? ""), focused.value);
  const next = at + by;
  if (next < 0 || next >= total()) return;
  openRow(next);
  focusRow(next);
}

export function closeDrawer(): void {
  selected.value = null;
  if (focused.value >= 0) focusRow(focused.value);
}

export function Drawer() {
  const id = selected.value!;
  const [event, setEvent] = useState<Event | null>(null);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const own = useRef<HTMLElement>(null);
  void rows.value;
  useEffect(() => {
    const known = eventAt(focused.value)?.id === id ? eventAt(focused.value) : undefined;
    setProblem(null);
    if (known) {
      setEvent(known);
      return;
    }
    const at = indexOf(id);
    if (at >= 0) {
      focused.value = at;
      setEvent(eventAt(at) ?? null);
      return;
    }
    const stop = new AbortController();
    setEvent(null);
    const api = session.value!.api;
    const asked = view.value === "access"
      ? api.get<Page>("/v1/access", [["id", id], ["limit", "1"]], stop.signal).then((page) => page.events[0])
      : api.get<Event>(`/v1/events/${encodeURIComponent(id)}`, [], stop.signal);
    asked.then(setEvent, (error) => error.name !== "AbortError" && setProblem(seen(error)));
    return () => stop.abort();
  }, [id]);
  useEffect(() => {
    own.current?.focus();
  }, []);
  return (
    <aside class="drawer" aria-label="Event" tabIndex={-1} ref={own}>
      <header>
        <button class="quiet square" aria-label="Previous event" title="Previous  [" onClick={() => step(-1)}><Icon name="up" /></button>
        <button class="quiet square" aria-label="Next event" title="Next  ]" onClick={() => step(1)}><Icon name="down" /></button>
        <span class="grow" />
        {event && (
          <>
            <button class="quiet" onClick={() => void copy(curlOf(event), "Command")}><Icon name="copy" size={13} /> curl</button>
            <button class="quiet" onClick={() => void copy(linkTo(event.id), "Link")}><Icon name="link" size={13} /> Link</button>
          </>
        )}
        <button class="quiet square" aria-label="Close" title="Close  Esc" onClick={closeDrawer}><Icon name="close" /></button>
      </header>
      {problem ? (
        <State kind="error" title={problem.status === 404 ? "There is no such event" : "The event was not answered"}><p>{problem.message}</p></State>
      ) : event ? (
        <Details event={event} key={event.id} />
      ) : (
        <State kind="loading" title="Looking…" />
      )}
    </aside>
  );
}

/** The credential is never part of it: the reader's own stands in the environment. */
function curlOf(event: Event): string {
  const quoted = (text: string) => "'" + text.replaceAll("'", "'\\''") + "'";
  const path = view.value === "access" ? `/v1/access?id=${encodeURIComponent(event.id)}` : `/v1/events/${encodeURIComponent(event.id)}`;
  return `curl -sS ${quoted(session.value!.api.url(location.origin + path))} -H "Authorization: Bearer $PIPEROLL_KEY"`;
}

function Details({ event }: { event: Event }) {
  const { who, did, what, tail } = sentenceOf(event);
  const changes = changesOf(event);
  const late = lateBy(event);
  return (
    <div class="drawer-body">
      <p class="badges"><StatusBadge status={event.status} /><Severity severity={event.severity} /><span class="dim">{event.category}</span></p>
      <h2 class="sentence"><b>{who}</b> {did} {what && <b>{what}</b>} <span class="dim">{tail}</span></h2>
      {event.summary && <p class="summary">{event.summary}</p>}
      <p class="dim" title={event.occurred_at}>
        {showExact(event.occurred_at, zone.value)} · {relative(Date.parse(event.occurred_at), Date.now())}
      </p>
      {late !== 0 && <p class="late-note"><Icon name="clock" size={13} /> {late > 0 ? `Recorded ${span(late)} after it happened` : `Dated ${span(late)} after its recording`}: {showTime(event.recorded_at, zone.value)}</p>}
      {event.error && <p class="error-note"><Icon name="alert" size={13} /> {event.error}</p>}
      {view.value === "events" && <ProofBadge event={event} />}

      <div class="cards">
        <Card title="Actor" prefix="actor" values={event.actor} order={["name", "email", "id", "type"]} />
        <Card title="Target" prefix="target" values={event.target} order={["name", "type", "id"]} />
        <Card title="Request" prefix="request" values={event.request} order={["method", "path", "status_code", "ip", "user_agent", "id"]} />
        <Card
          title="Event" prefix="" values={event as unknown as Record<string, unknown>}
          order={["action", "source", "category", "version", "commit_id", "cluster_id", "id", "seq", "recorded_at"]}
          more={event.application?.key ? [["application.key", event.application.key]] : []}
        />
      </div>
      {changes && <Changes changes={changes} />}
      {(["params", "metadata", "context"] as const).map((name) => event[name] && <ObjectCard key={name} name={name} value={event[name]!} />)}
      {view.value === "events" && <Related event={event} />}
      <section>
        <h3>JSON <button class="quiet" onClick={() => void copy(JSON.stringify(event, null, 2), "JSON")}><Icon name="copy" size={12} /> Copy</button></h3>
        <Json value={event} />
      </section>
    </div>
  );
}

function FilterButtons({ field, value }: { field: string; value: unknown }) {
  if (field === "seq" || field === "recorded_at" || field === "id") return null;
  const text = asText(value);
  return (
    <span class="filters">
      <button class="quiet square" title={`Only this ${field}`} aria-label={`Only ${field} ${text}`} onClick={() => ask({ tokens: [...tokens.value, exactToken(field, text)] })}><Icon name="plus" size={11} /></button>
      <button class="quiet square" title={`Without this ${field}`} aria-label={`Without ${field} ${text}`} onClick={() => ask({ tokens: [...tokens.value, exactToken(field, text, true)] })}><Icon name="minus" size={11} /></button>
    </span>
  );
}

function Fact({ field, label, value }: { field: string; label: string; value: unknown }) {
  const text = asText(value);
  return (
    <div class="fact">
      <dt>{label}</dt>
      <dd>
        <span class="fact-value">{text === "" ? <i class="dim">empty</i> : text}</span>
        <FilterButtons field={field} value={value} />
      </dd>
    </div>
  );
}

function Card({ title, prefix, values, order, more = [] }: { title: string; prefix: string; values?: Record<string, unknown>; order: string[]; more?: [string, string][] }) {
  const present = order.filter((name) => values?.[name] !== undefined);
  if (!present.length) return null;
  return (
    <section class="card-block">
      <h3>{title}</h3>
      <dl>
        {present.map((name) => <Fact key={name} field={prefix ? `${prefix}.${name}` : name} label={name.replace("_", " ")} value={values![name]} />)}
        {more.map(([field, value]) => <Fact key={field} field={field} label={field.split(".")[0]} value={value} />)}
      </dl>
    </section>
  );
}

function ObjectCard({ name, value }: { name: string; value: Record<string, unknown> }) {
  return (
    <section class="card-block">
      <h3>{name}</h3>
      <dl>{Object.entries(value).map(([key, item]) => <Fact key={key} field={`${name}.${key}`} label={key} value={item} />)}</dl>
    </section>
  );
}

function Changes({ changes }: { changes: Change[] }) {
  const show = (value: unknown) => (value === undefined ? "" : asText(value));
  return (
    <section>
      <h3>What changed</h3>
      {changes.length === 0 ? (
        <p class="dim">Before and after are equal.</p>
      ) : (
        <table class="changes">
          <thead><tr><th scope="col">Field</th><th scope="col">Before</th><th scope="col">After</th></tr></thead>
          <tbody>
            {changes.map((change, i) => (
              <tr key={i} class={change.kind}>
                <th scope="row">{change.pointer || "/"}<small class="dim"> {change.kind}</small></th>
                <td>{change.kind === "added" ? <i class="dim">–</i> : <del>{show(change.before)}</del>}</td>
                <td>{change.kind === "removed" ? <i class="dim">–</i> : <ins>{show(change.after)}</ins>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

interface Relation {
  label: string;
  tokens: Token[];
  parameters: Parameters;
  around?: number; // milliseconds to both sides
}

const FIVE_MINUTES = 300_000;

function relationsOf(event: Event): Relation[] {
  const relations: Relation[] = [];
  if (event.commit_id) relations.push({ label: event.status === "intent" ? "Outcome of this intent" : "Intent and outcome", tokens: [exactToken("commit_id", event.commit_id)], parameters: [["commit_id", event.commit_id]] });
  if (event.request?.id) relations.push({ label: "Same request", tokens: [exactToken("request.id", event.request.id)], parameters: [["request.id", event.request.id]] });
  const field = event.actor?.id ? "actor.id" : event.actor?.email ? "actor.email" : event.actor?.name ? "actor.name" : undefined;
  if (field) {
    const value = event.actor!.id || event.actor!.email || event.actor!.name!;
    relations.push({ label: `${actorName(event)} within five minutes`, tokens: [exactToken(field, value)], parameters: [[field, value]], around: FIVE_MINUTES });
  }
  return relations;
}

function Related({ event }: { event: Event }) {
  const relations = relationsOf(event);
  if (!relations.length) return null;
  return (
    <section>
      <h3>Related</h3>
      {relations.map((relation) => <RelatedList key={relation.label} relation={relation} event={event} />)}
    </section>
  );
}

function RelatedList({ relation, event }: { relation: Relation; event: Event }) {
  const [page, setPage] = useState<Page | null>(null);
  const at = Date.parse(event.occurred_at);
  const time: Parameters = relation.around === undefined ? [] : [["occurred_after", new Date(at - relation.around).toISOString()], ["occurred_before", new Date(at + relation.around).toISOString()]];
  useEffect(() => {
    const stop = new AbortController();
    session.value!.api.get<Page>("/v1/events", [...relation.parameters, ...time, ["limit", "5"], ["sort", "occurred_at"], ["count", "exact"]], stop.signal).then(setPage, () => undefined);
    return () => stop.abort();
  }, [event.id]);
  if (!page) return <p class="dim">{relation.label}: …</p>;
  const others = page.events.filter((other) => other.id !== event.id);
  if ((page.count ?? 0) <= 1) {
    return relation.parameters[0][0] === "commit_id" ? <p class="dim">{event.status === "intent" ? "No outcome was recorded for this intent." : "No other event of this commit."}</p> : null;
  }
  return (
    <div class="related">
      <p>
        {relation.label}:{" "}
        <button class="link" onClick={() => ask({ tokens: relation.tokens.map((token) => parseToken(token.text)), range: relation.around === undefined ? {} : { from: at - relation.around, to: at + relation.around } })}>
          {number(page.count ?? 0)} events
        </button>
      </p>
      <ul>
        {others.slice(0, 4).map((other) => (
          <li key={other.id}>
            <button class="quiet" onClick={() => (selected.value = other.id)}>
              <span class="dim">{showTime(other.occurred_at, zone.value).slice(11)}</span> {other.action} <StatusBadge status={other.status} />
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
