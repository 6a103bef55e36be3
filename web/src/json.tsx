// JSON that folds.
import { useState } from "preact/hooks";

function Leaf({ value }: { value: unknown }) {
  const kind = value === null ? "null" : typeof value;
  return <span class={`json-${kind}`}>{JSON.stringify(value)}</span>;
}

function Node({ name, value, depth, last }: { name?: string; value: unknown; depth: number; last: boolean }) {
  const [open, setOpen] = useState(depth < 3);
  const label = name === undefined ? null : <><span class="json-name">{JSON.stringify(name)}</span>: </>;
  const comma = last ? "" : ",";
  if (value === null || typeof value !== "object") {
    return <div class="json-line">{label}<Leaf value={value} />{comma}</div>;
  }
  const isList = Array.isArray(value);
  const entries: [string | undefined, unknown][] = isList ? value.map((item) => [undefined, item]) : Object.entries(value);
  const [begin, end] = isList ? ["[", "]"] : ["{", "}"];
  if (!entries.length) return <div class="json-line">{label}{begin}{end}{comma}</div>;
  return (
    <div class="json-node">
      <div class="json-line">
        <button class="json-fold" aria-expanded={open} aria-label={`${open ? "Fold" : "Unfold"} ${name ?? "the whole"}`} onClick={() => setOpen(!open)}>{open ? "▾" : "▸"}</button>
        {label}{begin}
        {!open && <><span class="dim"> {entries.length} {isList ? "elements" : "members"} </span>{end}{comma}</>}
      </div>
      {open && (
        <>
          <div class="json-children">
            {entries.map(([key, item], i) => <Node key={key ?? i} name={key} value={item} depth={depth + 1} last={i === entries.length - 1} />)}
          </div>
          <div class="json-line">{end}{comma}</div>
        </>
      )}
    </div>
  );
}

export function Json({ value }: { value: unknown }) {
  return <div class="json" tabIndex={0} role="region" aria-label="The event as JSON"><Node value={value} depth={0} last /></div>;
}
