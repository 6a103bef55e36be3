// People log in with an issuer: an independent OpenID provider on this machine, a scripted browser, and
// everything that must be refused on the way.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, beforeEach, test } from "node:test";
import { fileURLToPath } from "node:url";
import { install } from "../../web/install.mjs";

const here = dirname(fileURLToPath(import.meta.url));
install(here);
const jose = await import("jose");
const { default: Provider } = await import("oidc-provider");

const BINARY = process.env.PIPEROLL_BINARY ?? join(here, "../../build/dev/piperoll");
const PUBLIC = "http://localhost"; // as the issuer knows the server; the browser below knows where that is
const CALLBACK = PUBLIC + "/v1/session/oidc/callback";
const SECRET = "the client's secret: 100% & more+/=";
const PEOPLE = {
  ann: { name: "Ann", tenant: "demo", groups: ["audit-readers", "staff"] },
  boss: { name: "Boss", tenant: "demo", groups: ["audit-admins"] },
  nobody: { name: "Nobody", tenant: "demo", groups: ["staff"] },
  stranger: { name: "Stranger", tenant: "nowhere", groups: ["audit-admins"] },
  shut: { name: "Shut", tenant: "shut", groups: ["audit-readers"] },
};

const folder = mkdtempSync(join(tmpdir(), "piperoll-oidc-"));
const data = join(folder, "data");
const secretFile = join(folder, "client-secret");
let server, address, admin, issuer, issuerServer, signingKey, port;
const diagnostics = [];
// What the issuer does next.
const now = { person: "ann", answer: null };

const run = (...args) => execFileSync(BINARY, args, { encoding: "utf8" });

/** The issuer: the provider itself, with a login page that asks nothing. */
async function startIssuer(listenPort = 0) {
  issuerServer = createServer(async (request, response) => {
    try {
      if (now.answer && request.method === "POST" && request.url === "/token") {
        const { status, body } = await now.answer();
        response.writeHead(status, { "Content-Type": "application/json" }).end(typeof body === "string" ? body : JSON.stringify(body));
      } else if (request.url.startsWith("/interaction/")) {
        const result = now.person ? { login: { accountId: now.person } } : { error: "access_denied", error_description: "no" };
        await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
      } else {
        provider.callback()(request, response);
      }
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  });
  await new Promise((done) => issuerServer.listen(listenPort, "127.0.0.1", done));
  port = issuerServer.address().port;
  issuer = `http://127.0.0.1:${port}`;
  const jwk = { ...(await jose.exportJWK(signingKey)), kid: "one", alg: "RS256", use: "sig" };
  const provider = new Provider(issuer, {
    clients: [{ client_id: "audit", client_secret: SECRET, redirect_uris: [CALLBACK], response_types: ["code"], grant_types: ["authorization_code"] }],
    jwks: { keys: [jwk] },
    cookies: { keys: ["one"] },
    pkce: { required: () => true },
    conformIdTokenClaims: false,
    claims: { openid: ["sub"], profile: ["name"], audit: ["tenant", "groups"] },
    scopes: ["openid", "profile", "audit"],
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    ttl: { Interaction: 600, Session: 600, Grant: 600, IdToken: 300, AccessToken: 300 },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...PEOPLE[id] }) }),
    async loadExistingGrant(context) {
      const grant = new context.oidc.provider.Grant({ clientId: context.oidc.client.clientId, accountId: context.oidc.session.accountId });
      grant.addOIDCScope("openid profile audit");
      await grant.save();
      return grant;
    },
  });
}

/** Keeps cookies by server, as a browser does by host; follows nothing by itself. */
class Browser {
  jars = new Map();

