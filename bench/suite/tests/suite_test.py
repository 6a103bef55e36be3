#!/usr/bin/env python3
"""The parts of the benchmark suite that only compute: no system is started, nothing is measured."""

import json
import socket
import sqlite3
import struct
import sys
import tempfile
import threading
import types
import unittest
import xml.etree.ElementTree as xml
from itertools import repeat
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import asking  # noqa: E402
import measure  # noqa: E402
import report  # noqa: E402
import sql  # noqa: E402
import svg  # noqa: E402
import syncs  # noqa: E402
from driver import Driver, Message, Plan  # noqa: E402
from events import Corpus, Row, Survey, microseconds, moved, native_of_recorded, rfc3339, row_of  # noqa: E402
from growth import exponents  # noqa: E402
from queries import Answer, Case, Draw, Filter, Query, Scan, brute_force  # noqa: E402
from recovery import BATCH, Witness, consistent, node  # noqa: E402
from rivals.clickhouse import ClickHouseFramer, table_of
from rivals.forms import COPY, NDJSON, TABS, TUPLES, line_batches, tuple_batches, written  # noqa: E402
from rivals.http_frame import HttpFramer, body_of, request_bytes  # noqa: E402
from rivals.piperoll import anonymous, filters_of  # noqa: E402
from rivals.postgres import Postgres, messages_of, rows_of, simple_query  # noqa: E402
from rivals.rows import answer_of, parameters_of  # noqa: E402
from shapes import SHAPES  # noqa: E402

START = 1_700_000_000_000_000
RECORDED = {"id": "8c5a3f63-0f6c-4c1e-b18a-000000000001", "created_at": "2020-09-01T12:00:00.125Z",
            "org_id": "acme.example", "source": "host", "action": "file.read",
            "actor": {"id": "u1", "type": "user", "name": ""}, "target": {"id": "t"}, "status": "success",
            "source_ip_address": "10.0.0.1", "context": {}}


def rows_of_all_kinds(count=600):
    """Rows with repeated, absent and awkward values, several at the same time."""
    rows = []
    for n in range(count):
        rows.append(Row(n + 1, f"id-{n}", START + (n * 7919 % count) // 3 * 600_000_000,
                        f"action.{n % 7}", f"actor-{n % 13}", None if n % 5 == 0 else f"Na'me \\ {n % 11}",
                        None, None, "10.0.0.1" if n % 3 else None,
                        ("success", "failure", "intent")[n % 3], f"source-{n % 2}", "{}"))
    return rows


class Statistics(unittest.TestCase):
    def test_a_percentile_is_a_value_that_occurred(self):
        self.assertEqual(measure.percentile([3, 1, 2], 0.5), 2)
        self.assertEqual(measure.percentile(range(1, 101), 0.99), 99)
        self.assertEqual(measure.percentile([7], 0.999), 7)
        with self.assertRaises(ValueError):
            measure.percentile([], 0.5)

    def test_the_growth_exponent_of_a_square_is_two(self):
        self.assertAlmostEqual(measure.growth_exponent([10, 100, 1000], [1, 100, 10_000]), 2)

    def test_the_slowest_window_is_the_least_mean_of_neighbours(self):
        self.assertEqual(measure.slowest_window([9, 1, 2, 9], 2), 1.5)
        self.assertIsNone(measure.slowest_window([1], 2))

    def test_every_other_round_goes_backwards(self):
        order = []
        measure.interleaved(["a", "b"], 3, lambda name, number: order.append(f"{name}{number}"))
        self.assertEqual(order, ["a0", "b0", "b1", "a1", "a2", "b2"])

    def test_few_latencies_have_a_worst_one_and_no_tail(self):
        results = measure.Results({}, {})
        results.add_latencies("Q1", "c", "s", "", [0.001] * 20)
        self.assertEqual([r.metric for r in results.records], ["p50 ms", "p99 ms"])
        self.assertEqual(results.records[1].note, "worst of 20")


