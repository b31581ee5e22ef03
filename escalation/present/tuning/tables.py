"""The tables of a tuning: finalists, cases, levers, and how outcomes differ from the untuned policy's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta

from escalation.present.comparing.words import spoken
from escalation.present.table import Table
from escalation.present.tuning.words import VERDICTS, Reader, change, figure, keeps, level, value
from escalation.present.words import capital, day, number, percent
from escalation.study.tuning.outcome import Compared, Deviation, Figure, Standing, Tuned

MARK, DATE = "←", "restricted_mean"


def tables(reader: Reader) -> list[Table]:
    """Return all tables that have rows."""
    made = [finalists(reader), cases(reader), importance(reader), deviations(reader), compared(reader.tuned)]
    return [table for table in made if table.rows]


def finalists(reader: Reader) -> Table:
    """Return the policies of the final choice, the untuned one first."""
    tuned = reader.tuned
    kept = ("kept",) if tuned.limits else ()
    headings = ("Finalists", *reader.names, *tuned.goals, *map(_measured, tuned.limits), *kept, "")
    rows = [("untuned", *_standing(reader, tuned.untuned), _mark(tuned, tuned.untuned))]
    rows += [(f"trial {one.trial}", *_standing(reader, one), _mark(tuned, one)) for one in tuned.finalists]
    note = (
        f"All on the same {tuned.held_out:,} held-out replications; {MARK} is {tuned.file}, chosen on other"
        " replications than these: so it need not be the best row."
    )
    if tuned.of_cases:
        note += f" Goals and limits: {tuned.of_cases}."
    return Table("Finalists", headings, rows, frozenset(range(1, len(headings) - 1)), note)


def _mark(tuned: Tuned, one: Standing) -> str:
    lost = "beaten" if len(tuned.goals) > 1 and tuned.beaten(one) else ""
    return f"{MARK} {lost}".strip() if one == tuned.chosen else lost


def _measured(limit: str) -> str:
    return limit.replace(" <= ", " ≤ ").replace(" >= ", " ≥ ")


def _standing(reader: Reader, one: Standing) -> tuple[str, ...]:
    figures = zip([*reader.goals, *reader.limits], [*one.goals, *one.limits], strict=True)
    kept = (keeps(one),) if reader.limits else ()
    return (
        *(value(one.point.get(path)) for path in reader.tuned.levers),
        *(figure(expression, found) for expression, found in figures),
        *kept,
    )


def cases(reader: Reader) -> Table:
    """Return how the chosen and the untuned policy stand in each case."""
    tuned = reader.tuned
    rows: list[tuple[str, ...]] = []
    for n, (goal, expression) in enumerate(zip(tuned.goals, reader.goals, strict=True)):
        if len(tuned.goals) > 1 and tuned.in_cases:
            rows.append((goal,))
        indent = "  " if len(tuned.goals) > 1 else ""
        rows += [
            (
                f"{indent}{one.case}", figure(expression, one.untuned[n]), figure(expression, one.tuned[n]),
                change(expression, one.gains[n], ""), ", ".join(VERDICTS[kept] for kept in one.kept),
            )
            for one in tuned.in_cases
        ]  # fmt: skip
    first = f"Against: {tuned.goals[0]}" if len(tuned.goals) == 1 else "Against"
    headings: tuple[str, ...] = (first, "untuned", "tuned", "difference", "limits")
    if not tuned.limits:
        headings, rows = headings[:-1], [row[:4] for row in rows]
    return Table("Case by case", headings, rows, frozenset({1, 2, 3}))


def importance(reader: Reader) -> Table:
    """Return how much each lever matters for being among the best trials."""
    tuned = reader.tuned
    rows = [
        (name, *("" if share is None else percent(share) for share in tuned.importance.get(path, ())))
        for name, path in zip(reader.names, tuned.levers, strict=True)
        if any(share is not None for share in tuned.importance.get(path, ()))
    ]
    note = "Shares in whether a trial is among the best tenth (PED-ANOVA)."
    headings = ("Importance of levers", *tuned.goals)
    return Table("Importance of levers", headings, rows, frozenset(range(1, len(headings))), note)


def deviations(reader: Reader) -> Table:
    """Return what it does to turn one lever away from the chosen policy."""
    tuned, names = reader.tuned, dict(zip(reader.tuned.levers, reader.names, strict=True))
    broken = ("limits missed",) if tuned.limits else ()
    headings = ("To deviate", "from", "to", *tuned.goals, *broken)
    rows = [_deviation(reader, names[one.lever], one) for one in tuned.deviations]
    note = "The other levers as chosen; differences from the chosen policy in the same replications."
    return Table("What it costs to deviate", headings, rows, frozenset(range(1, 3 + len(tuned.goals))), note)


def _deviation(reader: Reader, name: str, one: Deviation) -> tuple[str, ...]:
    changes = (change(expression, found) for expression, found in zip(reader.goals, one.changes, strict=True))
    broken = (", ".join(one.broken) or "none",) if reader.limits else ()
    stands = reader.tuned.chosen.point[one.lever]
    return (name, value(stands), value(one.value), *changes, *broken)


def compared(tuned: Tuned) -> Table:
    """Return how the scenario's outcomes differ under the tuned policy, as `compare` tells it."""
    rows = list(_compared_rows(tuned))
    note = "Paired in the same replications, p-values adjusted (Holm)."
    if any(one.measure == DATE for one in tuned.compared):
        note += " An average day counts what never comes as the last day."
    headings = ("Compared with the untuned policy", "untuned", "tuned", "difference", "sure")
    return Table("Compared with the untuned policy", headings, rows, frozenset({1, 2, 3}), note)


def _compared_rows(tuned: Tuned) -> Iterator[tuple[str, ...]]:
    for one in tuned.compared:
        found = Figure(value=one.difference)
        if one.interval and one.difference is not None:
            found = Figure(value=one.difference, low=one.interval[0], high=one.interval[1])
        yield (_label(one), *_levels(one, tuned.start), _difference(one, found), "yes" if one.sure else "no")


def _label(one: Compared) -> str:
    more = {DATE: ", average day", "R": " (R)"}.get(one.measure, "")
    return f"{capital(spoken(one.label))}{more}"


def _levels(one: Compared, start: date | None) -> tuple[str, str]:
    write: Callable[[float], str] = percent if one.measure == "probability" else number
    if one.measure == DATE and start:
        write = _day_after(start)
    untuned, tuned = (None if end is None else write(end) for end in (one.untuned, one.tuned))
    return untuned or "", tuned or ""


def _day_after(start: date) -> Callable[[float], str]:
    return lambda days: day(start + timedelta(days=int(days)))


def _difference(one: Compared, found: Figure) -> str:
    from escalation.scenario.expression import Expression  # noqa: PLC0415

    share = Expression("prob", "concession") if one.measure == "probability" else Expression("mean", "cost")
    if found.value is None:
        return ""
    return change(share, found, " days" if one.measure == DATE else None)


__all__ = ["cases", "compared", "deviations", "finalists", "importance", "level", "tables"]
