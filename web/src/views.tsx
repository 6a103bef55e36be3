// Views that are kept on the server: a search with its range, order, columns and density, for
// oneself or for all of the organisation.
import { batch, signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import type { SavedView } from "./api";
import { Icon } from "./icons";
import { Popover } from "./parts";
import { columns, density, questionAddress, readAddress, seen, session, tell } from "./state";

export const viewsOpen = signal(false);

/** As the address bar has it, with what the address leaves out where it is the usual. */
const shownNow = () => ({ query: questionAddress(), columns: columns.value, density: density.value });

function openView(view: SavedView): void {
  viewsOpen.value = false;
  batch(() => {
    readAddress("?" + view.query);
    if (view.columns.length) columns.value = view.columns;
    if (view.density) density.value = view.density;
  });
}

const isShown = (view: SavedView) => view.query === questionAddress() && view.columns.join() === columns.value.join();

export function SavedViews() {
  return (
    <Popover open={viewsOpen.value} onToggle={(open) => (viewsOpen.value = open)} label="Saved views" name="Saved views" align="right" button={<><Icon name="bookmark" /> <span class="wide-only">Views</span></>}>
      <ViewList />
    </Popover>
  );
}

/** Where what had the focus is gone, the next to have it is near by. */
function keepFocus(): void {
  requestAnimationFrame(() => {
    const list = document.querySelector(".views");
    if (list && document.activeElement === document.body) list.querySelector<HTMLElement>("button, input")?.focus();
  });
}

function ViewList() {
  const [views, setViews] = useState<SavedView[] | null>(null);
  const [fault, setFault] = useState("");
  const { api } = session.value!;
  const load = async () => setViews((await api.get<{ views: SavedView[] }>("/v1/views")).views);
  const told = async (work: () => Promise<unknown>) => {
    try {
      await work();
      await load();
      setFault("");
      keepFocus();
      return true;
    } catch (error) {
      setFault(seen(error).message);
      return false;
    }
  };
  // Whoever comes by keyboard and has written nothing yet stands at the first view.
  useEffect(() => {
    void told(async () => undefined).then(() => requestAnimationFrame(() => {
      const writing = document.querySelector<HTMLInputElement>(".save-view input")?.value;
      if (!writing) document.querySelector<HTMLElement>(".view-name")?.focus();
    }));
  }, [api]);
  const save = (name: string, shared: boolean) => {
    const same = views?.find((view) => view.name === name && view.shared === shared && view.may_change);
    const body = { name, shared, ...shownNow() };
    return told(async () => {
      await (same ? api.send("PUT", `/v1/views/${same.id}`, body) : api.send("POST", "/v1/views", body));
      tell(same ? `“${name}” now shows this` : `“${name}” is kept`);
    });
  };
  const rename = (view: SavedView, name: string) => {
    const { query, columns, density, shared } = view;
    return told(() => api.send("PUT", `/v1/views/${view.id}`, { name, query, columns, density, shared }));
  };
  const remove = (view: SavedView) => told(() => api.send("DELETE", `/v1/views/${view.id}`));
  const groups: [string, SavedView[]][] = [["Yours", (views ?? []).filter((view) => !view.shared)], ["Shared", (views ?? []).filter((view) => view.shared)]];
  return (
    <div class="views" aria-busy={!views}>
      {groups.map(([title, group]) => group.length > 0 && (
        <section key={title}>
          <h3>{title}</h3>
          <ul>{group.map((view) => <ViewLine key={view.id} view={view} rename={rename} remove={remove} />)}</ul>
        </section>
      ))}
      {views && !views.length && <p class="dim">None yet. A view is a search with its range, order and columns.</p>}
      <SaveForm views={views ?? []} save={save} />
      {fault && <p class="fault" role="alert">{fault}</p>}
    </div>
  );
}

function ViewLine({ view, rename, remove }: { view: SavedView; rename: (view: SavedView, name: string) => Promise<boolean>; remove: (view: SavedView) => Promise<boolean> }) {
  const [mode, setMode] = useState<"" | "rename" | "delete">("");
  if (mode === "rename") {
    return (
      <li>
        <form class="inline" onSubmit={async (event) => {
          event.preventDefault();
          const name = String(new FormData(event.currentTarget).get("name")).trim();
          if (name === view.name || (await rename(view, name))) setMode("");
        }} onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          event.stopPropagation();
          setMode("");
        }}>
          <input name="name" defaultValue={view.name} required maxLength={128} aria-label={`New name of ${view.name}`} ref={(input) => input?.select()} />
          <button>Rename</button>
        </form>
      </li>
    );
  }
  if (mode === "delete") {
    return (
      <li class="sure" role="group" aria-label={`Delete ${view.name}?`}>
        <span>Delete “{view.name}”{view.shared ? " for all" : ""}?</span>
        <button class="danger" ref={(button) => button?.focus()} onClick={() => void remove(view)}>Delete</button>
        <button onClick={() => setMode("")}>Keep</button>
      </li>
    );
  }
  return (
    <li>
      <button class="view-name" aria-current={isShown(view) ? "true" : undefined} onClick={() => openView(view)}>
        <span>{view.name}</span>
        {view.shared && !view.own && <small class="dim">by {view.owner}</small>}
      </button>
      {view.may_change && (
        <>
          <button class="quiet square" aria-label={`Rename ${view.name}`} title="Rename" onClick={() => setMode("rename")}><Icon name="edit" size={13} /></button>
          <button class="quiet square" aria-label={`Delete ${view.name}`} title="Delete" onClick={() => setMode("delete")}><Icon name="trash" size={13} /></button>
        </>
      )}
    </li>
  );
}

function SaveForm({ views, save }: { views: SavedView[]; save: (name: string, shared: boolean) => Promise<boolean> }) {
  const [name, setName] = useState("");
  const [shared, setShared] = useState(false);
  const replaces = views.some((view) => view.name === name.trim() && view.shared === shared && view.may_change);
  return (
    <form class="save-view" onSubmit={async (event) => {
      event.preventDefault();
      if (await save(name.trim(), shared)) setName("");
    }}>
      <div class="inline">
        <input aria-label="Name of this view" placeholder="Name of this view" value={name} onInput={(event) => setName(event.currentTarget.value)} required maxLength={128} pattern=".*\S.*" />
        <button class="primary">{replaces ? "Replace" : "Save"}</button>
      </div>
      <label class="check"><input type="checkbox" checked={shared} onChange={(event) => setShared(event.currentTarget.checked)} /> Share it with all of the organisation</label>
    </form>
  );
}
