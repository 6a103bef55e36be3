"""Workloads that read: Q1 to Q13 after Q14 (equal answers), M1 beside writing, C1 after a cold start."""

from __future__ import annotations

import json
import multiprocessing
import os
import time

import measure
from driver import Load, Plan
from events import microseconds
from ingest import at_rest, best_rate, pool_of
from queries import EVERY_PAIR, Answer, Case, Draw, Filter, Query, Scan
from rivals.base import Ingest, Server, System
from setting import Setting, say

USERS = 16
THINK_S = 0.1
SHARE_M1 = 0.7
EXPECTED_FIELDS = ("action", "actor_id", "actor_name", "request_id", "source_ip_address", "status", "source")


class Unequal(RuntimeError):
    """Two systems answered differently: nothing is timed."""


def loaded(setting: Setting, kinds: list[type[System]]) -> list[System]:
    """The systems, running at once with the whole corpus; what an earlier workload loaded is used again."""
    setting.survey_of_all()
    for kind in kinds:
        if kind.name in setting.loaded:
            continue
        say(f"loading {setting.corpus.size:,} events into {kind.title}")
        setting.loaded[kind.name] = kind(setting.options)
        try:
            fill(setting, setting.loaded[kind.name])
        except BaseException:  # the next workload is not to find half of the events
            setting.loaded.pop(kind.name).stop()
            raise
    if all(kind.name in setting.loaded for kind in setting.kinds):
        setting.forget_files()
    return [setting.loaded[kind.name] for kind in kinds]


def fill(setting: Setting, system: System) -> None:
    system.create(setting.new_folder())
    began = time.perf_counter()
    system.load(setting.written / system.form.file)
    setting.results.systems[system.name]["loaded_in_s"] = round(time.perf_counter() - began, 1)
    system.settle()
    at_rest(setting, system, "Load", setting.corpus.size)


def compare(setting: Setting, systems: list[System], cases: list[Case]) -> None:
    """Q14: every question to every system before anything is timed; Unequal when two differ."""
    scan = Scan(setting.survey.kept) if setting.survey.kept is not None else None
    differences, questions = [], 0
    for case in cases:
        for query in case.queries:
            questions += 1
            answers = {system.name: system.ask(query) for system in systems}
            if scan:
                answers["brute force"] = scan.answer(query)
            if len(set(answers.values())) > 1:
                differences.append(f"{case.workload} {case.name}: {query}: {shortened(answers)}")
    if differences:
        raise Unequal(f"{len(differences)} of {questions} answers differ; the first: {differences[0]}")
    judge = "each other and a brute-force scan" if scan else "each other"
    for system in systems:
        setting.results.check("Q14", system.name, True, f"{questions} answers (ids in order, counts, "
                              f"tables) equal to {judge}")


def shortened(answers: dict[str, Answer]) -> dict[str, str]:
    return {name: str(answer)[:400] for name, answer in answers.items()}


def expected_counts(setting: Setting, systems: list[System]) -> None:
    """Q14 again, for a recorded file that comes with expected answers, when all of it is loaded."""
    path = setting.corpus.path
    file = path.split(".ndjson")[0] + ".expected.json" if path else ""
    if not os.path.isfile(file):
        return
    with open(file, encoding="utf-8") as opened:
        written = json.load(opened)["queries"]
    if max(entry["count"] for entry in written) != setting.corpus.size:
        return
    asked = 0
    for entry in written:
        query = query_of_expected(entry)
        if query is None:
            continue
        asked += 1
        for system in systems:
            count = system.ask(query).count
            if count != entry["count"]:
                raise Unequal(f"{entry['name']}: {system.title} counts {count}, expected {entry['count']}")
    for system in systems:
        setting.results.check("Q14", system.name, True, f"{asked} counts equal to {os.path.basename(file)}")


def query_of_expected(entry: dict) -> Query | None:
    """The count of one written query, if it means the same in all systems."""
    operations = {"eq": "eq", "neq": "neq", "~eq-ci": "contains"}
    filters = []
    for wanted in entry["filters"]:
        plain = wanted["value"].isascii() and wanted["value"] and not set(wanted["value"]) & set("%_\\")
        if wanted["field"] not in EXPECTED_FIELDS or wanted["op"] not in operations or not (
                plain or wanted["op"] == "eq"):
            return None
        filters.append(Filter(wanted["field"], operations[wanted["op"]], wanted["value"]))
    after = microseconds(entry["after"]) if entry["after"] else None
    before = microseconds(entry["before"]) + 1 if entry["before"] else None  # inclusive there
    return Query("count", tuple(filters), after, before)


