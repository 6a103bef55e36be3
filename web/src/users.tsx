// The people who sign in with a password, for admins.
import { useState } from "preact/hooks";
import { NotThere, RoleChoice, useList } from "./admin";
import type { User } from "./api";
import { Icon } from "./icons";
import { Dialog, State } from "./parts";
import { seen, session, tell, zone } from "./state";
import { showTime } from "./time";

const PASSWORD_MIN = 12;
type Doing = { what: "change" | "password" | "disable"; user: User };

export function Users() {
  const { items, problem, reload } = useList<User>("/v1/users", "users");
  const [making, setMaking] = useState(false);
  const [doing, setDoing] = useState<Doing | null>(null);
  if (problem || !items) return <NotThere title="Users" problem={problem} reload={reload} />;
  const done = (text: string) => {
    setMaking(false);
    setDoing(null);
    tell(text);
    reload();
  };
  const close = () => setDoing(null);
  const enable = async (user: User) => {
    try {
      await session.value!.api.send("PATCH", `/v1/users/${user.id}`, { enabled: true });
      done(`${user.name || user.email} may sign in again`);
    } catch (error) {
      tell(seen(error).message, "bad");
    }
  };
  return (
    <main class="admin" id="main">
      <header>
        <h1>Users</h1>
        <p class="dim">People who sign in with an address and a password. Other roles, another password or disabling ends their sessions.</p>
        <button class="primary" onClick={() => setMaking(true)}><Icon name="plus" size={13} /> New user</button>
      </header>
      <div class="scroll" tabIndex={0} role="region" aria-label="Users">
        <table class="list">
          <thead><tr><th scope="col">Address</th><th scope="col">Name</th><th scope="col">Roles</th><th scope="col">Made</th><th scope="col">Last used</th><th scope="col"><span class="sr-only">Actions</span></th></tr></thead>
          <tbody>
            {items.map((user) => (
              <tr key={user.id} class={user.enabled ? "" : "dead"}>
                <th scope="row">{user.email}</th>
                <td class="long">{user.name}</td>
                <td>{user.roles.join(", ")}</td>
                <td>{showTime(user.created_at, zone.value)}</td>
                <td>{user.last_used_at ? showTime(user.last_used_at, zone.value) : <span class="dim">never</span>}</td>
                <td class="row-actions">
                  <button aria-label={`Change ${user.email}`} onClick={() => setDoing({ what: "change", user })}>Change</button>
                  <button aria-label={`New password for ${user.email}`} onClick={() => setDoing({ what: "password", user })}>Password</button>
                  {user.enabled
                    ? <button class="danger" aria-label={`Disable ${user.email}`} onClick={() => setDoing({ what: "disable", user })}>Disable</button>
                    : <button aria-label={`Enable ${user.email}`} onClick={() => void enable(user)}>Enable</button>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        {!items.length && <State kind="empty" title="No users yet"><p>Make one, and a person can sign in with a password.</p></State>}
      </div>
      {making && <NewUser onClose={() => setMaking(false)} onDone={done} />}
      {doing?.what === "change" && <ChangeUser user={doing.user} onClose={close} onDone={done} />}
      {doing?.what === "password" && <NewPassword user={doing.user} onClose={close} onDone={done} />}
      {doing?.what === "disable" && <DisableUser user={doing.user} onClose={close} onDone={done} />}
    </main>
  );
}

type FormParts = { onClose: () => void; onDone: (text: string) => void };

/** Sends a form; what the server says against it stands above the buttons. */
function useSending(send: () => Promise<unknown>, onDone: () => void) {
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    try {
      await send();
      onDone();
    } catch (error) {
      setFault(seen(error).message);
      setBusy(false);
    }
  };
  return { submit, busy, fault: fault && <p class="fault" role="alert">{fault}</p> };
}

const change = (user: User, body: object) => session.value!.api.send<User>("PATCH", `/v1/users/${user.id}`, body);

function PasswordField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  return (
    <label>Password <input type="password" autocomplete="new-password" value={value} onInput={(event) => onChange(event.currentTarget.value)} required minLength={PASSWORD_MIN} maxLength={256} aria-describedby="password-rule" />
      <small class="dim" id="password-rule">At least {PASSWORD_MIN} characters. Kept as a hash alone; tell it to them in a way that you trust.</small>
    </label>
  );
}

function NewUser({ onClose, onDone }: FormParts) {
  const [email, setEmail] = useState("");
  const [name, setName] = useState("");
  const [roles, setRoles] = useState<string[]>(["reader"]);
  const [password, setPassword] = useState("");
  const { submit, busy, fault } = useSending(
    () => session.value!.api.send("POST", "/v1/users", { email: email.trim(), roles, password, ...(name && { name }) }),
    () => onDone(`${email.trim()} may sign in now`),
  );
  return (
    <Dialog title="New user" onClose={onClose}>
      <form class="form" onSubmit={submit}>
        <label>E-mail <input type="email" autocomplete="off" value={email} onInput={(event) => setEmail(event.currentTarget.value)} required autofocus /></label>
        <label>Name <input autocomplete="off" value={name} onInput={(event) => setName(event.currentTarget.value)} maxLength={128} /></label>
        <RoleChoice roles={roles} onChange={setRoles} />
        <PasswordField value={password} onChange={setPassword} />
        {fault}
        <p class="buttons"><button class="primary" disabled={busy || !roles.length}>Make the user</button><button type="button" onClick={onClose}>Cancel</button></p>
      </form>
    </Dialog>
  );
}

function ChangeUser({ user, onClose, onDone }: FormParts & { user: User }) {
  const [name, setName] = useState(user.name);
  const [roles, setRoles] = useState(user.roles);
  const sameRoles = roles.length === user.roles.length && roles.every((role) => user.roles.includes(role));
  const { submit, busy, fault } = useSending(
    () => change(user, { ...(name !== user.name && { name }), ...(!sameRoles && { roles }) }),
    () => onDone(`${user.email} is changed`),
  );
  return (
    <Dialog title={`Change ${user.email}`} onClose={onClose}>
      <form class="form" onSubmit={submit}>
        <label>Name <input autocomplete="off" value={name} onInput={(event) => setName(event.currentTarget.value)} maxLength={128} autofocus /></label>
        <RoleChoice roles={roles} onChange={setRoles} />
        {fault}
        <p class="buttons"><button class="primary" disabled={busy || !roles.length || (sameRoles && name === user.name)}>Change</button><button type="button" onClick={onClose}>Cancel</button></p>
      </form>
    </Dialog>
  );
}

function NewPassword({ user, onClose, onDone }: FormParts & { user: User }) {
  const [password, setPassword] = useState("");
  const { submit, busy, fault } = useSending(() => change(user, { password }), () => onDone(`${user.email} has a new password`));
  return (
    <Dialog title={`New password for ${user.email}`} onClose={onClose}>
      <form class="form" onSubmit={submit}>
        <PasswordField value={password} onChange={setPassword} />
        {fault}
        <p class="buttons"><button class="primary" disabled={busy}>Set the password</button><button type="button" onClick={onClose}>Cancel</button></p>
      </form>
    </Dialog>
  );
}

function DisableUser({ user, onClose, onDone }: FormParts & { user: User }) {
  const { submit, busy, fault } = useSending(() => change(user, { enabled: false }), () => onDone(`${user.email} may not sign in any more`));
  return (
    <Dialog title="Disable this user?" onClose={onClose}>
      <form class="form" onSubmit={submit}>
        <p><b>{user.name || user.email}</b> is signed out everywhere and cannot sign in until somebody enables them again. What they did stays in the log.</p>
        {fault}
        <p class="buttons"><button class="danger" disabled={busy}>Disable</button><button type="button" onClick={onClose}>Keep</button></p>
      </form>
    </Dialog>
  );
}
