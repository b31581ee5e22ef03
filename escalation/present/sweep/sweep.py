"""A sweep in each format: on the screen, as Markdown, CSV and JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from escalation.present.screen import draw, put, show
from escalation.present.sweep.words import cell, labels, lever_words, sentences, shown, unshared, widest
from escalation.present.table import Format, Table, as_csv, as_json, markdown
from escalation.present.words import duration, harmless, plural
from escalation.study.points.levers import Lever, short_names
from escalation.study.sweep.finding import finding
from escalation.study.sweep.sweep import Sweep, Swept
from escalation.study.sweep.table import table as tidy

SCHEMA_VERSION = 1
MOST_ROWS, MOST_COLUMNS = 30, 10
"""Points that a table on the screen lists, and values of a second lever side by side in it."""
BRIEF = 3
"""Expressions from which on a table shows intervals of the first alone."""
SPACIOUS = 4
"""Values of a second lever, side by side, up to which intervals have room."""


def show_sweep(sweep: Sweep, form: Format) -> None:
    """Print a sweep on standard output."""
    if form is Format.JSON:
        put(as_json(document(sweep)))
    elif form is Format.CSV:
        columns = tidy(sweep)
        put(as_csv(list(columns), list(zip(*columns.values(), strict=True))))
    elif form is Format.MD:
        put(_as_markdown(sweep))
    else:
        _show_table(sweep)


def document(sweep: Sweep) -> dict[str, Any]:
    """Return a sweep as plain JSON values, None for what cannot be said."""
    plan = sweep.plan
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "sweep",
        "scenario": {"name": plan.name, "title": plan.scenario.title},
        "overrides": list(plan.overrides),
        "levers": [_lever(lever) for lever in plan.levers],
        "expressions": [str(expression) for expression in plan.expressions],
        "design": plan.design,
        "seed": plan.seed,
        "replications": plan.replications,
        "points": [_point(sweep, one) for one in sweep.done],
        "findings": _findings(sweep),
        "run": {
            "status": "complete" if sweep.complete else "interrupted",
            "folder": str(sweep.folder) if sweep.folder else None,
            "seconds": round(sweep.seconds, 3),
        },
    }


def _lever(lever: Lever) -> dict[str, Any]:
    ends = {"low": lever.low, "high": lever.high, "steps": lever.steps} if lever.is_range else {}
    return {"path": lever.path, **ends, "choices": list(lever.choices) or None}


def _point(sweep: Sweep, one: Swept) -> dict[str, Any]:
    estimates = [
        {
            "expression": str(expression),
            **found.model_dump(exclude={"unit"}),
            "holds": expression.holds(found.value),
        }
        for expression, found in zip(sweep.plan.expressions, one.estimates, strict=True)
    ]
    counts = {"failed": one.failed, "truncated": one.truncated}
    return {"point": one.number, "levers": dict(one.point), "estimates": estimates, **counts}


def _findings(sweep: Sweep) -> list[dict[str, Any]]:
    told = []
    for which, text in enumerate(sentences(sweep)):
        found = finding(sweep, which)
        paths = [lever.path for lever in sweep.plan.levers]
        explains = dict(zip(paths, found.explains, strict=True)) if found and found.shared_out else None
        trend = found.trend if found else None
        told.append({"expression": str(sweep.plan.expressions[which]), "trend": trend, "sentence": text,
                     "explains": explains})  # fmt: skip
    return told


def opening(sweep: Sweep) -> list[str]:
    """Return the lines below the title: what was varied, and what that did."""
    plan = sweep.plan
    names = short_names(plan.levers)
    lines = [f"With: {', '.join(plan.overrides)}"] if plan.overrides else []
    lines += [f"Varied: {lever_words(*pair)}" for pair in zip(names, plan.levers, strict=True)]
    if not sweep.complete:
        lines.append(f"Interrupted: {len(sweep.done)} of {plural(len(plan.points), 'point')} finished.")
    told = [f"{label}: {text}" for label, text in zip(labels(sweep), sentences(sweep), strict=True)]
    lines += [f"{n}. {text}" for n, text in enumerate(told, 1)] if len(told) > 1 else told
    return lines + unshared(sweep)


def closing(sweep: Sweep) -> list[str]:
    """Return the last lines: what failed or was cut off, how long it took, where it is."""
    plan, lines = sweep.plan, []
    if sweep.failed:
        lines.append(f"Failed: {plural(sweep.failed, 'replication')}, left out of all figures.")
    if sweep.truncated:
        lines.append(
            f"Truncated: {plural(sweep.truncated, 'replication')} hit a limit of acts or events and stopped "
            "there; the figures include them."
        )
    lines.append(
        f"{plural(len(sweep.done), 'point')} of {plural(plan.replications, 'replication')}, all in the same "
        f"worlds, seed {plan.seed}, in {duration(sweep.seconds)}."
    )
    if sweep.folder:
        lines.append(f"Saved in {sweep.folder}{', with pictures in sweep.svg' if _is_drawn(sweep) else ''}")
    return lines


def _is_drawn(sweep: Sweep) -> bool:
    return sweep.folder is not None and (sweep.folder / "sweep.svg").is_file()


def _show_table(sweep: Sweep) -> None:
    from rich.text import Text  # noqa: PLC0415 - not wanted for --help

    show(Text(harmless(sweep.plan.scenario.title), style="bold"))
    show(*map(harmless, opening(sweep)))
    if sweep.done:
        show("")
        draw(points_table(sweep))
    show("", *map(harmless, closing(sweep)))


def _as_markdown(sweep: Sweep) -> str:
    parts = [f"# {markdown(sweep.plan.scenario.title)}"]
    parts.append("\n".join(f"- {markdown(line)}" for line in opening(sweep)))
    parts += [points_table(sweep).as_markdown()] if sweep.done else []
    parts.append("\n".join(f"- {markdown(line)}" for line in closing(sweep)))
    return "\n\n".join(parts)


def points_table(sweep: Sweep) -> Table:
    """Return the points in a table: two levers on a grid across each other, else one row for each point."""
    plan = sweep.plan
    if plan.design == "grid" and len(plan.levers) == 2 and len(plan.levers[1].values()) <= MOST_COLUMNS:
        return _crossed(sweep)
    return _listed(sweep)


def _crossed(sweep: Sweep) -> Table:
    plan = sweep.plan
    (down, across), names = plan.levers, short_names(plan.levers)
    expression, done = plan.expressions[0], {_key(plan.levers, one): one for one in sweep.done}
    brief = len(across.values()) > SPACIOUS
    headings = (f"{names[0]} ↓ {names[1]} →", *map(shown, across.values()))
    rows = [
        (shown(one), *(
            cell(expression, done[one, other].estimates[0], brief) if (one, other) in done else ""
            for other in across.values()
        ))
        for one in down.values()
    ]  # fmt: skip
    note = f"{labels(sweep)[0]}, {expression.measured}." + (_reach(sweep, [0]) if brief else "")
    note += " The others are in the file." if len(plan.expressions) > 1 else ""
    return Table("Points", headings, rows, frozenset(range(1, len(headings))), note)


def _reach(sweep: Sweep, which: Iterable[int]) -> str:
    """Return how wide the intervals are that a table has no room for."""
    several = len(sweep.plan.expressions) > 1
    told = [f"{f'{n + 1}: ' if several else ''}{width}" for n in which if (width := widest(sweep, n))]
    return f" 95% intervals reach at most {', '.join(told)} to either side." if told else ""


def _key(levers: Sequence[Lever], one: Swept) -> tuple[Any, ...]:
    return tuple(one.point[lever.path] for lever in levers)


def _listed(sweep: Sweep) -> Table:
    plan = sweep.plan
    several, brief = len(plan.expressions) > 1, len(plan.expressions) >= BRIEF
    headings = [str(n) if several else one.measured for n, one in enumerate(plan.expressions, 1)]
    chosen = _most_telling(sweep)
    rows = [
        (
            *(shown(one.point[lever.path]) for lever in plan.levers),
            *(
                cell(*pair, brief and place > 0)
                for place, pair in enumerate(zip(plan.expressions, one.estimates, strict=True))
            ),
        )
        for one in chosen
    ]
    width = len(plan.levers)
    numeric = {n for n, lever in enumerate(plan.levers) if lever.is_numeric}
    numbers = frozenset(numeric | set(range(width, width + len(headings))))
    left = len(sweep.done) - len(chosen)
    notes = ["In the order of the first expression."] if chosen != list(sweep.done) else []
    notes += [f"{plural(left, 'more point')} in the file."] if left else []
    notes += [_reach(sweep, range(1, len(plan.expressions))).strip()] if brief else []
    return Table("Points", (*short_names(plan.levers), *headings), rows, numbers, " ".join(notes))


def _most_telling(sweep: Sweep) -> list[Swept]:
    """Return the points in order; of many, those at which the first expression is highest and lowest."""
    done = list(sweep.done)
    if sweep.plan.design == "grid" and len(done) <= MOST_ROWS:
        return done
    done.sort(key=lambda one: -(one.estimates[0].value or 0.0))
    half = MOST_ROWS // 2
    return done if len(done) <= MOST_ROWS else [*done[:half], *done[-half:]]
