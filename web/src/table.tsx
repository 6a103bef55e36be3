// The table: only the rows that can be seen exist. Rows have one height, so millions need no measuring;
// where they would be taller than a browser can scroll, the scroll bar is scaled.
import { signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Event } from "./api";
import { columnNamed, type Column } from "./columns";
import { Icon } from "./icons";
import { tail } from "./live";
import { number, Severity, State, StatusBadge } from "./parts";
import { count, grown, loading, PAGE, problem, refresh, rowAt, rows, took, want } from "./results";
import { ask, columns, copy, density, live, narrow, range, selected, sort, tokens, view, zone } from "./state";
import { partsOf } from "./time";
import { actorName, targetName } from "./words";

const TALLEST = 8_000_000; // pixels; Firefox stops at 17.8 million, others at 33
const EXTRA = 8; // rows above and below what is seen

export const focused = signal(-1); // the row that the keyboard is on

const scrollTop = signal(0);
const height = signal(600);

export function rowHeight(): number {
  if (narrow.value) return 62;
  return density.value === "compact" ? 28 : 36;
}

interface Source {
  total: number;
  at: (index: number) => Event | undefined;
}

function source(): Source {
  if (live.value) return { total: tail.value.length, at: (index) => tail.value[index] };
  void rows.value;
  return { total: count.value ?? 0, at: rowAt };
}

export function eventAt(index: number): Event | undefined {
  return source().at(index);
}

export function total(): number {
  return source().total;
}

// Row numbers from scroll positions: one to one, or scaled when the whole would be too tall.
function scale(totalRows: number): number {
  const whole = totalRows * rowHeight();
  return whole <= TALLEST ? 1 : (whole - height.value) / (TALLEST - height.value);
}

let scroller: HTMLDivElement | null = null;

/** Scrolls as little as needed for the row to be seen. */
export function reveal(index: number): void {
  if (!scroller) return;
  const factor = scale(total());
  const size = rowHeight();
  const head = scroller.querySelector<HTMLElement>(".head")?.offsetHeight ?? 0;
  const visible = scroller.clientHeight - head;
  const top = (index * size) / factor;
  const firstSeen = scroller.scrollTop * factor;
  if (index * size < firstSeen) scroller.scrollTop = top;
  else if ((index + 1) * size > firstSeen + visible) scroller.scrollTop = ((index + 1) * size - visible) / factor + 1;
}

export function focusRow(index: number): void {
  const last = total() - 1;
  if (last < 0) return;
  focused.value = Math.min(Math.max(index, 0), last);
  wanted = focused.value;
  reveal(focused.value);
  takeFocus();
}

let wanted = -1; // the row to focus as soon as it exists

function takeFocus(): void {
  const row = wanted < 0 ? null : scroller?.querySelector<HTMLElement>(`[data-row="${wanted}"]`);
  if (!row) return;
  wanted = -1;
  row.focus({ preventScroll: true });
}

export function openRow(index: number): void {
  const event = eventAt(index);
  if (!event) return;
  focused.value = index;
  selected.value = event.id;
}

function toggleSort(field: string): void {
  sort.value = sort.value === "-" + field ? field : sort.value === field ? "-" + field : field.endsWith("_at") || field === "seq" ? "-" + field : field;
}

