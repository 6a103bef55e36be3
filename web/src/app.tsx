// The page: sign in, or the bar, the search, and one of the views.
import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { Applications, Keys } from "./admin";
import { columnNamed, COLUMN_NAMES } from "./columns";
import { closeDrawer, Drawer, step } from "./drawer";
import { exporting, exportShown } from "./export";
import { FacetPanel } from "./facets";
import { Histogram } from "./histogram";
import { Icon } from "./icons";
import { connected, heldBack, paused, rate, resume } from "./live";
import { Logins, takeLoginProblem } from "./logins";
import { Dialog, number, Popover, State } from "./parts";
import { refresh } from "./results";
import { SearchBar, searchFocus } from "./search";
import {
  ask, chooseOrganisation, columns, DEFAULT_COLUMNS, density, facetsShown, live, mayExport, mayFind, mayManage, mayProve, notice, restoring, selected, session, signIn, signInProblem,
  signOut, theme, view, type View,
} from "./state";
import { focusRow, focused, openRow, StatusLine, Table } from "./table";
import { TimePicker, timeOpen } from "./timepicker";
import { Users } from "./users";
import { SavedViews, viewsOpen } from "./views";

const helpOpen = signal(false);
const exportOpen = signal(false);
const columnsOpen = signal(false);

