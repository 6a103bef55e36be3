"""A Query as SQL of PostgreSQL, SQLite and ClickHouse. Literals, not parameters, in all three."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from events import Row, rfc3339
from queries import DAY_US, Query

COLUMNS = ("id", "created_at", "action", "actor_id", "actor_name", "actor_email", "request_id",
           "source_ip_address", "status", "commit_id", "fields", "source")


@dataclass(frozen=True)
class Dialect:
    """What the three spell differently. Absent text is NULL, or '' where `empty_is_absent`."""

    name: str
    table: str = "audit_logs"
    backslash_escapes: bool = False
    empty_is_absent: bool = False
    two_step_pages: bool = False  # keys first, then rows: ClickHouse reads all columns otherwise

    def text(self, value: str | None) -> str:
        if value is None:
            return "''" if self.empty_is_absent else "NULL"
        if self.backslash_escapes:
            return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
        return "'" + value.replace("'", "''") + "'"

    def time(self, us: int) -> str:
        return f"'{rfc3339(us)}'" if self.name == "postgres" else str(us)

    def day(self) -> str:
        """Days since 1970 of created_at."""
        if self.name == "postgres":
            return "(extract(epoch FROM date_trunc('day', created_at AT TIME ZONE 'UTC')) / 86400)::bigint"
        return f"intDiv(created_at, {DAY_US})" if self.name == "clickhouse" else f"created_at / {DAY_US}"

    def condition(self, field: str, op: str, value: str) -> str:
        literal = self.text(value)
        if op == "eq":
            return f"{field} = {literal}"
        if op == "neq":
            return {"postgres": f"{field} IS DISTINCT FROM {literal}",
                    "sqlite": f"{field} IS NOT {literal}",
                    "clickhouse": f"{field} != {literal}"}[self.name]
        if self.name == "clickhouse":
            return f"positionCaseInsensitive({field}, {literal}) > 0"
        like = self.text(f"%{value}%")
        return f"{field} {'ILIKE' if self.name == 'postgres' else 'LIKE'} {like}"

    def absent(self, field: str) -> str:
        return f"{field} = ''" if self.empty_is_absent else f"{field} IS NULL"


POSTGRES = Dialect("postgres")
SQLITE = Dialect("sqlite")
CLICKHOUSE = Dialect("clickhouse", backslash_escapes=True, empty_is_absent=True, two_step_pages=True)
CHDB = Dialect("clickhouse", backslash_escapes=True, empty_is_absent=True)


def where(query: Query, dialect: Dialect) -> str:
    parts = []
    if query.after_us is not None:
        parts.append(f"created_at >= {dialect.time(query.after_us)}")
    if query.before_us is not None:
        parts.append(f"created_at < {dialect.time(query.before_us)}")
    parts += [dialect.condition(f.field, f.op, f.value) for f in query.filters]
    if query.after_row:
        us, position = query.after_row
        parts.append(f"(created_at, id) < ({dialect.time(us)}, {position})")
    return " WHERE " + " AND ".join(parts) if parts else ""


def order(query: Query, dialect: Dialect) -> str:
    way = "DESC" if query.descending else "ASC"
    if query.sort == "created_us":
        return f" ORDER BY created_at {way}, id {way}"
    if dialect.name == "postgres":  # NULLs are last when ascending, first when descending, as meant
        return f" ORDER BY {query.sort} {way}, id {way}"
    if dialect.name == "sqlite":
        return f" ORDER BY {query.sort} {way} NULLS {'FIRST' if query.descending else 'LAST'}, id {way}"
    return f" ORDER BY {dialect.absent(query.sort)} {way}, {query.sort} {way}, id {way}"


def statement(query: Query, dialect: Dialect) -> str:
    """One SELECT that answers the query; its columns are those `answer_of` in rivals/base.py reads."""
    table, columns = dialect.table, ", ".join(COLUMNS)
    if query.kind == "get":
        return f"SELECT {columns} FROM {table} WHERE id = {query.row[0]}"
    conditions = where(query, dialect)
    if query.kind == "count":
        return f"SELECT count(*) FROM {table}{conditions}"
    if query.kind == "histogram":
        return f"SELECT {dialect.day()} AS day, count(*) FROM {table}{conditions} GROUP BY day ORDER BY day"
    if query.kind == "facet":
        known = f"{query.facet} != ''" if dialect.empty_is_absent else f"{query.facet} IS NOT NULL"
        conditions += (" AND " if conditions else " WHERE ") + known
        return (f"SELECT {query.facet}, count(*) AS n FROM {table}{conditions} GROUP BY {query.facet}"
                f" ORDER BY n DESC, {query.facet} LIMIT {query.limit}")
    sorting = order(query, dialect)
    paging = f" LIMIT {query.limit}" + (f" OFFSET {query.offset}" if query.offset else "")
    if dialect.two_step_pages:
        keys = f"SELECT created_at, id FROM {table}{conditions}{sorting}{paging}"
        return f"SELECT {columns} FROM {table} WHERE (created_at, id) IN ({keys}){sorting}"
    return f"SELECT {columns} FROM {table}{conditions}{sorting}{paging}"


@lru_cache(maxsize=1 << 16)  # every case sends the same pool
def values(row: Row, dialect: Dialect) -> str:
    """`(…)` of an INSERT. Id and time are the table's defaults, as a logger has it."""
    shown = (row.action, row.actor_id, row.actor_name, row.actor_email, row.request_id,
             row.source_ip_address, row.status, row.id, row.fields, row.source)
    return "(" + ", ".join(map(dialect.text, shown)) + ")"


def insert(rows: list[Row], dialect: Dialect) -> str:
    listed = ", ".join(values(row, dialect) for row in rows)
    return f"INSERT INTO {dialect.table} ({', '.join(COLUMNS[2:])}) VALUES {listed}"