export function Table() {
  const own = useRef<HTMLDivElement>(null);
  const shown = columns.value.map(columnNamed).filter((column): column is Column => column !== undefined);
  const { total: totalRows, at } = source();
  const size = rowHeight();
  const factor = scale(totalRows);
  const all = Math.min(totalRows * size, TALLEST);
  const first = Math.max(0, Math.floor((scrollTop.value * factor) / size) - EXTRA);
  const last = Math.min(totalRows, Math.ceil((scrollTop.value * factor + height.value) / size) + EXTRA);

  useLayoutEffect(() => {
    const node = own.current!;
    scroller = node;
    height.value = node.clientHeight;
    const resized = new ResizeObserver(() => (height.value = node.clientHeight));
    resized.observe(node);
    return () => {
      resized.disconnect();
      scroller = null;
    };
  }, []);
  useEffect(() => {
    if (live.value) return;
    // Pages that are only passed over are not asked for.
    const rest = window.setTimeout(() => {
      for (let page = Math.floor(first / PAGE); page <= Math.floor(Math.max(first, last - 1) / PAGE); page += 1) want(page);
    }, 40);
    return () => clearTimeout(rest);
  }, [first, last, count.value, live.value, rows.value]);
  const question = JSON.stringify([tokens.value.map((token) => token.text), range.value, sort.value, view.value]);
  useEffect(() => {
    if (own.current) own.current.scrollTop = 0;
    focused.value = -1;
  }, [question]);

  useLayoutEffect(takeFocus);

  const grid = shown.map((column) => column.width).join(" ");
  const visible = Array.from({ length: Math.max(0, last - first) }, (_, i) => first + i);
  const focusable = focused.value >= first && focused.value < last ? focused.value : first + Math.min(EXTRA, Math.max(0, last - first - 1)) * Number(first > 0);
  // With a scaled bar, rows stand where the scroll position says, each at its own height.
  const offset = factor === 1 ? 0 : scrollTop.value - scrollTop.value * factor;
  return (
    <div
      class={`table ${density.value} ${narrow.value ? "narrow" : ""}`}
      ref={own}
      role="grid"
      aria-label={view.value === "access" ? "Access log" : "Events"}
      aria-rowcount={totalRows + 1}
      aria-colcount={shown.length}
      aria-busy={loading.value}
      onScroll={(event) => (scrollTop.value = event.currentTarget.scrollTop)}
    >
      <div class="head" role="row" aria-rowindex={1} style={narrow.value ? {} : { gridTemplateColumns: grid }}>
        {shown.map((column, i) => {
          const order = sort.value === column.sort ? "ascending" : sort.value === "-" + column.sort ? "descending" : undefined;
          return (
            <div key={column.name} role="columnheader" aria-colindex={i + 1} aria-sort={order}>
              {column.sort ? (
                <button class="quiet" onClick={() => toggleSort(column.sort!)} disabled={live.value}>
                  {column.label}
                  {order && <Icon name={order === "ascending" ? "up" : "down"} size={10} />}
                </button>
              ) : (
                column.label
              )}
            </div>
          );
        })}
      </div>
      <div class="body" role="rowgroup" style={{ height: `${all}px` }}>
        {visible.map((index) => {
          const event = at(index);
          const top = index * size + offset;
          return (
            <div
              key={live.value && event ? event.id : index}
              data-row={index}
              role="row"
              aria-rowindex={index + 2}
              aria-selected={event !== undefined && event.id === selected.value}
              tabIndex={index === focusable ? 0 : -1}
              class={`row ${event ? `sev-${event.severity}` : "missing"} ${index % 2 ? "odd" : ""}`}
              style={{ transform: `translateY(${top}px)`, height: `${size}px`, ...(narrow.value ? {} : { gridTemplateColumns: grid }) }}
              onClick={() => openRow(index)}
              onFocus={() => (focused.value = index)}
            >
              {event ? <Cells event={event} shown={shown} /> : <div role="gridcell" class="placeholder"><i /></div>}
            </div>
          );
        })}
      </div>
      <Empty totalRows={totalRows} />
    </div>
  );
}

function Cells({ event, shown }: { event: Event; shown: Column[] }) {
  if (narrow.value) {
    const { date, clock } = partsOf(event.occurred_at, zone.value);
    return (
      <div role="gridcell" class="card" aria-colindex={1}>
        <span class="line"><b class="action">{event.action}</b><StatusBadge status={event.status} /></span>
        <span class="line dim"><span class="cut">{[actorName(event), targetName(event)].filter(Boolean).join(" → ")}</span><span class="when"><Severity severity={event.severity} /> {date} {clock}</span></span>
      </div>
    );
  }
  return (
    <>
      {shown.map((column, i) => (
        <div key={column.name} role="gridcell" aria-colindex={i + 1} title={column.text(event)} onDblClick={() => void copy(column.text(event), column.label)}>
          {column.cell(event, zone.value)}
        </div>
      ))}
    </>
  );
}

function Empty({ totalRows }: { totalRows: number }) {
  if (problem.value) {
    const { status, message, requestId } = problem.value;
    return (
      <State kind={status === 403 ? "locked" : "error"} title={status === 403 ? "You may not read that" : status === 0 ? "The server does not answer" : "The question was not answered"}>
        <p>{message}</p>
        {requestId && <p class="dim">Request {requestId}</p>}
        <button class="primary" onClick={refresh}>Try again</button>
      </State>
    );
  }
  if (live.value) {
    return totalRows ? null : <State kind="loading" title="Waiting for events"><p>What is recorded from now on, and fits the search, appears here.</p></State>;
  }
  if (loading.value && count.value === null) return <State kind="loading" title="Looking…" />;
  if (count.value === 0) {
    const narrowed = tokens.value.length > 0 || range.value.preset || range.value.from !== undefined || range.value.to !== undefined;
    return (
      <State kind="empty" title={narrowed ? "No event fits" : "No events yet"}>
        {narrowed ? (
          <>
            <p>Nothing matches {tokens.value.length ? "this search" : "in this range of time"}.</p>
            <p>
              {tokens.value.length > 0 && <button class="primary" onClick={() => ask({ tokens: [] })}>Clear the search</button>}{" "}
              {(range.value.preset || range.value.from !== undefined || range.value.to !== undefined) && <button onClick={() => ask({ range: {} })}>Look at all time</button>}
            </p>
          </>
        ) : (
          <p>
            Send the first one: <code>POST /v1/events</code> with <code>{'{"action":"user.login"}'}</code>. The API is described at <a href="/openapi.json">/openapi.json</a>.
          </p>
        )}
      </State>
    );
  }
  return null;
}

export function StatusLine() {
  if (live.value || count.value === null) return null;
  return (
    <p class="count" role="status">
      <b>{number(count.value)}</b> {count.value === 1 ? "event" : "events"}
      <span class="dim wide-only"> · {Math.round(took.value)} ms</span>
      {grown.value > 0 && (
        <button class="link" onClick={refresh}>{number(grown.value)} recorded since: refresh</button>
      )}
    </p>
  );
}