class Events(unittest.TestCase):
    def test_times_keep_their_microseconds(self):
        self.assertEqual(rfc3339(microseconds("2020-09-01T12:00:00.123456Z")), "2020-09-01T12:00:00.123456Z")
        self.assertEqual(microseconds("1970-01-01T01:00:00+01:00"), 0)

    def test_a_recorded_event_and_its_row_say_the_same(self):
        event = native_of_recorded(RECORDED)
        row = row_of(event, 7)

        self.assertEqual(event["actor"], {"id": "u1", "type": "user"})
        self.assertEqual((row.position, row.actor_id, row.actor_name, row.source_ip_address),
                         (7, "u1", None, "10.0.0.1"))
        self.assertEqual(json.loads(row.fields)["target"], {"id": "t"})

    def test_a_repetition_has_another_id_a_later_time_and_other_actors(self):
        event = native_of_recorded(RECORDED)
        again = moved(event, 3, 1_000_000)

        self.assertNotEqual(again["id"], event["id"])
        self.assertEqual(again["occurred_at"], "2020-09-01T12:00:03.125000Z")
        self.assertEqual(again["actor"]["id"], "u1~2")
        self.assertEqual(moved(event, 0, 1_000_000), event)


    def test_a_generated_line_stays_as_it_came_unless_something_of_it_is_empty(self):
        lines = [json.dumps({"id": f"i{n}", "occurred_at": "2020-09-01T12:00:00Z", "action": "a", **more})
                 for n, more in enumerate(({"source": "\u00e9"}, {"summary": ""}))]
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        (folder / "events").write_text("\n".join(lines) + "\n", encoding="utf-8")
        (folder / "piperoll").write_text(f"#!/bin/sh\ncat '{folder}/events'\n", encoding="utf-8")
        (folder / "piperoll").chmod(0o755)

        (first, row), (second, _) = Corpus(2, binary=str(folder / "piperoll")).walk()

        self.assertEqual((first.decode(), row.source, row.position), (lines[0], "\u00e9", 1))
        self.assertEqual(second, b'{"id":"i1","occurred_at":"2020-09-01T12:00:00Z","action":"a"}')

    def test_adversarial_events_stay_within_the_limits_of_an_event(self):
        event = native_of_recorded({**RECORDED, "actor": {"id": "u" * 256, "name": "n"}})
        for name, shape in SHAPES.items():
            row = row_of(shape(event, 20), 1)
            self.assertLessEqual(max(len(row.actor_id), len(row.actor_name)), 256, name)
            self.assertLessEqual(len(row.action), 128, name)
        self.assertEqual(SHAPES["late"](event, 20)["occurred_at"][:4], "2015")
        self.assertNotEqual(SHAPES["unique"](event, 1)["action"], SHAPES["unique"](event, 2)["action"])

    def test_the_end_of_a_page_is_that_of_the_newest_fifty(self):
        found = Survey()
        for row in rows_of_all_kinds(600):
            found.add(b"", row)
        times = sorted(((r.created_us, r.position) for r in rows_of_all_kinds(600)), reverse=True)
        of_one = [(r.created_us, r.position) for r in rows_of_all_kinds(600) if r.action == "action.3"]
        self.assertEqual(found.end_of_page(None), times[49])
        self.assertEqual(found.end_of_page("action.3"), sorted(of_one, reverse=True)[49])


