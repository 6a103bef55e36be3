"""Questions that mean the same to every system, values drawn by rank, and a brute-force answer.

Meaning: `eq` exact, `neq` other or absent, `contains` folds ASCII case; times are [after, before);
pages are ordered by one field and then by position in the same direction, absent values last when
ascending and first when descending.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from operator import attrgetter
from typing import Literal

from events import NEWEST, Row, Survey

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
PAGE = NEWEST
SKIP = 100_000
EVERY_PAIR = "action and actor, every pair of the most frequent"
ABSENT = "nobody-of-that-name"


@dataclass(frozen=True)
class Filter:
    field: str
    op: Literal["eq", "neq", "contains"]
    value: str


@dataclass(frozen=True)
class Query:
    """One question; `after_row` (time, position) is the last row of the page before."""

    kind: Literal["page", "count", "get", "facet", "histogram"]
    filters: tuple[Filter, ...] = ()
    after_us: int | None = None
    before_us: int | None = None
    sort: str = "created_us"
    descending: bool = True
    limit: int = PAGE
    offset: int = 0
    after_row: tuple[int, int] | None = None
    row: tuple[int, str] | None = None  # get: position and id
    facet: str = "action"


@dataclass(frozen=True)
class Answer:
    """What is compared: a count, ids in order, or (value, count) pairs."""

    count: int | None = None
    ids: tuple[str, ...] | None = None
    table: tuple[tuple[str, int], ...] | None = None


@dataclass(frozen=True)
class Case:
    """One line of a table: questions of one shape with different values."""

    workload: str
    name: str
    queries: tuple[Query, ...]


def matches(query: Query, row: Row) -> bool:
    if query.after_us is not None and row.created_us < query.after_us:
        return False
    if query.before_us is not None and row.created_us >= query.before_us:
        return False
    for wanted in query.filters:
        value = getattr(row, wanted.field)
        if wanted.op == "eq" and value != wanted.value:
            return False
        if wanted.op == "neq" and value == wanted.value:
            return False
        if wanted.op == "contains" and (value is None or wanted.value.lower() not in value.lower()):
            return False
    return True


def _table(counted: Counter, limit: int | None) -> tuple[tuple[str, int], ...]:
    if limit is None:
        return tuple(sorted(counted.items()))
    return tuple(sorted(counted.items(), key=lambda c: (-c[1], c[0]))[:limit])


def brute_force(query: Query, rows: list[Row]) -> Answer:
    """The answer by looking at every row: the definition, for tests. A run asks `Scan`."""
    if query.kind == "get":
        return Answer(ids=tuple(r.id for r in rows if r.position == query.row[0]))
    found = [row for row in rows if matches(query, row)]
    if query.kind == "count":
        return Answer(count=len(found))
    if query.kind == "facet":
        values = (getattr(row, query.facet) for row in found)
        return Answer(table=_table(Counter(v for v in values if v is not None), query.limit))
    if query.kind == "histogram":
        days = Counter(str(row.created_us // DAY_US) for row in found)
        return Answer(table=_table(days, None))

    def key(row: Row) -> tuple:
        value = getattr(row, query.sort)
        return (value is None, "" if value is None else value, row.position)

    found.sort(key=key, reverse=query.descending)
    if query.after_row:
        found = [row for row in found if (row.created_us, row.position) < query.after_row]
    return Answer(ids=tuple(row.id for row in found[query.offset:query.offset + query.limit]))


class Scan:
    """The same answers as `brute_force` to many questions, by fewer looks at each row.

    The rows are put in the order of time once, and which of them pass one equality is remembered: the
    next question with it looks at these alone. All rows are in memory. Single-threaded.
    """

    def __init__(self, rows: list[Row]):
        self.rows = sorted(rows, key=lambda row: (row.created_us, row.position))
        self.equal: dict[Filter, list[Row]] = {}

    def answer(self, query: Query) -> Answer:
        if query.kind == "get":
            return Answer(ids=tuple(row.id for row in self.rows if row.position == query.row[0]))
        found = self._found(query)
        if query.kind == "count":
            return Answer(count=len(found))
        if query.kind == "facet":
            counted = Counter(map(attrgetter(query.facet), found))
            counted.pop(None, None)
            return Answer(table=_table(counted, query.limit))
        if query.kind == "histogram":
            return Answer(table=_table(Counter(str(row.created_us // DAY_US) for row in found), None))
        return Answer(ids=tuple(row.id for row in self._page(query, found)))

    def _found(self, query: Query) -> list[Row]:
        """Those that match, in the order of time."""
        found = self.rows
        for wanted in query.filters:
            if found is self.rows and wanted.op == "eq":
                if wanted not in self.equal:
                    self.equal[wanted] = passing(wanted, found)
                found = self.equal[wanted]
            else:
                found = passing(wanted, found)
        if query.after_us is not None:
            found = [row for row in found if row.created_us >= query.after_us]
        if query.before_us is not None:
            found = [row for row in found if row.created_us < query.before_us]
        return found

    @staticmethod
    def _page(query: Query, found: list[Row]) -> Iterable[Row]:
        if query.sort != "created_us":
            value = attrgetter(query.sort)
            found = sorted(found, key=lambda row: (value(row) is None, value(row) or "", row.position))
        ordered = reversed(found) if query.descending else iter(found)
        if query.after_row:
            ordered = (row for row in ordered if (row.created_us, row.position) < query.after_row)
        return islice(ordered, query.offset, query.offset + query.limit)


def passing(wanted: Filter, rows: list[Row]) -> list[Row]:
    """The rows that one filter lets through."""
    at, value = Row._fields.index(wanted.field), wanted.value
    if wanted.op == "eq":
        return [row for row in rows if row[at] == value]
    if wanted.op == "neq":
        return [row for row in rows if row[at] != value]
    part = value.lower()
    return [row for row in rows if row[at] is not None and part in row[at].lower()]


class Draw:
    """Draws the questions of Q1 to Q13 from what a corpus holds; one seed, one set."""

    def __init__(self, survey: Survey, seed: int, values: int = 5):
        self.survey, self.chance, self.values = survey, random.Random(seed), values
        self.skip = min(SKIP, survey.rows // 2)

    def by_rank(self, field: str, rank: str) -> list[str]:
        """`values` of the top, the median or the rare end, or such as do not occur."""
        if rank == "absent":
            return [f"{ABSENT}-{number}" for number in range(self.values)]
        ranked = self.survey.ranked(field)
        start = {"top": 0, "median": max(0, len(ranked) // 2 - self.values // 2),
                 "rare": max(0, len(ranked) - self.values)}[rank]
        return ranked[start:start + self.values]

    def span(self, length_us: int | None) -> tuple[int | None, int | None]:
        """A range that ends with a row that exists."""
        if length_us is None:
            return None, None
        end = self.chance.choice(self.survey.sample).created_us + 1
        return end - length_us, end

    def words(self) -> list[str]:
        """Parts of actor names, ASCII alone: how other letters fold is each system's own."""
        found = []
        names = [n for n in self.survey.ranked("actor_name") if n.isascii() and n.isprintable()]
        while names and len(found) < self.values:
            name = self.chance.choice(names)
            start = self.chance.randrange(max(1, len(name) - 4))
            word = name[start:start + 4].strip()
            if len(word) >= 3 and not set(word) & set("%_\\'\""):
                found.append(word.lower())
            else:
                names.remove(name)
        return found

    def pairs(self) -> dict[str, list[tuple[str, str]]]:
        """(action, actor) by how many rows both have: many; few though each alone is frequent."""
        actions = self.survey.ranked("action")[:8]
        actors = self.survey.ranked("actor_id")[:40]
        both = [(self.survey.pairs[a, b], a, b) for a in actions for b in actors]
        both = sorted(pair for pair in both if pair[0] > 0)
        most = [(a, b) for _, a, b in both[-self.values:]]
        fewest = [(a, b) for _, a, b in both[:self.values]]
        return {"many together": most, "few together": fewest}

    def cases(self) -> list[Case]:
        return [*self._pages(), *self._counts(), *self._deep(), *self._aggregates()]

    def _pages(self) -> list[Case]:
        eq = lambda field, value: Filter(field, "eq", value)  # noqa: E731
        spans = {"all": None, "30 d": 30 * DAY_US, "1 d": DAY_US, "1 h": HOUR_US}
        cases = [Case("Q1", "newest 50 of all", (Query("page"),))]
        for rank in ("top", "median", "rare", "absent"):
            for name, length in spans.items():
                queries = []
                for value in self.by_rank("actor_id", rank):
                    after, before = self.span(length)
                    queries.append(Query("page", (eq("actor_id", value),), after, before))
                cases.append(Case("Q1", f"actor {rank}, {name}", tuple(queries)))
        for name, pairs in self.pairs().items():
            cases.append(Case("Q1", f"action and actor, {name}", tuple(
                Query("page", (eq("action", a), eq("actor_id", b))) for a, b in pairs)))
        cases.append(Case("Q1", EVERY_PAIR, tuple(
            Query("page", (eq("action", a), eq("actor_id", b)))
            for a in self.survey.ranked("action")[:12] for b in self.survey.ranked("actor_id")[:20])))
        source = self.by_rank("source", "top")[0]
        cases.append(Case("Q1", "action, actor and source", tuple(
            Query("page", (eq("action", a), eq("actor_id", b), eq("source", source)))
            for a, b in self.pairs()["many together"])))
        picked = self.chance.sample(self.survey.sample, min(self.values, len(self.survey.sample)))
        cases.append(Case("Q2", "by id", tuple(
            Query("get", row=(row.position, row.id)) for row in picked)))
        cases.append(Case("Q3", "substring of actor name", tuple(
            Query("page", (Filter("actor_name", "contains", word),)) for word in self.words())))
        cases.append(Case("Q4", "action is not (top)", tuple(
            Query("page", (Filter("action", "neq", v),)) for v in self.by_rank("action", "top"))))
        cases.append(Case("Q4", "status is not success", (
            Query("page", (Filter("status", "neq", "success"),)),)))
        cases.append(Case("Q5", "sorted by actor name", (
            Query("page", sort="actor_name", descending=False),)))
        return cases

    def _counts(self) -> list[Case]:
        eq = lambda field, value: Filter(field, "eq", value)  # noqa: E731
        cases = [Case("Q6", "count of all", (Query("count"),))]
        for rank in ("top", "median", "rare", "absent"):
            cases.append(Case("Q7", f"count of one actor ({rank})", tuple(
                Query("count", (eq("actor_id", v),)) for v in self.by_rank("actor_id", rank))))
        cases.append(Case("Q7", "count of one action in 1 d", tuple(
            Query("count", (eq("action", v),), *self.span(DAY_US)) for v in self.by_rank("action", "top"))))
        cases.append(Case("Q7", "count of a substring", tuple(
            Query("count", (Filter("actor_name", "contains", word),)) for word in self.words())))
        for name, pairs in self.pairs().items():
            cases.append(Case("Q8", f"count of action and actor, {name}", tuple(
                Query("count", (eq("action", a), eq("actor_id", b))) for a, b in pairs)))
        return cases

    def _deep(self) -> list[Case]:
        top = self.by_rank("action", "top")[:2]
        of_top = [self.survey.counts["action"][value] for value in top]
        skips = [min(SKIP, count // 2) for count in of_top]
        one = [(Filter("action", "eq", value),) for value in top]
        return [
            Case("Q9", f"skip {self.skip:,}", (Query("page", offset=self.skip),)),
            Case("Q10", "skip half of one action, at most 100,000", tuple(
                Query("page", f, offset=skip) for f, skip in zip(one, skips, strict=True))),
            Case("Q11", "the same sorted by actor name", tuple(
                Query("page", f, offset=skip, sort="actor_name", descending=False)
                for f, skip in zip(one, skips, strict=True))),
            Case("Q12", "the second page, by cursor", (
                Query("page", after_row=self.survey.end_of_page(None)),
                *(Query("page", f, after_row=self.survey.end_of_page(value))
                  for f, value, count in zip(one, top, of_top, strict=True) if count > PAGE))),
        ]

    def _aggregates(self) -> list[Case]:
        day = self.span(DAY_US)
        status = (Filter("status", "eq", "success"),)
        return [
            Case("Q13", "top 10 actions", (Query("facet", limit=10),)),
            Case("Q13", "top 10 actors of one status", (
                Query("facet", status, facet="actor_id", limit=10),)),
            Case("Q13", "top 10 actions in 1 d", (
                Query("facet", after_us=day[0], before_us=day[1], limit=10),)),
            Case("Q13", "histogram by day", (Query("histogram"),)),
            Case("Q13", "histogram by day of one action", tuple(
                Query("histogram", (Filter("action", "eq", v),)) for v in self.by_rank("action", "top"))),
        ]
