"""Adversarial events: ordinary ones, changed so that an index has the worst of it."""

from __future__ import annotations

from collections.abc import Callable

from events import microseconds, rfc3339

YEARS_US = 5 * 365 * 86_400_000_000
PREFIX = "a-long-prefix-that-all-values-share-" * 6


def unique(event: dict, number: int) -> dict:
    """No value occurs twice."""
    return {**event, "action": f"action.{number}", "source": f"source-{number}",
            "actor": {"id": f"actor-{number}", "name": f"Name {number}", "email": f"{number}@unique.example"}}


def constant(event: dict, number: int) -> dict:
    """Every event says the same, but for its id, time and target."""
    return {**event, "action": "always.this", "source": "one", "status": "success",
            "actor": {"id": "the-only-one", "name": "Only One"}}


def prefixed(event: dict, number: int) -> dict:
    """Values of 250 characters that differ in their last few."""
    actor = event.get("actor", {})
    long = {name: (PREFIX + actor[name])[-250:] for name in ("id", "name") if name in actor}
    return {**event, "actor": {**actor, **long}}


def late(event: dict, number: int) -> dict:
    """One in twenty comes five years late."""
    if number % 20:
        return event
    return {**event, "occurred_at": rfc3339(microseconds(event["occurred_at"]) - YEARS_US)}


SHAPES: dict[str, Callable[[dict, int], dict]] = {
    "unique": unique, "constant": constant, "prefixed": prefixed, "late": late}
