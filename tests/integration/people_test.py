#!/usr/bin/env python3
"""Users with passwords, and the sessions of browsers: login, cookies, forged requests, ends."""

import json
import unittest

from harness import ServerTest, make_key, mistyped, run

PASSWORD = "correct horse battery"


def make_user(data, org, email, *more, password=PASSWORD, role="reader", check=True):
    return run("user", "create", "--data", data, "--org", org, "--email", email, "--role", role, *more,
               stdin=password + "\n", check=check)


class Page:
    """What a browser does: keeps cookies, sends its page's origin, repeats the token."""

    def __init__(self, server):
        self.client, self.cookies = server.client(), {}
        self.origin = f"http://127.0.0.1:{server.port}"

    def request(self, method, path, body=None, token=True, **changes):
        headers = {"Origin": self.origin, "Sec-Fetch-Site": "same-origin"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if token and "piperoll_session_csrf" in self.cookies:
            headers["X-CSRF-Token"] = self.cookies["piperoll_session_csrf"]
        headers.update({name.replace("_", "-"): value for name, value in changes.items()})
        headers = {name: value for name, value in headers.items() if value is not None}
        answer = self.client.request(method, path, body=body, headers=headers)
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, value = line.split(";")[0].split("=", 1)
            self.cookies[name] = value
            if "Max-Age=0" in line:
                del self.cookies[name]
        return answer

    def login(self, **body):
        return self.request("POST", "/v1/session", body or {"email": "ann@example.com", "password": PASSWORD})


class People(ServerTest):
    flags = ("--access-log", "sync")

    @classmethod
    def prepare(cls):
        cls.ann = json.loads(make_user(cls.data, "demo", "Ann@example.com", "--name", "Ann")[1])
        make_user(cls.data, "demo", "boss@example.com", role="admin")
        run("org", "create", "--data", cls.data, "--name", "other")
        make_user(cls.data, "other", "ann@example.com", password="another password")
        make_user(cls.data, "*", "root@example.com", role="admin")
        cls.foreign = make_key(cls.data, "other", "admin")

    def page(self):
        page = Page(self.server)
        self.addCleanup(page.client.close)
        return page

    def code(self, answer, status):
        self.assertEqual(answer.status, status, answer)
        return answer.json()["code"]

    def test_the_command_line_makes_and_changes_users(self):
        with self.subTest("shown, never with the password"):
            self.assertEqual((self.ann["email"], self.ann["roles"], self.ann["org_id"]),
                             ("ann@example.com", ["reader"], self.org))
            self.assertNotIn("password", self.ann)
        env = {"PIPEROLL_KEY": self.key}
        server = f"http://127.0.0.1:{self.server.port}"
        short = run("user", "create", "--server", server, "--org", "demo", "--role", "reader", "--email",
                    "x@example.com", stdin="short\n", check=False, env=env)
        self.assertEqual((short[0], short[2]),
                         (1, "piperoll: /password must have 12 to 256 characters\n"))
        self.assertNotEqual(run("user", "create", "--server", server, "--org", "demo", "--role", "reader",
                                "--email", "x@example.com", stdin="", check=False, env=env)[0], 0)
        taken = run("user", "create", "--server", server, "--org", "demo", "--role", "reader",
                    "--email", "ANN@example.com", stdin=PASSWORD, check=False, env=env)
        self.assertIn("exists already", taken[2])
        listed = [json.loads(line)["email"] for line in run("user", "list", "--server", server, env=env)[1].splitlines()]
        self.assertEqual(listed[:2], ["ann@example.com", "boss@example.com"])

    def test_a_session_is_opened_shown_and_ended(self):
        page = self.page()
        self.assertEqual(self.code(page.request("GET", "/v1/session"), 401), "no_credential")
        opened = page.login()
        self.assertEqual(opened.status, 201, opened)
        self.assertEqual(opened.headers["Cache-Control"], "no-store")
        cookies = opened.headers.get_all("Set-Cookie")
        self.assertRegex(cookies[0], r"^piperoll_session=[\w-]{43}; Path=/; Max-Age=43200; SameSite=Lax; HttpOnly$")
        self.assertRegex(cookies[1], r"^piperoll_session_csrf=[\w-]+; Path=/; Max-Age=43200; SameSite=Lax$")
        body = opened.json()
        self.assertEqual(body["principal"], {"id": self.ann["id"], "type": "user", "name": "Ann",
                                             "email": "ann@example.com"})
        self.assertEqual((body["org"]["name"], body["roles"], body["rights"]), ("demo", ["reader"], ["find"]))
        self.assertEqual(body["csrf_token"], page.cookies["piperoll_session_csrf"])
        shown = page.request("GET", "/v1/session").json()
        self.assertEqual(shown["session"], body["session"])
        self.assertEqual(shown["session"]["idle_seconds"], 1800)
        self.assertEqual(page.request("GET", "/v1/events").status, 200)
        old = dict(page.cookies)
        self.assertEqual(page.request("DELETE", "/v1/session").status, 204)
        self.assertEqual(page.cookies, {})
        page.cookies = old
        self.assertEqual(self.code(page.request("GET", "/v1/events"), 401), "session_ended")

    def test_a_login_that_is_wrong_says_nothing_more(self):
        page = self.page()
        answers = [page.login(email="ann@example.com", password="wrong wrong wrong"),
                   page.login(email="nobody@example.com", password=PASSWORD),
                   page.login(email="ann@example.com", password=PASSWORD, org="nowhere"),
                   page.login(email="ann@example.com", password=PASSWORD, org="other")]
        told = set()
        for answer in answers:
            self.assertEqual(self.code(answer, 401), "bad_login")
            told.add(answer.body.replace(answer.json()["request_id"].encode(), b""))
        self.assertEqual(len(told), 1, told)
        self.assertEqual(page.cookies, {})
        self.assertEqual(self.code(page.login(key=mistyped(self.foreign)), 401), "bad_credential")
        both = page.login(key=self.foreign, email="ann@example.com", password="x")
        self.assertEqual(self.code(both, 400), "invalid_member")
        form = page.client.post("/v1/session", "email=a", content_type="application/x-www-form-urlencoded")
        self.assertEqual(form.status, 415)

    def test_an_address_in_two_organisations_is_told_apart_by_name(self):
        page = self.page()
        self.assertEqual(page.login().json()["org"]["name"], "demo", "the older one")
        other = page.login(email="ann@example.com", password="another password", org="other")
        self.assertEqual(other.json()["org"]["name"], "other")

    def test_a_login_replaces_the_session_before_it(self):
        page = self.page()
        page.login()
        first = dict(page.cookies)
        page.login()
        self.assertNotEqual(first["piperoll_session"], page.cookies["piperoll_session"])
        page.cookies = first
        self.assertEqual(self.code(page.request("GET", "/v1/session"), 401), "session_ended")

    def test_people_change_their_own_password(self):
        boss = self.page()
        boss.login(email="boss@example.com", password=PASSWORD)
        made = boss.request("POST", "/v1/users", {"email": "dora@example.com", "password": PASSWORD, "roles": ["auditor"]})
        self.assertEqual(made.status, 201, made)
        page, elsewhere = self.page(), self.page()
        for one in (page, elsewhere):
            self.assertEqual(one.login(email="dora@example.com", password=PASSWORD).status, 201)
        change = ("POST", "/v1/session/password")
        body = {"old_password": PASSWORD, "new_password": "staple in the haystack"}
        self.assertEqual(self.code(page.request(*change, {**body, "old_password": "wrong"}), 403), "wrong_password")
        short = page.request(*change, {**body, "new_password": "short"})
        self.assertEqual((self.code(short, 400), short.json()["errors"][0]["pointer"]), ("invalid_member", "/new_password"))
        self.assertEqual(self.code(page.request(*change, {"new_password": "x"}), 400), "invalid_member")
        self.assertEqual(self.code(page.request(*change, body, token=False), 403), "csrf")
        old = dict(page.cookies)
        changed = page.request(*change, body)
        self.assertEqual(changed.status, 200, changed)
        self.assertEqual(changed.json()["principal"]["email"], "dora@example.com")
        self.assertNotEqual(page.cookies["piperoll_session"], old["piperoll_session"])
        self.assertEqual(page.request("GET", "/v1/events").status, 200)
        self.assertEqual(self.code(elsewhere.request("GET", "/v1/events"), 401), "session_ended")
        page.cookies = old
        self.assertEqual(self.code(page.request("GET", "/v1/events"), 401), "session_ended")
        fresh = self.page()
        self.assertEqual(self.code(fresh.login(email="dora@example.com", password=PASSWORD), 401), "bad_login")
        self.assertEqual(fresh.login(email="dora@example.com", password=body["new_password"]).status, 201)
        records = self.client.get("/v1/access", limit="100").json()["events"]
        actions = [(event["action"], event.get("params", {}).get("code")) for event in records
                   if event["actor"].get("email") == "dora@example.com"]
        self.assertIn(("auth.change_password", None), actions)
        self.assertIn(("auth.refused", "wrong_password"), actions)
        self.assertNotIn(b"staple in the haystack", self.client.get("/v1/access", limit="100").body)

    def test_metrics_count_sessions_and_refused_logins(self):
        def value(name):
            text = self.client.get("/metrics").body.decode()
            return float(next(line.split(" ")[1] for line in text.splitlines() if line.startswith(name + " ")))
        opened, refused = value("piperoll_sessions_opened_total"), value('piperoll_logins_refused_total{by="password"}')
        page = self.page()
        page.login()
        page.login(email="ann@example.com", password="wrong wrong wrong")
        self.assertGreaterEqual(value("piperoll_sessions_opened_total"), opened + 1)
        self.assertGreaterEqual(value('piperoll_logins_refused_total{by="password"}'), refused + 1)
        self.assertGreaterEqual(value("piperoll_sessions_open"), 1)
        self.assertEqual(value('piperoll_requests_limited_total{limit="credential"}'), 0)

    def test_another_page_changes_nothing(self):
        page = self.page()
        page.login(email="boss@example.com", password=PASSWORD)
        post = ("POST", "/v1/applications", {"key": "csrf", "name": "x"})
        for changes in ({"token": False}, {"Origin": "http://evil.example"}, {"Origin": None},
                        {"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"},
                        {"X_CSRF_Token": "AAAA"}):
            self.assertEqual(self.code(page.request(*post, **changes), 403), "csrf", changes)
        stranger = self.page()
        stranger.login(email="boss@example.com", password=PASSWORD)
        mixed = {**page.cookies, "piperoll_session_csrf": stranger.cookies["piperoll_session_csrf"]}
        page.cookies, kept = mixed, page.cookies
        self.assertEqual(self.code(page.request(*post), 403), "csrf", "a token of another session")
        page.cookies = kept
        self.assertEqual(page.request("GET", "/v1/events", token=False, Origin="http://evil.example").status, 200,
                         "reads answer; that page cannot read the answer")
        self.assertEqual(page.request(*post).status, 201)
        referer = page.request("POST", "/v1/applications", {"key": "csrf2", "name": "x"}, Origin=None,
                               Sec_Fetch_Site=None, Referer=page.origin + "/viewer?x=1")
        self.assertEqual(referer.status, 201)
        self.assertEqual(self.code(stranger.request("POST", "/v1/session", {"key": self.key},
                                                    Origin="http://evil.example"), 403), "csrf", "login")
        self.assertIsNone(stranger.request("OPTIONS", "/v1/events").headers["Access-Control-Allow-Origin"])

    def test_headers_never_fall_back_to_the_cookie(self):
        page = self.page()
        page.login()
        self.assertEqual(page.request("GET", "/v1/events", Authorization="Basic eDp5").status, 401)
        self.assertEqual(page.request("GET", "/v1/events", X_API_Key="prl_wrong").status, 401)
        self.assertEqual(page.request("GET", "/v1/events", Authorization="Bearer " + self.key).status, 200)

    def test_a_session_of_a_key_ends_with_the_key(self):
        made = self.client.post("/v1/keys", {"roles": ["reader"], "name": "short"}).json()
        page = self.page()
        opened = page.login(key=made["key"])
        self.assertEqual((opened.status, opened.json()["principal"]["type"]), (201, "api_key"))
        self.assertEqual(page.request("GET", "/v1/events").status, 200)
        self.assertEqual(self.client.request("DELETE", "/v1/keys/" + made["id"]).status, 204)
        self.assertEqual(self.code(page.request("GET", "/v1/events"), 401), "session_ended")
        header = page.request("POST", "/v1/session", Authorization="Bearer " + self.key)
        self.assertEqual(header.status, 201)
        again = page.request("POST", "/v1/session")
        self.assertEqual(again.status, 401, "a session opens no session")

    def test_what_changes_a_user_ends_their_sessions(self):
        made = self.client.post("/v1/users", {"email": "carl@example.com", "roles": ["reader"], "password": PASSWORD})
        self.assertEqual(made.status, 201, made)
        path = "/v1/users/" + made.json()["id"]
        login = {"email": "carl@example.com", "password": PASSWORD}
        for change, then in (({"name": "Carl"}, 200), ({"roles": ["auditor"]}, 401),
                             ({"password": "quite another one"}, 401), ({"enabled": False}, 401)):
            page = self.page()
            self.assertEqual(page.login(**login).status, 201)
            token = page.client.post("/api/auth/login", login).json()["access_token"]
            self.assertEqual(self.client.request("PATCH", path, change).status, 200)
            self.assertEqual(page.request("GET", "/v1/events").status, then, change)
            me = page.client.request("GET", "/api/auth/me", headers={"Authorization": "Bearer " + token})
            self.assertEqual(me.status, then, change)
            login["password"] = change.get("password", login["password"])
        self.assertEqual(self.code(self.page().login(**login), 401), "bad_login")
        self.assertEqual(self.client.request("PATCH", path, {}).status, 400)
        foreign = self.server.client(self.foreign)
        refused = foreign.request("PATCH", path, {"enabled": True})
        self.assertEqual(self.code(refused, 404), "user_not_found")
        missing = foreign.request("PATCH", "/v1/users/" + self.org, {"enabled": True})
        self.assertEqual(missing.body.replace(missing.json()["request_id"].encode(), b""),
                         refused.body.replace(refused.json()["request_id"].encode(), b""))
        foreign.close()

    def test_users_of_the_server_name_an_organisation(self):
        page = self.page()
        opened = page.login(email="root@example.com", password=PASSWORD)
        self.assertEqual(opened.status, 201, opened)
        self.assertEqual((opened.status, opened.json()["org"], opened.json()["rights"][-1]), (201, None, "administrate"))
        self.assertEqual(page.request("GET", "/v1/events?org=demo").status, 200)
        self.assertEqual(self.code(page.request("GET", "/v1/events"), 400), "org_required")
        emails = [user["email"] for user in page.request("GET", "/v1/users?org=*").json()["users"]]
        self.assertEqual(emails.count("ann@example.com"), 2)

    def test_antidote_logs_people_in(self):
        client = self.server.client()
        answer = client.post("/api/auth/login", {"email": "ann@example.com", "password": PASSWORD})
        self.assertEqual(answer.status, 200, answer)
        me = client.request("GET", "/api/auth/me", headers={"Cookie": "antidote_session=" + answer.json()["access_token"]})
        self.assertEqual(me.json(), {"id": self.ann["id"], "email": "ann@example.com", "name": "Ann", "roles": ["reader"],
                                     "workspace": {"id": self.org, "name": "demo"}})
        wrong = client.post("/api/auth/login", {"email": "ann@example.com", "password": "wrong wrong wrong"})
        self.assertEqual((wrong.status, wrong.json()["error"]["code"]), (401, "UNAUTHORIZED"))
        client.close()

    def test_a_login_is_in_the_access_log_and_the_password_nowhere(self):
        page = self.page()
        page.login()
        logged = self.client.get("/v1/access", action="auth.start_session", limit=1000).json()["events"]
        self.assertIn((self.ann["id"], "user", "ann@example.com"),
                      [(event["actor"]["id"], event["actor"]["type"], event["actor"].get("email")) for event in logged])
        self.assertNotIn(PASSWORD, json.dumps(logged))


class ShortSessions(ServerTest):
    flags = ("--session-lifetime", "1h", "--session-idle", "10m", "--session-cookie", "door")

    def test_limits_and_name_are_those_configured(self):
        client = self.server.client()
        answer = client.post("/v1/session", {"key": self.key})
        self.assertIn("Max-Age=3600", answer.headers["Set-Cookie"])
        self.assertTrue(answer.headers["Set-Cookie"].startswith("door="))
        self.assertEqual(answer.json()["session"]["idle_seconds"], 600)
        client.close()


if __name__ == "__main__":
    unittest.main()