class Translation(unittest.TestCase):
    def test_sqlite_answers_as_the_brute_force_scan(self):
        rows = rows_of_all_kinds()
        database = sqlite3.connect(":memory:")
        database.execute(f"CREATE TABLE audit_logs ({', '.join(sql.COLUMNS)})")
        database.executemany(f"INSERT INTO audit_logs VALUES ({', '.join('?' * len(sql.COLUMNS))})",
                             [parameters_of(row) for row in rows])
        found = Survey(kept=[])
        for row in rows:
            found.add(b"", row)
        found.sample = rows

        for case in Draw(found, seed=1).cases():
            for query in case.queries:
                answer = answer_of(query, database.execute(sql.statement(query, sql.SQLITE)).fetchall())
                self.assertEqual(answer, brute_force(query, rows), f"{case.name}: {query}")

    def test_an_insert_of_literals_gives_back_what_was_put_in(self):
        rows = rows_of_all_kinds(20)
        database = sqlite3.connect(":memory:")
        database.execute(f"CREATE TABLE audit_logs ({', '.join(sql.COLUMNS)})")
        database.execute(sql.insert(rows, sql.SQLITE))
        self.assertEqual([row[2:] for row in database.execute("SELECT * FROM audit_logs")],
                         [parameters_of(row)[2:] for row in rows])

    def test_quotes_and_backslashes_stay_inside_their_literal(self):
        self.assertEqual(sql.POSTGRES.text("a'b\\"), "'a''b\\'")
        self.assertEqual(sql.CLICKHOUSE.text("a'b\\"), "'a\\'b\\\\'")
        self.assertEqual((sql.POSTGRES.text(None), sql.CLICKHOUSE.text(None)), ("NULL", "''"))

    def test_inequality_keeps_rows_without_the_value(self):
        query = Query("page", (Filter("actor_name", "neq", "x"),))
        self.assertIn("IS DISTINCT FROM 'x'", sql.statement(query, sql.POSTGRES))
        self.assertIn("IS NOT 'x'", sql.statement(query, sql.SQLITE))

    def test_clickhouse_finds_keys_first_and_rows_then(self):
        text = sql.statement(Query("page"), sql.CLICKHOUSE)
        self.assertIn("(created_at, id) IN (SELECT created_at, id", text)

    def test_the_native_api_gets_the_same_filters(self):
        query = Query("page", (Filter("actor_id", "eq", "u"), Filter("action", "neq", "a"),
                               Filter("actor_name", "contains", "n")), after_us=0)
        self.assertEqual(filters_of(query), {"actor.id": "u", "action.ne": "a", "actor.name.contains": "n",
                                             "occurred_after": "1970-01-01T00:00:00.000000Z"})

    def test_tab_separated_values_come_back(self):
        rows = [row._replace(actor_name="tab\tline\nback\\slash\\t") for row in rows_of_all_kinds(3)]
        data = TABS.encode([(b"", row) for row in rows]).decode()
        self.assertEqual([values[4] for values in table_of(data)], [row.actor_name for row in rows])
        self.assertEqual(answer_of(Query("page"), table_of(data)).ids, tuple(row.id for row in rows))

    def test_too_many_parts_are_for_later_and_other_errors_are_failures(self):
        for text, verdict in (("Too many parts (300)", "refused"), ("Syntax error", "failed")):
            self.assertEqual(ClickHouseFramer().verdict(bytearray(f"HTTP/1.1 500 X\r\n\r\n{text}".encode())), verdict)

    def test_an_event_for_loading_again_has_neither_id_nor_time(self):
        self.assertEqual(anonymous(b'{"id":"x","occurred_at":"y","action":"a"}'), b'{"action":"a"}')


class Forms(unittest.TestCase):
    def events(self, count):
        return [(f'{{"id":"{row.id}"}}'.encode(), row) for row in rows_of_all_kinds(count)]

    def files(self, events, *forms):
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.assertEqual(list(written(events, forms, folder)), events)
        return [folder / form.file for form in forms]

    def test_lines_come_back_whole_and_in_order(self):
        events = self.events(2500)
        ndjson, copied = self.files(events, NDJSON, COPY)
        batches = list(line_batches(ndjson, 999))
        self.assertEqual([batch.count(b"\n") for batch in batches], [999, 999, 502])
        self.assertEqual(b"".join(batches).splitlines(), [line for line, _ in events])
        self.assertEqual(copied.read_bytes().count(b"\n"), 2500)

    def test_tuples_come_back_as_they_were(self):
        events = self.events(1500)
        file, = self.files(events, TUPLES)
        self.assertEqual([row for batch in tuple_batches(file) for row in batch],
                         [parameters_of(row) for _, row in events])

    def test_copy_tells_absent_from_empty_and_escapes_what_is_special(self):
        row = rows_of_all_kinds(1)[0]._replace(actor_name=None, actor_id="", source="a\tb\nc\\N")
        self.assertEqual(COPY.encode([(b"", row)]).decode(), "1\t2023-11-14T22:13:20.000000Z\taction.0\t\t\\N\t\\N\t"
                         "\\N\t\\N\tsuccess\tid-0\t{}\ta\\tb\\nc\\\\N\n")

    def test_a_copy_is_one_request_with_its_data(self):
        request = Postgres(None).loading(b"1\tx\n")
        (length,) = struct.unpack_from("!I", request, 1)
        self.assertEqual(request[1 + length:], b"d\x00\x00\x00\x081\tx\nc\x00\x00\x00\x04")