  async open(url, headers = {}) {
    const at = new URL(url.replace(PUBLIC + "/", address + "/"), address);
    const jar = this.jars.get(at.origin) ?? new Map();
    this.jars.set(at.origin, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(at, { redirect: "manual", headers: { Accept: "text/html", ...(cookie && { Cookie: cookie }), ...headers } });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      if (/Max-Age=0|expires=Thu, 01 Jan 1970/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
    const text = await response.text();
    const location = response.headers.get("location");
    return { status: response.status, headers: response.headers, text, location: location && new URL(location, at).href.replace(address + "/", PUBLIC + "/") };
  }

  /** From our server to the issuer. */
  start(returnTo = "/?q=1", headers = {}) {
    return this.open(`/v1/session/oidc/start?issuer=Example&return_to=${encodeURIComponent(returnTo)}`, headers);
  }

  /** Through the issuer, up to the address that it sends the browser back to. */
  async through(begun) {
    assert.equal(begun.status, 303, begun.text);
    let at = begun.location;
    for (let hops = 0; hops < 10; ++hops) {
      const next = await this.open(at);
      assert.ok(next.location, `${at}: ${next.status} ${next.text}`);
      if (next.location.startsWith(CALLBACK)) return next.location;
      at = next.location;
    }
    throw new Error("the issuer sends in circles");
  }

  async login(returnTo) {
    return this.open(await this.through(await this.start(returnTo)));
  }

  cookies() {
    return Object.fromEntries(this.jars.get(address) ?? []);
  }
  async session() {
    const answer = await this.open("/v1/session", { Accept: "application/json" });
    return { status: answer.status, ...JSON.parse(answer.text) };
  }
}

const errorOf = (answer) => {
  assert.equal(answer.status, 303, answer.text);
  return new URL(answer.location).searchParams.get("login_error");
};
const callback = (values) => CALLBACK + "?" + new URLSearchParams(values);

before(async () => {
  run("org", "create", "--data", data, "--name", "demo");
  run("org", "create", "--data", data, "--name", "shut");
  run("org", "disable", "--data", data, "--org", "shut");
  admin = run("key", "create", "--data", data, "--org", "demo", "--role", "admin").trim();
  writeFileSync(secretFile, SECRET + "\n");
  signingKey = (await jose.generateKeyPair("RS256", { extractable: true })).privateKey;
  await startIssuer();
  writeFileSync(join(folder, "piperoll.toml"), `public_url = "${PUBLIC}"
access_log = "sync"
logins_per_address = "off"
[[issuer]]
issuer = "${issuer}"
algorithms = ["RS256"]
discovery = true
organisation_claim = "tenant"
roles_claim = "groups"
role_values = { "audit-readers" = "reader", "audit-admins" = "admin" }
[issuer.login]
name = "Example"
client_id = "audit"
client_secret_file = "${secretFile}"
scopes = ["openid", "profile", "audit"]
`);
  run("serve", "--check-config", "--data", data, "--config", join(folder, "piperoll.toml"));
  server = spawn(BINARY, ["serve", "--data", data, "--config", join(folder, "piperoll.toml"), "--listen", "127.0.0.1:0", "--log-format", "json", "--log-level", "debug"], { stdio: ["ignore", "ignore", "pipe"] });
  const lines = createInterface({ input: server.stderr });
  await new Promise((done, fail) => {
    lines.on("line", (line) => {
      diagnostics.push(line);
      if (line.includes('"serving"')) {
        address = JSON.parse(line).fields.address;
        done();
      }
    });
    server.on("exit", () => fail(new Error("the server did not start: " + diagnostics.join("\n"))));
  });
});

beforeEach(() => Object.assign(now, { person: "ann", answer: null }));

after(() => {
  server?.kill("SIGKILL");
  issuerServer?.closeAllConnections();
  issuerServer?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function accessLog() {
  const answer = await fetch(address + "/v1/access?limit=200", { headers: { Authorization: "Bearer " + admin } });
  return (await answer.json()).events;
}

test("the server says whom people may log in with, and nothing else of them", async () => {
  const answer = await new Browser().open("/v1/session/logins");
  assert.deepEqual(JSON.parse(answer.text), { logins: [{ name: "Example", start: "/v1/session/oidc/start?issuer=Example" }] });
});

test("somebody logs in, with a session like any other", async () => {
  const browser = new Browser();
  const begun = await browser.start("/?q=action%3Aread#row");
  const asked = new URL(begun.location).searchParams;
  assert.equal(asked.get("code_challenge_method"), "S256");
  assert.equal(asked.get("redirect_uri"), CALLBACK);
  assert.match(begun.headers.get("set-cookie"), /^piperoll_session_login=[\w-]{43}; Path=\/; Max-Age=600; SameSite=Lax; HttpOnly$/);
  assert.equal(begun.headers.get("referrer-policy"), "no-referrer");

  const done = await browser.open(await browser.through(begun));
  assert.equal(done.status, 303, done.text);
  assert.equal(done.location, PUBLIC + "/?q=action%3Aread#row");
  assert.equal(done.headers.get("cache-control"), "no-store");
  const cookies = browser.cookies();
  assert.deepEqual(Object.keys(cookies).sort(), ["piperoll_session", "piperoll_session_csrf"], "the login's own cookie is gone");

  const session = await browser.session();
  assert.equal(session.status, 200);
  assert.deepEqual(session.principal, { id: "ann", type: "token", name: "Ann", email: null });
  assert.equal(session.org.name, "demo");
  assert.deepEqual(session.roles, ["reader"]);
  assert.equal((await browser.open("/v1/events")).status, 200);

  const cookie = Object.entries(cookies).map(([name, value]) => `${name}=${value}`).join("; ");
  const end = (headers) => fetch(address + "/v1/session", { method: "DELETE", headers: { Cookie: cookie, Origin: address, ...headers } });
  assert.equal((await end({})).status, 403, "another page ends nothing");
  assert.equal((await end({ "X-CSRF-Token": cookies.piperoll_session_csrf })).status, 204);
  assert.equal((await browser.session()).status, 401);

  const recorded = (await accessLog()).find((event) => event.action === "auth.start_session" && event.actor.id === "ann");
  assert.equal(recorded?.actor.type, "token");
  assert.equal(recorded.params.issuer, issuer);
});

test("roles are what the claims say, and who has none, or no organisation here, is told so", async () => {
  now.person = "boss";
  const boss = new Browser();
  assert.equal((await boss.login()).status, 303);
  assert.deepEqual((await boss.session()).roles, ["admin"]);
  for (const [person, code] of [["nobody", "login_no_role"], ["stranger", "login_no_organisation"], ["shut", "org_disabled"]]) {
    now.person = person;
    const browser = new Browser();
    assert.equal(errorOf(await browser.login()), code);
    assert.ok(!("piperoll_session" in browser.cookies()), person);
  }
  const refused = (await accessLog()).find((event) => event.action === "auth.refused" && event.actor.id === "nobody");
  assert.equal(refused?.params.code, "login_no_role", "the refusal is in the organisation's access log");
});

test("a login replaces the session that the browser had", async () => {
  const browser = new Browser();
  await browser.login();
  const first = browser.cookies().piperoll_session;
  await browser.login();
  const old = await fetch(address + "/v1/session", { headers: { Cookie: "piperoll_session=" + first } });
  assert.equal(old.status, 401);
});

test("whom the issuer does not let in is told so", async () => {
  now.person = null;
  assert.equal(errorOf(await new Browser().login()), "login_denied");
});

test("a state that is wrong, of another browser or used before is refused", async () => {
  const browser = new Browser();
  const back = new URL(await browser.through(await browser.start()));
  const { state, code } = Object.fromEntries(back.searchParams);
  const stranger = new Browser();
  assert.equal(errorOf(await stranger.open(back.href)), "login_expired", "another browser");
  assert.deepEqual(stranger.cookies(), {});
  const own = browser.cookies().piperoll_session_login;
  for (const wrong of ["", state.slice(1), state + "x", [...state].reverse().join("")]) {
    const answer = await browser.open(callback({ state: wrong, code, iss: issuer }), { Cookie: "piperoll_session_login=" + own });
    assert.equal(errorOf(answer), "login_expired", wrong);
  }
  const answer = await browser.open(back.href, { Cookie: "piperoll_session_login=" + own });
  assert.equal(answer.location, PUBLIC + "/?q=1");
  const again = await browser.open(back.href, { Cookie: "piperoll_session_login=" + own });
  assert.equal(errorOf(again), "login_expired", "replayed");
});

test("a code is good once, and for the attempt that it was given to", async () => {
  const browser = new Browser();
  const back = new URL(await browser.through(await browser.start()));
  assert.equal((await browser.open(back.href)).status, 303);
  const code = back.searchParams.get("code");

  const begun = await browser.start();
  const state = new URL(begun.location).searchParams.get("state");
  assert.equal(errorOf(await browser.open(callback({ state, code, iss: issuer }))), "login_refused", "used before");

  const other = new Browser();
  const fresh = new URL(await other.through(await other.start())).searchParams.get("code");
  const victim = new Browser();
  const asked = new URL((await victim.start()).location).searchParams;
  assert.equal(errorOf(await victim.open(callback({ state: asked.get("state"), code: fresh, iss: issuer }))), "login_refused", "of another attempt: PKCE");
});

test("an answer of another issuer is refused before its code is shown to anybody", async () => {
  const browser = new Browser();
  const back = new URL(await browser.through(await browser.start()));
  assert.equal(back.searchParams.get("iss"), issuer, "the provider says who it is (RFC 9207)");
  back.searchParams.set("iss", "http://127.0.0.1:1");
  assert.equal(errorOf(await browser.open(back.href)), "login_refused");

  const bare = new URL(await browser.through(await browser.start()));
  bare.searchParams.delete("iss");
  assert.equal(errorOf(await browser.open(bare.href)), "login_refused", "it always says so, and now does not");

  const twice = await browser.through(await browser.start());
  const answer = await browser.open(twice + "&state=x", { Accept: "application/json" });
  assert.equal(answer.status, 400);
});

test("an ID token that is forged, or not of this login, lets nobody in", async () => {
  const stolen = (await jose.generateKeyPair("RS256", { extractable: true })).privateKey;
  const attempt = async (make) => {
    const browser = new Browser();
    const begun = await browser.start();
    const nonce = new URL(begun.location).searchParams.get("nonce");
    now.answer = async () => ({ status: 200, body: { access_token: "a", token_type: "Bearer", id_token: await make(nonce) } });
    const answer = await browser.open(await browser.through(begun));
    now.answer = null;
    const code = errorOf(answer);
    assert.equal("piperoll_session" in browser.cookies(), code === null);
    return code;
  };
  const token = (nonce, changes = {}, header = {}, key = signingKey) =>
    new jose.SignJWT({ iss: issuer, aud: "audit", sub: "ann", nonce, iat: Math.floor(Date.now() / 1000), exp: Math.floor(Date.now() / 1000) + 300, tenant: "demo", groups: ["audit-readers"], ...changes })
      .setProtectedHeader({ alg: "RS256", kid: "one", typ: "JWT", ...header }).sign(key);

  assert.equal(await attempt((nonce) => token(nonce)), null, "a good one");
  assert.equal(await attempt(() => token("another")), "login_refused", "nonce");
  assert.equal(await attempt(() => token(undefined)), "login_refused", "no nonce");
  assert.equal(await attempt((nonce) => token(nonce, { aud: "other" })), "login_refused", "aud");
  assert.equal(await attempt((nonce) => token(nonce, { aud: ["audit", "other"] })), "login_refused", "azp");
  assert.equal(await attempt((nonce) => token(nonce, { azp: "other" })), "login_refused", "azp");
  assert.equal(await attempt((nonce) => token(nonce, { iss: "http://127.0.0.1:1" })), "login_refused", "iss");
  assert.equal(await attempt((nonce) => token(nonce, { exp: 1_000_000_000 })), "login_refused", "exp");
  assert.equal(await attempt((nonce) => token(nonce, {}, { typ: "at+jwt" })), "login_refused", "an access token");
  assert.equal(await attempt((nonce) => token(nonce, {}, {}, stolen)), "login_refused", "another key");
  assert.equal(await attempt(async (nonce) => {
    const [header, payload, signature] = (await token(nonce)).split(".");
    const claims = JSON.parse(Buffer.from(payload, "base64url"));
    return [header, jose.base64url.encode(JSON.stringify({ ...claims, groups: ["audit-admins"] })), signature].join(".");
  }), "login_refused", "changed");
  assert.equal(await attempt(async (nonce) => {
    const [, payload] = (await token(nonce)).split(".");
    return jose.base64url.encode('{"alg":"none","typ":"JWT"}') + "." + payload + ".";
  }), "login_refused", "alg none");
  assert.equal(await attempt(() => "rubbish"), "login_refused");
  const raw = async (status, body) => {
    const browser = new Browser();
    const back = await browser.through(await browser.start());
    now.answer = async () => ({ status, body });
    return errorOf(await browser.open(back));
  };
  assert.equal(await raw(200, { access_token: "a" }), "login_refused");
  assert.equal(await raw(200, "[]"), "login_refused");
  assert.equal(await raw(302, ""), "login_refused");
  assert.equal(await raw(503, ""), "login_unavailable");
  assert.equal(await raw(200, "x".repeat(70_000)), "login_unavailable");
});

test("an ID token opens nothing as an access token", async () => {
  let kept;
  const browser = new Browser();
  const begun = await browser.start();
  const nonce = new URL(begun.location).searchParams.get("nonce");
  kept = await new jose.SignJWT({ nonce, tenant: "demo", groups: ["audit-readers"] }).setProtectedHeader({ alg: "RS256", kid: "one", typ: "JWT" })
    .setIssuer(issuer).setAudience("audit").setSubject("ann").setIssuedAt().setExpirationTime("5m").sign(signingKey);
  const answer = await fetch(address + "/v1/events", { headers: { Authorization: "Bearer " + kept } });
  assert.equal(answer.status, 401);
});

test("nobody is sent to another server", async () => {
  for (const foreign of ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\tx", ""]) {
    const answer = await new Browser().start(foreign, { Accept: "application/json" });
    assert.equal(answer.status, 400, foreign);
    assert.equal(JSON.parse(answer.text).code, "foreign_return");
    assert.equal(errorOf(await new Browser().start(foreign)), "foreign_return");
  }
});

test("a login begins on our own page, with an issuer that is there", async () => {
  const browser = new Browser();
  const start = async (path, headers) => {
    const answer = await browser.open(path, { Accept: "application/json", ...headers });
    return `${answer.status} ${JSON.parse(answer.text).code}`;
  };
  assert.equal(await start("/v1/session/oidc/start?issuer=Example", { "Sec-Fetch-Site": "cross-site" }), "403 csrf");
  assert.equal(await start("/v1/session/oidc/start?issuer=Example", { Origin: "https://evil.example" }), "403 csrf");
  assert.equal(await start("/v1/session/oidc/start?issuer=Other"), "404 login_not_found");
  assert.equal(await start("/v1/session/oidc/start"), "404 login_not_found");
  assert.equal(await start("/v1/session/oidc/start?issuer=Example&issuer=Example"), "400 invalid_parameter");
  assert.equal(await start("/v1/session/oidc/start?issuer=Example&x=1"), "400 invalid_parameter");
  assert.equal(await start("/v1/session/oidc/start?issuer=Example&return_to=%zz"), "400 invalid_query");
  assert.equal(await start("/v1/session/oidc/callback"), "401 login_expired");
  assert.deepEqual(browser.cookies(), {});
});

test("a new client secret needs no restart", async () => {
  writeFileSync(secretFile, "wrong\n");
  assert.equal(errorOf(await new Browser().login()), "login_refused");
  rmSync(secretFile);
  assert.equal(errorOf(await new Browser().login()), "login_unavailable");
  writeFileSync(secretFile, SECRET);
  assert.equal((await new Browser().login()).location, PUBLIC + "/?q=1");
});

test("an issuer that does not answer is said so, and is asked again when it does", async () => {
  const back = await (async (browser) => ({ browser, at: await browser.through(await browser.start()) }))(new Browser());
  issuerServer.closeAllConnections();
  await new Promise((done) => issuerServer.close(done));
  assert.equal(errorOf(await back.browser.open(back.at)), "login_unavailable");
  await startIssuer(port);
  assert.equal((await new Browser().login()).status, 303);
});

test("what was counted is in the metrics, and no secret is in the diagnostics", async () => {
  const metrics = await (await fetch(address + "/metrics")).text();
  const value = (name) => Number(new RegExp(`^${name.replace(/[{}]/g, "\\$&")} (\\d+)`, "m").exec(metrics)?.[1]);
  assert.ok(value('piperoll_logins_refused_total{by="issuer"}') > 20, metrics);
  assert.ok(value("piperoll_sessions_opened_total") >= 5);
  assert.ok(value("piperoll_sessions_open") >= 1);
  const browser = new Browser();
  const begun = await browser.start();
  const asked = new URL(begun.location).searchParams;
  const back = await browser.through(begun);
  await browser.open(back);
  const code = new URL(back).searchParams.get("code");
  const said = diagnostics.join("\n");
  assert.match(said, /a login with an issuer was refused/);
  for (const secret of [SECRET, encodeURIComponent(SECRET), code, asked.get("state"), asked.get("nonce"), browser.cookies().piperoll_session]) {
    assert.ok(!said.includes(secret), "a secret is in the diagnostics");
  }
});
