#!/usr/bin/env python3
"""Many organisations in one process: little memory, no work while nobody asks, the same after a crash.

Each gets one event, so that each has two logs with a tree and a signed checkpoint.
PIPEROLL_MANY_ORGANISATIONS says how many; 1,000 by default, 10,000 with the bound of 4 GiB that they
must keep.
"""

import json
import os
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))
from harness import Server, make_key, run  # noqa: E402

ORGANISATIONS = int(os.environ.get("PIPEROLL_MANY_ORGANISATIONS", "1000"))
MAKERS = 8
# What a server takes without any, generously, and 400 kB each: 4 GiB for 10,000.
RESIDENT_KIB_MAX = 200 * 1024 + ORGANISATIONS * 400
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
IDLE_S = 1.0
IDLE_SHARE_MAX = 0.1  # of one processor; the timers of an idle server take a thousandth


def resident_kib(process):
    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


def cpu_seconds(process):
    with open(f"/proc/{process.pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_A_SECOND


class ManyOrganisations(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory(prefix="piperoll-test-")
        cls.data = os.path.join(cls.temporary.name, "data")
        cls.key = make_key(cls.data, "*", "admin")
        cls.server = Server(cls.data).start()
        cls.ids = {}
        cls.failures = []
        makers = [threading.Thread(target=cls.make, args=(number,)) for number in range(MAKERS)]
        for maker in makers:
            maker.start()
        for maker in makers:
            maker.join()
        if cls.failures:
            raise cls.failures[0]

    @classmethod
    def tearDownClass(cls):
        cls.server.kill()
        cls.temporary.cleanup()

    @classmethod
    def make(cls, first):
        client = cls.server.client(cls.key)
        try:
            for number in range(first, ORGANISATIONS, MAKERS):
                name = f"org-{number:06}"
                made = client.post("/v1/orgs", {"name": name})
                assert made.status in (200, 201), made
                cls.ids[name] = made.json()["id"]
                answer = client.post(f"/v1/events?org={name}", {"action": "user.login", "actor": {"id": name}})
                assert answer.status == 201, answer
        except (OSError, AssertionError) as failure:
            cls.failures.append(failure)
        finally:
            client.close()

    def test_1_each_has_its_event_and_its_checkpoint(self):
        client = self.server.client(self.key)
        for name in sorted(self.ids)[::max(1, ORGANISATIONS // 20)]:
            found = client.get("/v1/events", org=name).json()["events"]
            self.assertEqual([event["actor"]["id"] for event in found], [name])
            checkpoint = client.get(f"/v1/logs/{self.ids[name]}/checkpoint", org=name)
            self.assertEqual(checkpoint.status, 200, checkpoint)
            self.assertEqual(checkpoint.body.decode().split("\n")[1], "1")
        client.close()

    def test_2_they_take_little_memory(self):
        self.assertLess(resident_kib(self.server.process), RESIDENT_KIB_MAX)

    def test_3_they_cost_nothing_while_nobody_asks(self):
        # What was begun before is finished: a second in which nearly nothing was done.
        idle = self.least_share_of_a_second(tries=60)
        self.assertLess(idle, IDLE_SHARE_MAX)

    def least_share_of_a_second(self, tries):
        least = 1.0
        for _ in range(tries):
            began, used = time.monotonic(), cpu_seconds(self.server.process)
            time.sleep(IDLE_S)  # the period that is measured
            share = (cpu_seconds(self.server.process) - used) / (time.monotonic() - began)
            least = min(least, share)
            if least < IDLE_SHARE_MAX:
                break
        return least

    def test_4_they_are_all_there_after_a_crash(self):
        self.server.kill()
        verdict = json.loads(run("verify", "--data", self.data)[1])
        self.assertEqual(verdict["verdict"], "valid", verdict)
        self.assertGreaterEqual(verdict["checked"], 2 * ORGANISATIONS)

        type(self).server = Server(self.data).start()

        client = self.server.client(self.key)
        self.assertEqual(client.get("/readyz").status, 200)
        client.close()
        self.assertLess(resident_kib(self.server.process), RESIDENT_KIB_MAX)


if __name__ == "__main__":
    unittest.main()