class Wire(unittest.TestCase):
    def test_an_answer_with_a_length_is_complete_with_its_last_byte(self):
        answer = b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc"
        framer = HttpFramer()
        for end in range(len(answer)):
            self.assertFalse(framer.complete(bytearray(answer[:end])))
        self.assertTrue(framer.complete(bytearray(answer)))
        self.assertEqual(body_of(answer), b"abc")

    def test_chunks_are_put_together(self):
        answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"
        self.assertTrue(HttpFramer().complete(bytearray(answer)))
        self.assertEqual(body_of(answer), b"abcde")

    def test_come_again_later_is_no_failure(self):
        for status, verdict in ((201, "ok"), (429, "refused"), (503, "refused"), (500, "failed"), (409, "failed")):
            self.assertEqual(HttpFramer().verdict(bytearray(f"HTTP/1.1 {status} X\r\n\r\n".encode())), verdict)

    def test_a_request_tells_its_length(self):
        self.assertIn(b"Content-Length: 2\r\n\r\n{}", request_bytes("POST", "/x", {}, b"{}"))

    def test_rows_of_postgresql_are_read_and_its_errors_raised(self):
        row = b"D\x00\x00\x00\x0f\x00\x02\x00\x00\x00\x01x\xff\xff\xff\xff"
        self.assertEqual(rows_of(row + b"Z\x00\x00\x00\x05I"), [["x", None]])
        self.assertEqual([kind for kind, _ in messages_of(row + b"Z\x00\x00\x00\x05I")], [b"D", b"Z"])
        with self.assertRaisesRegex(RuntimeError, "no such table"):
            rows_of(b"E\x00\x00\x00\x13Mno such table\0\0")
        self.assertEqual(simple_query("x"), b"Q\x00\x00\x00\x06x\0")


class Answering(threading.Thread):
    """The far end of a socket pair: answers each request of one line with the next of its answers."""

    def __init__(self, answers):
        super().__init__(daemon=True)
        self.near, self.far = socket.socketpair()
        self.answers = answers
        self.start()

    def run(self):
        with self.far, self.far.makefile("rb") as requests:
            for answer in self.answers:
                if not requests.readline():
                    break
                self.far.sendall(f"HTTP/1.1 {answer} X\r\nContent-Length: 0\r\n\r\n".encode())


class Driving(unittest.TestCase):
    def drive(self, answers, connections=1, **plan):
        ends = [Answering(answers) for _ in range(connections)]
        messages = repeat(Message(b"x\n", 10))
        load = Driver([(end.near, HttpFramer()) for end in ends], messages).run(Plan(seconds=30, **plan))
        for end in ends:
            end.join(timeout=30)
        return load

    def test_every_answer_is_counted_by_what_it_says(self):
        load = self.drive([200, 503, 500, 201], messages_max=4)
        self.assertEqual((load.acked, load.refused, load.failed, load.messages), (20, 10, 10, 4))
        self.assertEqual(len(load.latencies), 2)
        self.assertIn("500", load.first_failure)

    def test_messages_go_over_all_connections(self):
        load = self.drive(repeat(200), connections=3, messages_max=15)
        self.assertEqual((load.acked, sum(load.timeline)), (150, 150))

    def test_a_connection_that_closes_has_failed_and_ends_nothing_else(self):
        load = self.drive([200], messages_max=5)
        self.assertEqual((load.acked, load.failed), (10, 10))
        self.assertTrue(load.first_failure)

    def test_an_open_loop_sends_as_many_as_are_due(self):
        load = self.drive(repeat(200), rate_per_s=1e6, messages_max=8)
        self.assertEqual(load.acked, 80)
        self.assertEqual(len(load.latencies), 8)


class Comparing(unittest.TestCase):
    class Fake:
        def __init__(self, name, answer):
            self.name, self.answer = name, answer

        def ask(self, query):
            return self.answer

    def compare(self, kept, *counts):
        results = measure.Results({}, {})
        setting = types.SimpleNamespace(survey=Survey(kept=kept), results=results)
        systems = [self.Fake(f"s{n}", Answer(count=count)) for n, count in enumerate(counts)]
        asking.compare(setting, systems, [Case("Q6", "count of all", (Query("count"),))])
        return results

    def test_equal_answers_are_noted_and_others_stop_the_timing(self):
        self.assertEqual(len(self.compare(None, 3, 3).checks), 2)
        with self.assertRaisesRegex(asking.Unequal, "s1"):
            self.compare(None, 3, 4)

    def test_all_may_agree_and_still_be_wrong(self):
        rows = rows_of_all_kinds(3)
        self.assertEqual(len(self.compare(rows, 3, 3).checks), 2)
        with self.assertRaisesRegex(asking.Unequal, "brute force"):
            self.compare(rows, 4, 4)


