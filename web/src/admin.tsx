// Keys and applications of the organisation, for admins, and what the other pages for them share.
import { useEffect, useState } from "preact/hooks";
import { type ApiError, type Application, type Key } from "./api";
import { Icon } from "./icons";
import { Dialog, State } from "./parts";
import { copy, mayManage, seen, session, tell, zone } from "./state";
import { showTime } from "./time";

export function useList<T>(path: string, name: string): { items: T[] | null; problem: ApiError | null; reload: () => void } {
  const [items, setItems] = useState<T[] | null>(null);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const [round, setRound] = useState(0);
  const { api } = session.value!;
  useEffect(() => {
    let current = true;
    api.get<Record<string, T[]>>(path).then(
      (got) => current && (setItems(got[name]), setProblem(null)),
      (error) => current && setProblem(seen(error)),
    );
    return () => {
      current = false;
    };
  }, [path, round, api]);
  return { items, problem, reload: () => setRound(round + 1) };
}

const ROLES: [string, string][] = [
  ["writer", "records events"], ["reader", "finds events"], ["auditor", "finds, exports, proves, sees who read"], ["admin", "all of it, and keys, users and applications"],
];

export function RoleChoice({ roles, onChange }: { roles: string[]; onChange: (roles: string[]) => void }) {
  return (
    <fieldset>
      <legend>Roles</legend>
      {ROLES.map(([role, words]) => (
        <label key={role} class="check">
          <input type="checkbox" checked={roles.includes(role)} onChange={(event) => onChange(event.currentTarget.checked ? [...roles, role] : roles.filter((other) => other !== role))} />
          <span><b>{role}</b> <span class="dim">{words}</span></span>
        </label>
      ))}
    </fieldset>
  );
}

