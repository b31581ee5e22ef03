"""The names of what is measured, so that a file which asks for one is checked without running anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from escalation.scenario.base import FAMILIES

BY_ACTOR = (
    "acts.{}",
    "package_days.{}",
    "names_listed.{}",
    "pressure.{}.end",
    "pressure.{}.mean",
    "cost.{}",
    "concession.{}",
    "first_concession.{}",
    "broken_word.{}",
)
BY_PAIR = ("peak_rung.{}.{}", "relation.{}.{}")
BY_FAMILY = ("acts.{}.{}", "package_days.{}.{}")
PLAIN = ("tension.end", "tension.peak", "runaway", "truncated")
KINDS = tuple(sorted({form.split(".")[0] for form in (*BY_ACTOR, *BY_PAIR, *BY_FAMILY, *PLAIN, "first.")}))
"""What the names begin with."""

EVENTS = ("concession", "runaway", "truncated")
DATES = ("first", "first_concession")
COUNTS = ("acts", "package_days")
RANKS = ("peak_rung", "relation")


def kind_of(name: str) -> str:
    """Return how an outcome of this name is measured: `probability`, `date`, `count`, `rank` or `level`."""
    first = name.split(".", maxsplit=1)[0]
    kinds = (("probability", EVENTS), ("date", DATES), ("count", COUNTS), ("rank", RANKS))
    return next((kind for kind, names in kinds if first in names), "level")


def outcome_names(
    actors: Iterable[str], first_use: Iterable[tuple[str, str]], dates: Iterable[str]
) -> Iterator[str]:
    """Yield every outcome of a scenario with these actors, first uses (actor, instrument) and ISO dates."""
    actors, dates = tuple(actors), tuple(dates)
    yield from PLAIN
    for form in BY_ACTOR:
        yield from map(form.format, actors)
    for form in BY_FAMILY:
        yield from (form.format(actor, family) for actor in actors for family in FAMILIES)
    for form in BY_PAIR:
        yield from (form.format(one, other) for one in actors for other in actors)
    yield from (f"first.{actor}.{instrument}" for actor, instrument in first_use)
    yield from (f"tension.{day}" for day in dates)
    yield from (f"pressure.{actor}.{day}" for actor in actors for day in dates)
