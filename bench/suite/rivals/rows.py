"""Rows of SQL as the Answer that is compared, and as parameters of an INSERT."""

from __future__ import annotations

from collections.abc import Sequence

import sql
from events import Row
from queries import Answer, Query

EVENT_ID = sql.COLUMNS.index("commit_id")  # BloodHound's id is a number; ours is kept beside it


def answer_of(query: Query, rows: Sequence[Sequence]) -> Answer:
    """REQUIRES: rows of sql.statement(query, …)."""
    if query.kind == "count":
        return Answer(count=int(rows[0][0]))
    if query.kind == "facet":
        return Answer(table=tuple((row[0], int(row[1])) for row in rows))
    if query.kind == "histogram":
        return Answer(table=tuple(sorted((str(row[0]), int(row[1])) for row in rows)))
    return Answer(ids=tuple(row[EVENT_ID] for row in rows))


def parameters_of(row: Row) -> tuple:
    """The row in the order of sql.COLUMNS."""
    return (row.position, row.created_us, row.action, row.actor_id, row.actor_name, row.actor_email,
            row.request_id, row.source_ip_address, row.status, row.id, row.fields, row.source)
