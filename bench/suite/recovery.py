"""R1: kill -9 under load. Nothing acknowledged is lost, no batch is partial, the tree is the same."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import shutil
import threading
import time
from collections.abc import Iterator

import processes
from driver import Driver, Message, Plan
from events import compact
from ingest import pool_of
from queries import Query
from rivals.base import Event
from rivals.piperoll import Piperoll, decoded
from setting import Setting, say

BATCH = 100
CONNECTIONS = 8
LIVES_S = (0.2, 1.5)  # how long it writes before it is killed


class Witness:
    """Makes batches with ids that tell of which batch they are, and remembers what was acknowledged."""

    def __init__(self, system: Piperoll, pool: list[Event]):
        self.system, self.pool = system, pool
        self.sent = 0
        self.acked: set[int] = set()

    def messages(self) -> Iterator[Message]:
        while True:
            number = self.sent
            self.sent += 1
            lines = []
            for at in range(BATCH):
                line, _ = self.pool[(number * BATCH + at) % len(self.pool)]
                lines.append(compact({**json.loads(line), "id": f"kill-{number}-{at}"}).encode())
            yield Message(self.system.loading(b"\n".join(lines)), BATCH, number)

    def remember(self, message: Message, _: bytearray) -> None:
        self.acked.add(message.tag)

    def faults(self, exported: list[dict]) -> list[str]:
        """What is wrong with what is there."""
        found: dict[int, int] = {}
        for event in exported:
            number = int(event["id"].split("-")[1])
            found[number] = found.get(number, 0) + 1
        faults = [f"batch {n} was acknowledged and is gone" for n in sorted(self.acked - set(found))]
        faults += [f"batch {n} has {count} of {BATCH} events" for n, count in sorted(found.items())
                   if count != BATCH]
        if [event["seq"] for event in exported] != list(range(len(exported))):
            faults.append("the sequence has gaps or repeats")
        return faults


def kills(setting: Setting) -> None:
    """As many times as the setting says, over one directory, so that recoveries meet recoveries."""
    for kind in setting.kinds:
        if not issubclass(kind, Piperoll):
            setting.results.skip("R1", "kill -9", kind.name, "their recovery is not what is tested here")
            continue
        folder = setting.new_folder()
        system = kind(setting.options)
        try:
            system.create(folder)
            kill_again_and_again(setting, system)
        finally:
            system.stop()
            shutil.rmtree(folder, ignore_errors=True)


def kill_again_and_again(setting: Setting, system: Piperoll) -> None:
    witness, chance = Witness(system, pool_of(setting)), random.Random(setting.seed)
    heads: list[tuple[int, str]] = []
    for number in range(setting.kills):
        say(f"R1: {system.title}, kill {number + 1} of {setting.kills}")
        life = chance.uniform(*LIVES_S)
        connections = [(system.connect(), system.framer()) for _ in range(CONNECTIONS)]
        killer = threading.Timer(life, system.child.kill)
        killer.start()
        Driver(connections, witness.messages(), witness.remember).run(Plan(seconds=life + 5))
        killer.join()
        system.stop()
        began = time.perf_counter()
        system.start()
        system.ask(Query("page"))
        setting.results.add("R1", "kill -9 to first answer", system.name, "ms",
                            (time.perf_counter() - began) * 1000)
        if with_evidence(system):
            heads.append(head_of(system))
    check_all(setting, system, witness, heads)


def with_evidence(system: Piperoll) -> bool:
    return "--evidence" not in system.flags


def head_of(system: Piperoll) -> tuple[int, str]:
    """(size, root) of the newest checkpoint."""
    raw = system.exchange(system.get(f"/v1/logs/{system.organisation}/checkpoint"))
    lines = raw.partition(b"\r\n\r\n")[2].decode().splitlines()
    return int(lines[1]), lines[2]


def check_all(setting: Setting, system: Piperoll, witness: Witness, heads: list[tuple[int, str]]) -> None:
    system.settle()
    head = wait_for_head(system) if heads else None
    decode = base64.b64decode
    for size, root in heads:
        if size > head[0]:
            raise RuntimeError(f"R1: a checkpoint of {size} events is before one of {head[0]}")
        told = system.answer(system.get(f"/v1/logs/{system.organisation}/consistency",
                                        {"from": size, "to": head[0]}))
        if not consistent(size, head[0], decode(root), decode(head[1]), [decode(h) for h in told["proof"]]):
            raise RuntimeError(f"R1: the checkpoint of {size} events is not one of the tree of {head[0]}")
    system.stop()
    exported = [json.loads(line) for line in system.command("export", "--org", "bench").splitlines()[:-1]]
    faults = witness.faults(exported)
    if heads:
        verdict = json.loads(processes.run([setting.options.binary, "verify", "--data",
                                            str(system.folder)]).splitlines()[0])
        if verdict["verdict"] != "valid":
            faults.append(f"verify: {verdict}")
    system.start()
    if faults:
        raise RuntimeError(f"R1: {len(faults)} faults; the first: {faults[0]}")
    setting.results.check(
        "R1", system.name, True,
        f"{setting.kills} kills: {len(witness.acked)} acknowledged batches of {BATCH} all whole, "
        f"{len(exported) // BATCH - len(witness.acked)} more whole ones, no partial one"
        + (f"; {len(heads)} earlier checkpoints consistent with the last; verify: valid" if heads else ""))


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def consistent(first: int, second: int, first_root: bytes, second_root: bytes, proof: list[bytes]) -> bool:
    """RFC 9162 section 2.1.4.2."""
    if first == 0 or first == second:
        return not proof and (first == 0 or first_root == second_root)
    path = [first_root, *proof] if first & (first - 1) == 0 else list(proof)
    at, last = first - 1, second - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    if not path or first > second:
        return False
    old = new = path[0]
    for hash_ in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = node(hash_, old), node(hash_, new)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            new = node(new, hash_)
        at, last = at >> 1, last >> 1
    return old == first_root and new == second_root and last == 0


def wait_for_head(system: Piperoll, timeout_s: float = 30) -> tuple[int, str]:
    """The checkpoint of everything that is stored."""
    deadline = time.monotonic() + timeout_s
    page = decoded(system.exchange(system.get("/v1/events", {"limit": 1, "count": "exact"})))
    while time.monotonic() < deadline:
        head = head_of(system)
        if head[0] >= page["count"]:
            return head
        time.sleep(0.05)
    raise RuntimeError(f"R1: no checkpoint of {page['count']} events after {timeout_s} s")