export function App() {
  useEffect(() => {
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  if (restoring.value) {
    return (
      <main id="main">
        <h1 class="sr-only">piperoll</h1>
        <State kind="loading" title="Signing in…" />
      </main>
    );
  }
  return (
    <>
      {session.value ? <Signed /> : <SignIn />}
      {helpOpen.value && <Help />}
      <div class="notice-holder" aria-live="polite">{notice.value && <p class={`notice ${notice.value.kind}`}>{notice.value.text}</p>}</div>
    </>
  );
}

const signInBy = signal<"key" | "password">(localStorage.getItem("piperoll-sign-in") === "password" ? "password" : "key");

function SignIn() {
  const by = signInBy.value;
  useEffect(() => {
    const problem = takeLoginProblem();
    if (problem) signInProblem.value = problem;
  }, []);
  const [busy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const field = (name: string) => String(form.get(name) ?? "").trim();
    setBusy(true);
    try {
      await signIn(by === "key" ? { key: field("key") } : { email: field("email"), password: String(form.get("password") ?? "") });
      localStorage.setItem("piperoll-sign-in", by);
    } catch (error) {
      const { status, message } = error as { status?: number; message: string };
      signInProblem.value = status === 401 ? (by === "key" ? "This key is not known here. Is it whole, and of this server?" : "Address and password do not belong together here.") : message;
    }
    setBusy(false);
  };
  const choose = (chosen: typeof by) => {
    signInProblem.value = "";
    signInBy.value = chosen;
  };
  return (
    <main class="sign-in" id="main">
      <form onSubmit={submit} key={by}>
        <h1><Logo /> piperoll</h1>
        <p class="dim">Who did what, and the proof that nothing was changed.</p>
        <div class="segments" role="group" aria-label="Sign in with">
          <button type="button" aria-pressed={by === "key"} onClick={() => choose("key")}>Key</button>
          <button type="button" aria-pressed={by === "password"} onClick={() => choose("password")}>Password</button>
        </div>
        {by === "key" ? (
          <>
            <input class="sr-only" type="text" autocomplete="username" value="key" readOnly tabIndex={-1} aria-hidden="true" />
            <label>
              Key
              <input name="key" type="password" autocomplete="current-password" required autofocus placeholder="prl_…" aria-describedby={signInProblem.value ? "sign-in-problem" : undefined} />
            </label>
          </>
        ) : (
          <>
            <label>E-mail <input name="email" type="email" autocomplete="username" required autofocus /></label>
            <label>Password <input name="password" type="password" autocomplete="current-password" required aria-describedby={signInProblem.value ? "sign-in-problem" : undefined} /></label>
          </>
        )}
        {signInProblem.value && <p class="fault" id="sign-in-problem" role="alert">{signInProblem.value}</p>}
        <button class="primary" disabled={busy}>{busy ? "Signing in…" : "Sign in"}</button>
        <Logins />
        <p class="dim small">
          {by === "key" ? <>No key yet? An admin makes one here under <i>Keys</i>, or with <code>piperoll key create</code>.</> : <>No account yet? An admin makes one with <code>piperoll user create</code>.</>}
        </p>
      </form>
    </main>
  );
}

function Logo() {
  return (
    <svg class="logo" width="26" height="26" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" />
      <path d="M9 8h14M9 14h14M9 20h8" />
      <path class="tick" d="m18.5 22.5 3 3 5-6" />
    </svg>
  );
}

function Signed() {
  const own = view.value;
  return (
    <div class="page">
      <a class="skip" href="#main">To the events</a>
      <TopBar />
      {own === "keys" ? <Keys /> : own === "users" ? <Users /> : own === "applications" ? <Applications /> : <Log />}
    </div>
  );
}

function TopBar() {
  const tabs: [View, string, boolean][] = [
    ["events", "Events", true], ["access", "Access log", mayProve.value], ["keys", "Keys", mayManage.value], ["users", "Users", mayManage.value], ["applications", "Applications", mayFind.value],
  ];
  const { who, orgs, api } = session.value!;
  const themes = { system: "light", light: "dark", dark: "system" } as const;
  return (
    <header class="top">
      <span class="brand"><Logo /><b>piperoll</b></span>
      {orgs && orgs.length > 1 ? (
        <select class="org" aria-label="Organisation" value={api.org} onChange={(event) => chooseOrganisation(event.currentTarget.value)}>
          {orgs.map((org) => <option key={org.id} value={org.id}>{org.name}</option>)}
        </select>
      ) : (
        <span class="org" title="Organisation">{who.org?.name ?? orgs?.[0]?.name}</span>
      )}
      <nav aria-label="Views">
        {tabs.filter(([, , shown]) => shown).map(([name, label]) => (
          <button key={name} class="tab" aria-current={view.value === name ? "page" : undefined} onClick={() => ask({ view: name, tokens: [], range: {} })}>{label}</button>
        ))}
      </nav>
      <span class="grow" />
      <span class="who wide-only" title={who.roles.join(", ")}><Icon name="key" size={13} /> {who.principal.name || who.principal.email || who.principal.id}</span>
      <button class="quiet square" aria-label={`Colours: ${theme.value}. Change`} title={`Colours: ${theme.value}`} onClick={() => (theme.value = themes[theme.value])}><Icon name="sun" /></button>
      <button class="quiet square" aria-label="Help and keys" title="Help  ?" onClick={() => (helpOpen.value = true)}><Icon name="help" /></button>
      <button class="quiet square" aria-label="Sign out" title="Sign out" onClick={() => signOut()}><Icon name="out" /></button>
    </header>
  );
}

function Log() {
  const isAccess = view.value === "access";
  const allowed = isAccess ? mayProve.value : mayFind.value;
  if (!allowed) {
    return (
      <main class="admin" id="main">
        <h1 class="sr-only">{isAccess ? "Access log" : "Events"}</h1>
        <State kind="locked" title={isAccess ? "You may not see who read" : "You may not find events"}>
          <p>You have {session.value!.who.roles.length ? `the role ${session.value!.who.roles.join(" and ")}` : "no role"}; {isAccess ? "auditor or admin" : "reader, auditor or admin"} is needed.</p>
          <button class="primary" onClick={() => signOut()}>Sign in as somebody else</button>
        </State>
      </main>
    );
  }
  // What a panel covers in part cannot be hit: a click there closes the panel and does nothing else.
  const covered = timeOpen.value || columnsOpen.value || exportOpen.value || viewsOpen.value;
  return (
    <>
      <div class="controls">
        <SearchBar />
        <div class="tools">
          <TimePicker />
          {!isAccess && <LiveButton />}
          <button class="tool square" aria-label="Refresh" title="Refresh  r" onClick={refresh} disabled={live.value}><Icon name="refresh" /></button>
          <ColumnChooser />
          <SavedViews />
          {!isAccess && mayExport.value && <ExportMenu />}
        </div>
      </div>
      <div class={`log ${facetsShown.value === "yes" && !isAccess ? "with-facets" : ""} ${selected.value ? "with-drawer" : ""}`} inert={covered}>
        {facetsShown.value === "yes" && !isAccess && !live.value && <FacetPanel />}
        <main class="results" id="main">
          <h1 class="sr-only">{isAccess ? "Access log" : "Events"}</h1>
          {isAccess && <p class="self-note">Every search, read, export and proof is recorded here, yours too.</p>}
          {!isAccess && !live.value && <Histogram />}
          <div class="result-bar">
            {!isAccess && !live.value && (
              <button class="quiet" aria-pressed={facetsShown.value === "yes"} title="Facets  f" onClick={() => (facetsShown.value = facetsShown.value === "yes" ? "no" : "yes")}><Icon name="filter" size={13} /> Facets</button>
            )}
            <StatusLine />
            {live.value && <LiveBar />}
          </div>
          <Table />
        </main>
        {selected.value && <Drawer />}
      </div>
    </>
  );
}

function LiveButton() {
  return (
    <button class={`tool ${live.value ? "on" : ""}`} aria-pressed={live.value} title="Live  l" onClick={() => toggleLive()}>
      <Icon name="live" /> Live
    </button>
  );
}

function toggleLive(): void {
  selected.value = null;
  focused.value = -1;
  live.value = !live.value;
  if (!live.value) refresh();
}

function LiveBar() {
  return (
    <div class="live-bar" role="status">
      <span class={`dot ${connected.value ? "on" : ""}`} aria-hidden="true" />
      <span>{connected.value ? (paused.value ? "Paused" : "Live") : "Connecting…"}</span>
      <span class="dim">{rate.value < 10 ? rate.value.toFixed(1) : number(Math.round(rate.value))} events/s</span>
      <button class="quiet" onClick={() => (paused.value ? resume() : (paused.value = true))}>
        <Icon name={paused.value ? "play" : "pause"} size={12} /> {paused.value ? `Resume${heldBack.value ? ` (${heldBack.value >= 500 ? "500+" : heldBack.value} new)` : ""}` : "Pause"}
      </button>
    </div>
  );
}

function ColumnChooser() {
  const [wanted, setWanted] = useState("");
  const own = columns.value;
  const toggle = (name: string) => (columns.value = own.includes(name) ? own.filter((other) => other !== name) : [...own, name]);
  const extra = own.filter((name) => !COLUMN_NAMES.includes(name));
  return (
    <Popover open={columnsOpen.value} onToggle={(open) => (columnsOpen.value = open)} label="Columns" name="Columns" align="right" button={<><Icon name="columns" /> <span class="wide-only">Columns</span></>}>
      <fieldset class="column-list">
        <legend>Columns</legend>
        {[...COLUMN_NAMES, ...extra].map((name) => (
          <label key={name} class="check"><input type="checkbox" checked={own.includes(name)} disabled={own.length === 1 && own.includes(name)} onChange={() => toggle(name)} /> {columnNamed(name)?.label}</label>
        ))}
      </fieldset>
      <form class="inline" onSubmit={(event) => {
        event.preventDefault();
        if (columnNamed(wanted) && !own.includes(wanted)) columns.value = [...own, wanted];
        setWanted("");
      }}>
        <input aria-label="Another column" placeholder="metadata.plan" value={wanted} onInput={(event) => setWanted(event.currentTarget.value)} />
        <button>Add</button>
      </form>
      <p class="buttons">
        <button class="quiet" onClick={() => (columns.value = DEFAULT_COLUMNS)}>As at first</button>
        <button class="quiet" aria-pressed={density.value === "compact"} onClick={() => (density.value = density.value === "compact" ? "comfortable" : "compact")}>Compact rows</button>
      </p>
    </Popover>
  );
}

function ExportMenu() {
  if (exporting.value) {
    return <button class="tool" onClick={() => exporting.value?.cancel()}><Icon name="download" /> {(exporting.value.bytes / 1e6).toFixed(1)} MB · Cancel</button>;
  }
  const start = (format: "ndjson" | "csv") => {
    exportOpen.value = false;
    void exportShown(format);
  };
  return (
    <Popover open={exportOpen.value} onToggle={(open) => (exportOpen.value = open)} label="Export" name="Export" align="right" button={<><Icon name="download" /> <span class="wide-only">Export</span></>}>
      <p class="dim">All events that fit the search and the range of time, in the order of recording.</p>
      <ul class="menu">
        <li><button onClick={() => start("ndjson")}><b>NDJSON</b> <span class="dim">one event a line, with what proofs need</span></button></li>
        <li><button onClick={() => start("csv")}><b>CSV</b> <span class="dim">for spreadsheets</span></button></li>
      </ul>
    </Popover>
  );
}

// ---- keyboard ----

const SHORTCUTS: [string, string][] = [
  ["/", "search"], ["j  k", "next and previous row"], ["Enter", "open the row"], ["[  ]", "previous and next event"], ["Esc", "close"],
  ["t", "range of time"], ["l", "live, on and off"], ["p", "pause what is live"], ["f", "facets"], ["c", "columns"], ["v", "saved views"], ["e", "export"], ["r", "refresh"], ["?", "this help"],
];

function onKey(event: KeyboardEvent): void {
  const target = event.target as HTMLElement;
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const writing = target.closest("input, select, textarea");
  if (event.key === "Escape" && !writing && !target.closest(".popover-holder") && selected.value) {
    closeDrawer();
    return;
  }
  if (writing || !session.value) return;
  const isLog = view.value === "events" || view.value === "access";
  const inGrid = target.closest(".table") !== null;
  const go: Record<string, () => void> = { "?": () => (helpOpen.value = true) };
  if (isLog) {
    Object.assign(go, {
      "/": () => (searchFocus.value += 1),
      j: () => (selected.value ? step(1) : focusRow(focused.value + 1)),
      k: () => (selected.value ? step(-1) : focusRow(focused.value - 1)),
      "]": () => step(1),
      "[": () => step(-1),
      t: () => (timeOpen.value = true),
      c: () => (columnsOpen.value = true),
      v: () => (viewsOpen.value = true),
      r: () => !live.value && refresh(),
    });
    if (view.value === "events") {
      Object.assign(go, {
        l: toggleLive,
        p: () => live.value && (paused.value ? resume() : (paused.value = true)),
        f: () => (facetsShown.value = facetsShown.value === "yes" ? "no" : "yes"),
        e: () => mayExport.value && (exportOpen.value = true),
      });
    }
  }
  if (isLog && inGrid && target.closest(".row")) {
    const page = 10;
    Object.assign(go, {
      ArrowDown: () => focusRow(focused.value + 1), ArrowUp: () => focusRow(focused.value - 1), PageDown: () => focusRow(focused.value + page),
      PageUp: () => focusRow(focused.value - page), Home: () => focusRow(0), End: () => focusRow(Number.MAX_SAFE_INTEGER), Enter: () => openRow(focused.value), " ": () => openRow(focused.value),
    });
  } else if (event.key === "Enter" && target.closest("button, a, summary")) {
    return;
  }
  const action = go[event.key];
  if (!action) return;
  event.preventDefault();
  action();
}

function Help() {
  return (
    <Dialog title="Help" onClose={() => (helpOpen.value = false)} wide>
      <div class="help">
        <section>
          <h3>Search</h3>
          <dl class="grammar">
            <dt><code>action:user.delete</code></dt><dd>this value; in names, e-mails, paths and other long texts: contains it</dd>
            <dt><code>actor.email:=ada@x.example</code></dt><dd>exactly this, in any field</dd>
            <dt><code>action:user.*</code></dt><dd>begins with</dd>
            <dt><code>target.id:*42*</code></dt><dd>contains</dd>
            <dt><code>status:failure,intent</code></dt><dd>one of several</dd>
            <dt><code>-status:success</code></dt><dd>not this value</dd>
            <dt><code>error:*</code> <code>-error:*</code></dt><dd>is there, is not there</dd>
            <dt><code>metadata.plan:pro</code></dt><dd>any path below metadata, params and context</dd>
            <dt><code>"free text"</code></dt><dd>words anywhere in the event</dd>
          </dl>
          <p class="dim">All of it must hold. The address bar has the whole question: send it to a colleague. Everything shown here comes from the API that <a href="/docs">/docs</a> describes.</p>
        </section>
        <section>
          <h3>Keyboard</h3>
          <dl class="keys">
            {SHORTCUTS.map(([keys, words]) => (
              <>
                <dt>{keys.split("  ").map((key) => <kbd key={key}>{key}</kbd>)}</dt>
                <dd>{words}</dd>
              </>
            ))}
          </dl>
        </section>
      </div>
    </Dialog>
  );
}