class Durability(unittest.TestCase):
    TRACE = ("10 100.000100 fdatasync(5) = 0 <0.000100>\n"
             "11 100.000300 fsync(7 <unfinished ...>\n"
             "10 100.000350 fdatasync(5) = -1 EIO (Input/output error) <0.000010>\n"
             "11 100.000500 <... fsync resumed>) = 0 <0.000200>\n"
             "11 +++ exited with 0 +++\n")

    def test_whole_and_interrupted_lines_are_syncs_and_failed_ones_are_not(self):
        found = syncs.read_trace(self.TRACE)
        self.assertEqual([(s.call, s.began) for s in found], [("fdatasync", 100.0001), ("fsync", 100.0003)])

    def test_an_acknowledgement_needs_a_whole_sync_of_its_own(self):
        found = syncs.read_trace(self.TRACE)
        proof = syncs.prove(found, [(100.0, 100.00025), (100.0004, 100.0006)])
        self.assertEqual((proof.acknowledgements, proof.proved, proof.durable), (2, 1, False))
        self.assertTrue(syncs.prove(found, [(100.0, 100.00025)]).durable)

    def test_lost_partial_and_doubled_batches_are_found(self):
        witness = Witness(None, [])
        witness.acked = {0, 1}
        whole = [{"id": f"kill-0-{n}", "seq": n} for n in range(BATCH)]
        self.assertEqual(witness.faults([*whole, {"id": "kill-2-0", "seq": BATCH}]),
                         ["batch 1 was acknowledged and is gone", f"batch 2 has 1 of {BATCH} events"])
        witness.acked = {0}
        self.assertEqual(witness.faults(whole), [])
        self.assertEqual(witness.faults(whole[1:] + whole[:1]), ["the sequence has gaps or repeats"])


class Trees(unittest.TestCase):
    @staticmethod
    def root(leaves):
        if len(leaves) == 1:
            return leaves[0]
        half = 1 << ((len(leaves) - 1).bit_length() - 1)
        return node(Trees.root(leaves[:half]), Trees.root(leaves[half:]))

    @staticmethod
    def proof(first, leaves, whole=True):
        """RFC 9162 section 2.1.4.1, SUBPROOF."""
        if first == len(leaves):
            return [] if whole else [Trees.root(leaves)]
        half = 1 << ((len(leaves) - 1).bit_length() - 1)
        if first <= half:
            return [*Trees.proof(first, leaves[:half], whole), Trees.root(leaves[half:])]
        return [*Trees.proof(first - half, leaves[half:], False), Trees.root(leaves[:half])]

    def test_proofs_of_every_two_small_sizes_hold_and_changed_ones_do_not(self):
        leaves = [bytes([n + 1]) * 32 for n in range(17)]
        for second in range(1, 18):
            for first in range(1, second + 1):
                roots = self.root(leaves[:first]), self.root(leaves[:second])
                proof = self.proof(first, leaves[:second])
                self.assertTrue(consistent(first, second, *roots, proof), (first, second))
                self.assertFalse(consistent(first, second, bytes(32), roots[1], proof))
                self.assertFalse(consistent(first, second, *roots, [*proof, bytes(32)]))


class Growth(unittest.TestCase):
    def test_an_exponent_needs_two_sizes(self):
        def result(events, median, more=()):
            record = {"workload": "Q9", "case": f"skip {events // 2:,}", "system": "s", "metric": "p50 ms", "median": median}
            return {"settings": {"events": events}, "records": [record, *more]}

        single = {"workload": "Q1", "case": "c", "system": "s", "metric": "p50 ms", "median": 1.0}
        found = exponents([result(1000, 1.0, [single]), result(100_000, 10.0)])
        self.assertEqual(list(found), ["Q9 skip"])
        self.assertAlmostEqual(found["Q9 skip"]["s"], 0.5)


