// The most frequent values of some fields, with exact counts; a click includes or excludes.
import { useState } from "preact/hooks";
import { FIELDS, fieldNamed } from "./fields";
import { Icon } from "./icons";
import { Cut, number } from "./parts";
import { existsToken, stateOf, toggleValue } from "./query";
import { facetFields, facetLimit, facets } from "./results";
import { ask, tokens } from "./state";

export function FacetPanel() {
  const [adding, setAdding] = useState("");
  const more = FIELDS.filter((field) => field.facet && !facetFields.value.includes(field.name));
  return (
    <aside class="facets" aria-label="Facets">
      {facetFields.value.map((field) => <Facet key={field} field={field} />)}
      <form
        class="add-facet"
        onSubmit={(event) => {
          event.preventDefault();
          const name = adding.trim();
          if (fieldNamed(name)?.facet && !facetFields.value.includes(name)) facetFields.value = [...facetFields.value, name];
          setAdding("");
        }}
      >
        <input list="more-facets" value={adding} placeholder="Another field, e.g. metadata.plan" aria-label="Add a facet" onInput={(event) => setAdding(event.currentTarget.value)} />
        <datalist id="more-facets">{more.map((field) => <option key={field.name} value={field.name} />)}</datalist>
        <button class="quiet square" aria-label="Add the facet"><Icon name="plus" /></button>
      </form>
    </aside>
  );
}

function Facet({ field }: { field: string }) {
  const got = facets.value.get(field);
  const label = fieldNamed(field)?.label ?? field;
  if (got && !got.values.length && !got.missing) return null;
  const most = got?.values[0]?.count ?? 1;
  return (
    <details class="facet" open>
      <summary>{label}</summary>
      {!got && <p class="dim">…</p>}
      <ul>
        {got?.values.map(({ value, count }) => {
          const state = stateOf(tokens.value, field, value);
          const shown = value === "" ? "(empty)" : value;
          return (
            <li key={value} class={state ?? ""}>
              <button
                class="facet-value"
                aria-pressed={state === "in"}
                title={`${state === "in" ? "No longer only" : "Only"} ${shown}`}
                onClick={() => ask({ tokens: toggleValue(tokens.value, field, value, false) })}
              >
                <meter class="facet-bar" min={0} max={most} value={count} aria-hidden="true" />
                <span class="facet-name"><Cut text={shown} /></span>
                <span class="facet-count">{number(count)}</span>
              </button>
              <button
                class="facet-not quiet square"
                aria-pressed={state === "out"}
                aria-label={`${state === "out" ? "No longer without" : "Without"} ${label} ${shown}`}
                title={`${state === "out" ? "No longer without" : "Without"} ${shown}`}
                onClick={() => ask({ tokens: toggleValue(tokens.value, field, value, true) })}
              >
                <Icon name="minus" size={12} />
              </button>
            </li>
          );
        })}
        {got && got.missing > 0 && (
          <li>
            <button class="facet-value facet-none dim" onClick={() => ask({ tokens: [...tokens.value, existsToken(field, true)] })} title={`Only events without ${label}`}>
              <span class="facet-name">none</span>
              <span class="facet-count">{number(got.missing)}</span>
            </button>
          </li>
        )}
      </ul>
      {got && got.other > 0 && (
        <button class="quiet more" onClick={() => (facetLimit.value = { ...facetLimit.value, [field]: (facetLimit.value[field] ?? 6) + 20 })}>
          {number(got.other)} in other values: show more
        </button>
      )}
    </details>
  );
}
