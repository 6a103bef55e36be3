// Signing in with an issuer: the server says which there are; a link goes there, and the server back.
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";

interface Login {
  name: string;
  start: string;
}

const logins = signal<Login[]>([]);

const PROBLEMS: Record<string, string> = {
  login_expired: "That took too long, or began in another tab or browser. Sign in again.",
  login_denied: "The issuer did not let you in.",
  login_refused: "What the issuer says of you is not accepted here. Ask whoever runs this server.",
  login_unavailable: "The issuer does not answer. Try again in a moment.",
  login_no_organisation: "The issuer knows you, but your organisation is not here.",
  login_no_role: "The issuer knows you, but gives you no role here. Ask an admin for one.",
  org_disabled: "Your organisation is disabled here.",
  tls_required: "Signing in needs TLS: open this page with https.",
  rate_limited: "That was too often. Wait a minute, then sign in again.",
};

/** Why the server sent the browser back without a session, once; it does not stay in the address. */
export function takeLoginProblem(): string {
  const address = new URLSearchParams(location.search);
  const code = address.get("login_error");
  if (code === null) return "";
  address.delete("login_error");
  history.replaceState(null, "", location.pathname + (address.size ? "?" + address : "") + location.hash);
  return PROBLEMS[code] ?? "Signing in with the issuer did not work. Try again.";
}

export function Logins() {
  useEffect(() => {
    fetch("/v1/session/logins")
      .then(async (response) => {
        if (response.ok) logins.value = ((await response.json()) as { logins: Login[] }).logins;
      })
      .catch(() => undefined); // signing in otherwise says what is wrong
  }, []);
  if (!logins.value.length) return null;
  // Back to what was asked; where that is too long for an address, to the beginning.
  const here = location.pathname + location.search + location.hash;
  const back = "&return_to=" + encodeURIComponent(here.length <= 2000 ? here : "/");
  return (
    <div class="logins">
      {logins.value.map((login) => <a class="button" href={login.start + back} key={login.name}>Sign in with {login.name}</a>)}
    </div>
  );
}