class Report(unittest.TestCase):
    def results(self):
        results = measure.Results(
            {"command": "run.py", "events": 1000, "data": "d", "rounds": 2},
            {"processors": 2, "processor": "p", "memory_gib": 1, "kernel": "k", "date": "x", "busy": True,
             "load_before": 9.0})
        results.systems = {"ours": {"title": "Ours", "version": "1", "acknowledged": "synced"},
                           "theirs": {"title": "Theirs", "version": "2", "acknowledged": "early"}}
        results.left_out = {"absent": "it is\nnot installed | here"}
        results.durability = [{"system": "theirs", "promise": "early", "acknowledgements": 10, "proved": 0,
                               "syncs": 0, "calls": []}]
        for value in (3.0, 1.0, 2.0):
            results.add("Q1", "page <a>", "ours", "p99 ms", value)
            results.add("Q1", "page <a>", "theirs", "p99 ms", value / 10)
        results.add("I1", "1 × 1", "ours", "events/s", 100.0, higher_is_better=True)
        results.skip("I1", "1 × 1", "theirs", "one writer")
        results.skip("Durability", "all", "ours", "no strace")
        return results

    def test_a_rival_that_wins_is_in_bold(self):
        page = report.to_markdown(self.results())
        self.assertIn("| page <a> | 2.00 (1.00–3.00) | **0.200 (0.100–0.300)** |", page)

    def test_ratios_are_paired_and_name_the_rival_that_is_better(self):
        results = self.results()
        results.systems = {"piperoll": results.systems["ours"], "theirs": results.systems["theirs"]}
        for record in results.records:
            record.system = record.system.replace("ours", "piperoll")
        page = report.to_markdown(results)
        self.assertIn("| Q1: page <a>, p99 ms | **0.100 ×** |", page)
        ours, theirs = (measure.Record("I1", "c", name, "events/s", values, True)
                        for name, values in (("piperoll", [2.0, 8.0, 3.0]), ("theirs", [1.0, 2.0, 3.0])))
        self.assertEqual(report.better_by(ours, theirs), 2.0)
        theirs.values[0] = 0.0
        self.assertIsNone(report.better_by(ours, theirs))

    def test_what_was_left_out_or_acknowledges_early_is_on_the_page(self):
        page = report.to_markdown(self.results())
        for text in ("| it is not installed \\| here |", "one writer", "no strace", "acknowledges before it is durable", "a trial, not results"):
            self.assertIn(text, page)

    def test_workloads_of_one_round_and_what_each_took_are_on_the_page(self):
        results = self.results()
        results.settings |= {"once": ["I4", "C1"], "took_s": {"I1": 61.2, "I4": 300.0}}
        page = report.to_markdown(results)
        self.assertIn("2 rounds (I4, C1: one);", page)
        self.assertIn("Seconds that it took: I1 61, I4 300.", page)

    def test_the_json_holds_every_round(self):
        read = json.loads(report.to_json(self.results()))
        self.assertEqual(read["records"][0]["values"], [3.0, 1.0, 2.0])
        self.assertEqual((read["records"][0]["median"], read["records"][0]["low"]), (2.0, 1.0))

    def test_pictures_are_well_formed(self):
        pictures = report.pictures(self.results())
        self.assertEqual(sorted(pictures), ["i1.svg", "q1.svg"])
        for picture in pictures.values():
            self.assertTrue(xml.fromstring(picture).tag.endswith("svg"))

    def test_a_picture_of_zeros_is_drawn(self):
        self.assertIn("<svg", svg.bars("t", "u", ["a"], [svg.Bar("g", "a", 0, 0, 0)]))

    def test_numbers_have_three_digits(self):
        self.assertEqual([svg.number(v) for v in (0, 0.0123, 1.5, 98_023.4)], ["0", "0.0123", "1.50", "98,023"])


class Questions(unittest.TestCase):
    def test_absent_values_are_last_upwards_and_first_downwards(self):
        rows = rows_of_all_kinds(10)
        up = brute_force(Query("page", sort="actor_name", descending=False), rows)
        down = brute_force(Query("page", sort="actor_name"), rows)
        self.assertEqual(up.ids, tuple(reversed(down.ids)))
        self.assertEqual(down.ids[:2], ("id-5", "id-0"))

    def test_the_same_seed_draws_the_same_questions(self):
        found = Survey(kept=[])
        for row in rows_of_all_kinds():
            found.add(b"", row)
        found.sample = found.kept
        self.assertEqual(Draw(found, 3).cases(), Draw(found, 3).cases())
        self.assertNotEqual(Draw(found, 3).cases(), Draw(found, 4).cases())

    def test_a_scan_that_remembers_answers_as_one_that_does_not(self):
        rows = rows_of_all_kinds()
        found = Survey(kept=[])
        for row in rows:
            found.add(b"", row)
        found.sample = rows
        scan = Scan(found.kept)

        for case in Draw(found, seed=2).cases():
            for query in case.queries:
                self.assertEqual(scan.answer(query), brute_force(query, rows), f"{case.name}: {query}")

    def test_a_table_counts_and_orders_equal_counts_by_value(self):
        rows = rows_of_all_kinds(6)
        self.assertEqual(brute_force(Query("facet", limit=2), rows),
                         Answer(table=(("action.0", 1), ("action.1", 1))))


if __name__ == "__main__":
    unittest.main()