def questions(setting: Setting) -> None:
    """Q1 to Q14: load, compare, then time the systems in turns, question by question."""
    systems = loaded(setting, setting.kinds)
    cases = Draw(setting.survey, setting.seed).cases()
    say(f"comparing the answers to {sum(len(c.queries) for c in cases)} questions")
    compare(setting, systems, cases)
    expected_counts(setting, systems)
    for case in cases:
        say(f"{case.workload}: {case.name}")
        time_case(setting, systems, case)
    for system in systems:
        setting.results.add("Load", "memory after all questions", system.name, "MiB",
                            measure.memory_mib(system.pid))


def time_case(setting: Setting, systems: list[System], case: Case) -> None:
    prepared = {system.name: [system.prepare(query) for query in case.queries] for system in systems}
    for system in systems:  # warm: not counted
        for question in prepared[system.name]:
            system.timed(question)

    def one(system: System, number: int) -> None:
        took: list[float] = []
        until = time.perf_counter() + setting.case_seconds
        while len(took) < setting.repeats and (not took or time.perf_counter() < until):
            took += [system.timed(question)[0] for question in prepared[system.name]]
        setting.results.add_latencies(case.workload, case.name, system.name, "", took)
        if case.name == EVERY_PAIR:  # nobody can know which pair is an unlucky one
            setting.results.add(case.workload, case.name, system.name, "worst ms", max(took) * 1000)

    measure.interleaved(systems, setting.rounds, one)


def beside(setting: Setting) -> None:
    """M1: 16 users with thinking time while 70 % of the best rate is written; both sides' p99."""
    kinds = [kind for kind in setting.kinds if issubclass(kind, Server)]
    for kind in setting.kinds:
        if kind not in kinds:
            setting.results.skip("M1", "mixed", kind.name, "in process: users would be threads of the writer")
    rates = {kind.name: best_rate(setting, kind) * SHARE_M1 for kind in kinds}

    def one(system: Server, number: int) -> None:
        say(f"M1 round {number + 1}: {system.title}, {rates[system.name]:,.0f} events/s and {USERS} users")
        mixed(setting, system, rates[system.name])

    measure.interleaved(loaded(setting, kinds), setting.rounds, one)


def mixed(setting: Setting, system: Server, rate: float) -> None:
    cases = [c for c in Draw(setting.survey, setting.seed).cases() if c.workload in ("Q1", "Q2", "Q7", "Q13")]
    requests = [system.prepare(query) for case in cases for query in case.queries]
    idle = system.users(requests, USERS, Plan(setting.steady_seconds, pause_s=THINK_S, seed=setting.seed))
    work = Ingest(pool_of(setting), 1000, 8, Plan(setting.steady_seconds, rate_per_s=rate / 1000))
    ours, theirs = multiprocessing.get_context("fork").Pipe()
    writer = multiprocessing.get_context("fork").Process(target=write_beside, args=(system, work, theirs))
    writer.start()
    theirs.close()
    busy = system.users(requests, USERS, Plan(setting.steady_seconds, pause_s=THINK_S, seed=setting.seed))
    written: Load = ours.recv()
    writer.join()
    add = setting.results.add
    for case, load in (("users alone", idle), ("users beside writing", busy)):
        if load.failed:
            raise RuntimeError(f"M1: {system.title}: {load.first_failure}")
        setting.results.add_latencies("M1", case, system.name, "", load.latencies)
        add("M1", case, system.name, "answers/s", load.acked / load.elapsed_s, higher_is_better=True)
    setting.results.add_latencies("M1", "writing beside users", system.name, "ack ", written.latencies)
    add("M1", "writing beside users", system.name, "events/s", written.events_per_s, higher_is_better=True)


def write_beside(system: Server, work: Ingest, answers) -> None:
    """The writer's process."""
    answers.send(system.ingest(work))
    answers.close()


def cold(setting: Setting) -> None:
    """C1: stopped, its files dropped from the page cache, started; the first answer of each question."""
    cases = {}
    for case in Draw(setting.survey, setting.seed).cases():
        cases.setdefault(case.workload, case)

    def one(system: System, number: int) -> None:
        say(f"C1 round {number + 1}: {system.title}")
        for case in cases.values():
            prepared = system.prepare(case.queries[0])
            system.stop()
            system.cool()
            began = time.perf_counter()
            system.start()
            started.setdefault(system.name, []).append(time.perf_counter() - began)
            took, _ = system.timed(prepared)
            setting.results.add("C1", f"{case.workload} {case.name}", system.name, "first answer ms", took * 1000)

    started: dict[str, list[float]] = {}
    systems = loaded(setting, setting.kinds)
    measure.interleaved(systems, setting.rounds, one)
    for system in systems:
        setting.results.add_latencies("C1", "start to ready", system.name, "", started[system.name])