export function Keys() {
  const { items, problem, reload } = useList<Key>("/v1/keys", "keys");
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<Key | null>(null);
  const [revoking, setRevoking] = useState<Key | null>(null);
  const [showRevoked, setShowRevoked] = useState(false);
  if (problem || !items) return <NotThere title="Keys" problem={problem} reload={reload} />;
  const now = Date.now();
  const isDead = (key: Key) => !!key.revoked_at || (key.expires_at !== null && Date.parse(key.expires_at) < now);
  const shown = items.filter((key) => showRevoked || !isDead(key));
  const dead = items.filter(isDead).length;
  const revoke = async (key: Key) => {
    setRevoking(null);
    try {
      await session.value!.api.send("DELETE", `/v1/keys/${key.id}`);
      tell(`Key ${key.name || key.prefix} is revoked`);
      reload();
    } catch (error) {
      tell(seen(error).message, "bad");
    }
  };
  return (
    <main class="admin" id="main">
      <header>
        <h1>Keys</h1>
        <p class="dim">A key is shown once, when it is made. Revoking it is effective for the next request.</p>
        <button class="primary" onClick={() => setMaking(true)}><Icon name="plus" size={13} /> New key</button>
      </header>
      <div class="scroll" tabIndex={0} role="region" aria-label="Keys">
        <table class="list">
          <thead><tr><th scope="col">Name</th><th scope="col">Begins with</th><th scope="col">Roles</th><th scope="col">Made</th><th scope="col">Last used</th><th scope="col">Expires</th><th scope="col"><span class="sr-only">Action</span></th></tr></thead>
          <tbody>
            {shown.map((key) => (
              <tr key={key.id} class={isDead(key) ? "dead" : ""}>
                <th scope="row">{key.name || <i class="dim">no name</i>}{key.networks.length > 0 && <small class="dim"> from {key.networks.join(", ")}</small>}</th>
                <td><code>{key.prefix}…</code></td>
                <td>{key.roles.join(", ")}</td>
                <td>{showTime(key.created_at, zone.value)}</td>
                <td>{key.last_used_at ? showTime(key.last_used_at, zone.value) : <span class="dim">never</span>}</td>
                <td>{key.revoked_at ? "revoked" : key.expires_at ? showTime(key.expires_at, zone.value) : <span class="dim">never</span>}</td>
                <td>{!key.revoked_at && <button class="danger" onClick={() => setRevoking(key)} aria-label={`Revoke ${key.name || key.prefix}`}>Revoke</button>}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {!shown.length && <State kind="empty" title="No keys" />}
      </div>
      {dead > 0 && <label class="check"><input type="checkbox" checked={showRevoked} onChange={() => setShowRevoked(!showRevoked)} /> Show {dead} revoked or expired</label>}
      {making && <NewKey onClose={() => setMaking(false)} onMade={(key) => { setMaking(false); setMade(key); reload(); }} />}
      {made && (
        <Dialog title="The new key" onClose={() => setMade(null)}>
          <p>This is the only time that it is shown. Keep it where secrets are kept.</p>
          <p class="secret"><code>{made.key}</code></p>
          <p class="buttons"><button class="primary" onClick={() => void copy(made.key!, "Key")}><Icon name="copy" size={13} /> Copy</button><button onClick={() => setMade(null)}>Done</button></p>
        </Dialog>
      )}
      {revoking && (
        <Dialog title="Revoke this key?" onClose={() => setRevoking(null)}>
          <p>Whatever uses <b>{revoking.name || revoking.prefix}</b> is refused from the next request on. This cannot be undone.</p>
          <p class="buttons"><button class="danger" onClick={() => void revoke(revoking)}>Revoke</button><button onClick={() => setRevoking(null)}>Keep</button></p>
        </Dialog>
      )}
    </main>
  );
}

function NewKey({ onClose, onMade }: { onClose: () => void; onMade: (key: Key) => void }) {
  const [name, setName] = useState("");
  const [roles, setRoles] = useState<string[]>(["reader"]);
  const [expires, setExpires] = useState("90d");
  const [fault, setFault] = useState("");
  const submit = async (event: Event) => {
    event.preventDefault();
    try {
      const body = { name, roles, ...(expires && { expires }) };
      onMade((await session.value!.api.send<Key>("POST", "/v1/keys", body))!);
    } catch (error) {
      setFault(seen(error).message);
    }
  };
  return (
    <Dialog title="New key" onClose={onClose}>
      <form class="form" onSubmit={submit}>
        <label>Name <input value={name} onInput={(event) => setName(event.currentTarget.value)} placeholder="who or what uses it" autofocus /></label>
        <RoleChoice roles={roles} onChange={setRoles} />
        <label>Expires
          <select value={expires} onChange={(event) => setExpires(event.currentTarget.value)}>
            <option value="1d">in a day</option><option value="30d">in 30 days</option><option value="90d">in 90 days</option><option value="365d">in a year</option><option value="">never</option>
          </select>
        </label>
        {fault && <p class="fault" role="alert">{fault}</p>}
        <p class="buttons"><button class="primary" type="submit" disabled={!roles.length}>Make the key</button><button type="button" onClick={onClose}>Cancel</button></p>
      </form>
    </Dialog>
  );
}

export function Applications() {
  const { items, problem, reload } = useList<Application>("/v1/applications", "applications");
  const [making, setMaking] = useState(false);
  if (problem || !items) return <NotThere title="Applications" problem={problem} reload={reload} />;
  return (
    <main class="admin" id="main">
      <header>
        <h1>Applications</h1>
        <p class="dim">An event may name an application only if it is registered here.</p>
        {mayManage.value && <button class="primary" onClick={() => setMaking(true)}><Icon name="plus" size={13} /> New application</button>}
      </header>
      <div class="scroll" tabIndex={0} role="region" aria-label="Applications">
        <table class="list">
          <thead><tr><th scope="col">Name</th><th scope="col">Key</th><th scope="col">Description</th><th scope="col">Registered</th></tr></thead>
          <tbody>
            {items.map((application) => (
              <tr key={application.id}>
                <th scope="row">{application.name}</th>
                <td><code>{application.key}</code></td>
                <td>{application.description}</td>
                <td>{showTime(application.created_at, zone.value)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {!items.length && <State kind="empty" title="No applications yet"><p>Register one, and events can carry its key.</p></State>}
      </div>
      {making && <NewApplication onClose={() => setMaking(false)} onMade={() => { setMaking(false); tell("Application registered"); reload(); }} />}
    </main>
  );
}

function NewApplication({ onClose, onMade }: { onClose: () => void; onMade: () => void }) {
  const [values, setValues] = useState({ key: "", name: "", description: "" });
  const [fault, setFault] = useState("");
  const bind = (name: keyof typeof values) => ({ value: values[name], onInput: (event: { currentTarget: HTMLInputElement }) => setValues({ ...values, [name]: event.currentTarget.value }) });
  const submit = async (event: Event) => {
    event.preventDefault();
    try {
      await session.value!.api.send("POST", "/v1/applications", { key: values.key, name: values.name, ...(values.description && { description: values.description }) });
      onMade();
    } catch (error) {
      setFault(seen(error).message);
    }
  };
  return (
    <Dialog title="New application" onClose={onClose}>
      <form class="form" onSubmit={submit}>
        <label>Key <input {...bind("key")} pattern="[a-z][a-z0-9_]*" maxLength={64} required placeholder="lower case, for example billing" autofocus /></label>
        <label>Name <input {...bind("name")} required /></label>
        <label>Description <input {...bind("description")} /></label>
        {fault && <p class="fault" role="alert">{fault}</p>}
        <p class="buttons"><button class="primary" type="submit">Register</button><button type="button" onClick={onClose}>Cancel</button></p>
      </form>
    </Dialog>
  );
}

/** A page whose list is not there: what it would be is told at once, with its place for those who skip to it. */
export function NotThere({ title, problem, reload }: { title: string; problem: ApiError | null; reload: () => void }) {
  const locked = problem?.status === 403;
  return (
    <main class="admin" id="main">
      <header><h1>{title}</h1></header>
      {!problem ? <State kind="loading" title="Looking…" /> : (
        <State kind={locked ? "locked" : "error"} title={locked ? "You may not manage" : "The list was not answered"}>
          <p>{problem.message}</p>
          {locked ? <p>Somebody with the role admin may.</p> : <button class="primary" onClick={reload}>Try again</button>}
        </State>
      )}
    </main>
  );
}
