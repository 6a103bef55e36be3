// The search bar: tokens are chips, what is being written is completed, mistakes are told where they are.
import { signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Facets } from "./api";
import { FIELDS, fieldNamed } from "./fields";
import { Icon } from "./icons";
import { parseQuery, parseToken, type Token } from "./query";
import { ask, question, session, tokens } from "./state";
import { shortNumber } from "./parts";

export const searchFocus = signal(0); // raise it to put the cursor into the bar

interface Proposal {
  text: string; // of the whole token
  label: string;
  detail: string;
  goesOn?: boolean; // a field: its value is still to come
}

function fieldProposals(written: string, negated: boolean): Proposal[] {
  const wanted = written.toLowerCase();
  return FIELDS.filter((field) => field.name.includes(wanted) || field.label.toLowerCase().includes(wanted))
    .sort((a, b) => Number(b.name.startsWith(wanted)) - Number(a.name.startsWith(wanted)))
    .slice(0, 8)
    .map((field) => ({ text: `${negated ? "-" : ""}${field.name}:`, label: field.name + ":", detail: field.label, goesOn: true }));
}

async function valueProposals(name: string, written: string, negated: boolean, stop: AbortSignal): Promise<Proposal[]> {
  const field = fieldNamed(name);
  const start = `${negated ? "-" : ""}${name}:`;
  if (!field) return [];
  if (field.values) {
    return field.values.filter((value) => value.startsWith(written)).map((value) => ({ text: start + value, label: value, detail: "" }));
  }
  if (!field.facet) return [];
  const wanted = written.replace(/^[*="]+|[*"]+$/g, "");
  const narrowed: [string, string][] = wanted ? [[`${name}.contains`, wanted]] : [];
  const got = await session.value!.api.get<Facets>("/v1/facets", [...question.value, ...narrowed, ["field", name], ["limit", "8"]], stop);
  const quote = (value: string) => (/[\s",*=]/.test(value) ? `"${value.replace(/(["\\])/g, "\\$1")}"` : value);
  return got.values.map(({ value, count }) => ({
    text: start + (field.match === "contains" || /[",*=]/.test(value) ? "=" : "") + quote(value),
    label: value === "" ? "(empty)" : value,
    detail: shortNumber(count),
  }));
}

export function SearchBar() {
  const [text, setText] = useState("");
  const [open, setOpen] = useState(false);
  const [proposals, setProposals] = useState<Proposal[]>([]);
  const [active, setActive] = useState(-1);
  const input = useRef<HTMLInputElement>(null);

  useEffect(() => {
    if (searchFocus.value) input.current?.focus();
  }, [searchFocus.value]);

  useEffect(() => {
    const stop = new AbortController();
    const word = /(\S*"[^"]*|\S*)$/.exec(text)![0];
    const match = /^(-?)([\w.\-]*)(:?)(.*)$/s.exec(word);
    setActive(-1);
    if (!open || !match) {
      setProposals([]);
      return;
    }
    const [, minus, name, colon, rest] = match;
    if (!colon) {
      setProposals(fieldProposals(name, minus === "-"));
      return;
    }
    const timer = setTimeout(() => {
      valueProposals(name, rest, minus === "-", stop.signal).then(setProposals, () => undefined);
    }, 120);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [text, open]);

  const commit = (whole: string) => {
    const added = parseQuery(whole);
    if (!added.length) {
      ask({ tokens: [...tokens.value] });
      return;
    }
    setText("");
    setOpen(false);
    ask({ tokens: [...tokens.value, ...added] });
  };
  const take = (proposal: Proposal) => {
    const before = text.replace(/(\S*"[^"]*|\S*)$/, "");
    if (proposal.goesOn) {
      setText(before + proposal.text);
      setOpen(true);
    } else {
      commit(before + proposal.text);
    }
    input.current?.focus();
  };
  const edit = (at: number) => {
    setText(tokens.value[at].text);
    ask({ tokens: tokens.value.filter((_, i) => i !== at) });
    input.current?.focus();
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown" && proposals.length) {
      event.preventDefault();
      setOpen(true);
      setActive((active + 1) % proposals.length);
    } else if (event.key === "ArrowUp" && proposals.length) {
      event.preventDefault();
      setActive((active - 1 + proposals.length) % proposals.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (active >= 0 && proposals[active]) take(proposals[active]);
      else commit(text);
    } else if (event.key === "Tab" && active >= 0 && proposals[active]) {
      event.preventDefault();
      take(proposals[active]);
    } else if (event.key === "Escape") {
      if (open && proposals.length) setOpen(false);
      else input.current?.blur();
      event.stopPropagation();
    } else if (event.key === "Backspace" && text === "" && tokens.value.length) {
      event.preventDefault();
      edit(tokens.value.length - 1);
    }
  };

  const fault = tokens.value.find((token) => token.fault);
  const draft = text && /:\S/.test(text) ? parseToken(text.trim().split(/\s+(?=\S+:)/).pop()!).fault : undefined;
  const expanded = open && proposals.length > 0;
  return (
    <div class="search" role="search">
      <div class={`search-box ${fault ? "has-fault" : ""}`} onClick={(event) => event.target === event.currentTarget && input.current?.focus()}>
        <Icon name="search" />
        {tokens.value.map((token, i) => (
          <Chip key={i + token.text} token={token} onEdit={() => edit(i)} onRemove={() => ask({ tokens: tokens.value.filter((_, j) => j !== i) })} />
        ))}
        <input
          ref={input}
          value={text}
          placeholder={tokens.value.length ? "" : 'Search: action:user.delete -status:success "free text"'}
          aria-label="Search events"
          role="combobox"
          aria-expanded={expanded}
          aria-controls="search-proposals"
          aria-autocomplete="list"
          aria-activedescendant={active >= 0 ? `proposal-${active}` : undefined}
          aria-describedby={fault || draft ? "search-fault" : undefined}
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => {
            setText(event.currentTarget.value);
            setOpen(true);
          }}
          onFocus={() => setOpen(true)}
          onBlur={() => setOpen(false)}
          onKeyDown={onKey}
        />
        {(tokens.value.length > 0 || text) && (
          <button
            class="quiet square"
            aria-label="Clear the search"
            onClick={() => {
              setText("");
              ask({ tokens: [] });
            }}
          >
            <Icon name="close" size={13} />
          </button>
        )}
        <kbd class="wide-only" aria-hidden="true">/</kbd>
      </div>
      {expanded && (
        <ul class="proposals" id="search-proposals" role="listbox" aria-label="Completions">
          {proposals.map((proposal, i) => (
            <li
              key={proposal.text}
              id={`proposal-${i}`}
              role="option"
              aria-selected={i === active}
              onPointerDown={(event) => {
                event.preventDefault();
                take(proposal);
              }}
            >
              <span>{proposal.label}</span>
              <small>{proposal.detail}</small>
            </li>
          ))}
        </ul>
      )}
      {(fault || draft) && (
        <p class="fault" id="search-fault" role="alert">
          {fault ? `${fault.text}: ${fault.fault}` : draft}
        </p>
      )}
    </div>
  );
}

function Chip({ token, onEdit, onRemove }: { token: Token; onEdit: () => void; onRemove: () => void }) {
  return (
    <span class={`chip ${token.fault ? "bad" : ""} ${token.negated ? "not" : ""}`}>
      <button class="chip-text" onClick={onEdit} title={token.fault ?? "Change"}>
        {token.field ? (
          <>
            <b>{token.negated ? "not " : ""}{token.field}</b>
            {token.text.slice(token.text.indexOf(":"))}
          </>
        ) : (
          token.text
        )}
      </button>
      <button class="chip-remove" onClick={onRemove} aria-label={`Remove ${token.text}`}>
        <Icon name="close" size={10} />
      </button>
    </span>
  );
}
