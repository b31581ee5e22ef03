"""What becomes of one replication without some acts, or with others, in each format."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import groupby
from typing import Any

from escalation.present.page import Line, Page, Tree, result_page, show_page
from escalation.present.screen import put
from escalation.present.story.causes import branch_lines
from escalation.present.story.phrases import deeds, listed, sized
from escalation.present.table import Format, Table, as_csv, as_json
from escalation.present.whatif.intervention import described, remarks
from escalation.present.words import capital, day, number, percent, plural
from escalation.study.story.model import Act, Branch, Story
from escalation.study.whatif.replication import MOVED, Change, Counterfactual, Fate, OutcomeChange

FATES: dict[Fate, str] = {
    "struck": "taken out", "forced": "put in", "gone": "gone", "new": "new", "resized": "other size",
    "stays": "stays", "earlier": "earlier", "later": "later",
}  # fmt: skip
LEAST = 0.005
"""Attributed parts below this are not shown."""
CSV_HEADINGS = (
    *("fate", "act", "date", "actor", "target", "instrument", "size", "attributed"),
    *("act_after", "date_after", "size_after"),
)
NOTE = (
    f"An act that comes at most {MOVED:g} days earlier or later is the same act. In the last column, how much"
    " of it was said to answer what was taken out or put in, by way of others too."
)
TREE = "What was said to hang on it, and what became of that"
TREE_NOTE = (
    "Hostile acts other than words and threats, each below what it answers most; in brackets how much of it"
    " answers that; then what becomes of it."
)
ONE_DRAW = (
    "One replication is one draw, and what is left out changes what comes later in many ways. The average"
    " over many replications says what it is worth: leave --replication out."
)


def show_counterfactual(found: Counterfactual, form: Format) -> None:
    """Print what becomes of a replication on standard output."""
    if form is Format.JSON:
        put(as_json(found.model_dump(mode="json")))
    elif form is Format.CSV:
        put(as_csv(CSV_HEADINGS, [_csv(change) for change in found.changes]))
    else:
        show_page(counterfactual_page(found), form)


def counterfactual_page(found: Counterfactual) -> Page:
    """Return the page of one replication with an intervention."""
    title, lines = found.before.scenario.title, tuple(_lines(found))
    if found.nothing:
        return result_page(title, (*lines, "There was no such act in this replication: nothing changes."))
    return result_page(title, lines, (_changes(found), _outcomes(found), _hanging(found)), (ONE_DRAW,))


def _lines(found: Counterfactual) -> Iterator[str]:
    which = f"Replication {found.before.origin.replication}, seed {found.seed}"
    yield f"{which}, played as it is and {listed(described(found.intervention))}."
    yield from (f"{capital(remark)}." for remark in remarks(found.intervention))
    if found.nothing:
        return
    for change in found.of("struck", "forced"):
        word = "Taken out" if change.fate == "struck" else "Put in"
        number_ = f" (act {change.act.row})" if change.fate == "struck" else ""
        yield f"{word}: {deeds(found.before, [change.act])}, {day(change.act.day)}{number_}."
    yield _in_short(found)
    if found.struck:
        yield (
            f"Said to answer it, in sum of shares: {plural_acts(found.attributed)}."
            f" Truly fewer without it: {found.vanished}."
        )


def plural_acts(count: float) -> str:
    """Return `1 hostile act` or `2.9 hostile acts`."""
    return f"{number(count)} hostile act{'' if count == 1 else 's'}"


def _in_short(found: Counterfactual) -> str:
    counts = [
        (len(found.of("gone")), "are no longer done"),
        (len(found.of("new")), "are new"),
        (len(found.of("earlier", "later", "resized")), "come at another time or size"),
        (len(found.of("stays")), "stay as they were"),
    ]
    told = listed([f"{count} {what}" for count, what in counts])
    hostile = [sum(act.counted for act in story.acts if act.day >= story.scenario.simulate_from) for story in
               (found.before, found.after)]  # fmt: skip
    return (
        f"Of all other acts {told}. Hostile acts, words and threats apart: {hostile[0]} become {hostile[1]}."
    )


def _changes(found: Counterfactual) -> Table | None:
    shown = [change for change in found.changes if change.fate != "stays"]
    rows = [_row(found, list(group)) for _, group in groupby(shown, key=_together)]
    if not rows:
        return None
    headings = ("Date", "becomes", "act", "answers it")
    return Table("What becomes different", headings, rows, frozenset({3}), NOTE)


def _together(change: Change) -> tuple[Any, ...]:
    act, when = change.act, change.after.day if change.after else None
    return act.day, change.fate, act.actor, when, round(change.attributed, 6)


def _row(found: Counterfactual, group: Sequence[Change]) -> tuple[str, ...]:
    first = group[0]
    share = first.attributed if first.fate not in ("struck", "forced") else 0.0
    said = percent(share) if share >= LEAST else ""
    return day(first.act.day), _fate(first), _deed(found.before, [one.act for one in group]), said


def _fate(change: Change) -> str:
    if change.before and change.after:
        apart = round(abs(change.after.time - change.before.time))
        if change.fate in ("earlier", "later"):
            return f"{plural(apart, 'day')} {change.fate}" if apart else f"{change.fate} that day"
        if change.fate == "resized":
            return sized(change.after).removeprefix(change.after.label).strip(" ()") or "other size"
    return FATES[change.fate]


def _deed(story: Story, acts: Sequence[Act]) -> str:
    return capital(deeds(story, acts))


def _outcomes(found: Counterfactual) -> Table | None:
    rows = [
        (capital(one.outcome.label), _value(found, one, one.before), _value(found, one, one.after))
        for one in found.outcomes
        if one.headline
    ]
    headings = ("Outcomes that change", "as it is", "then")
    return Table("Outcomes that change", headings, rows, frozenset({1, 2})) if rows else None


def _value(found: Counterfactual, change: OutcomeChange, value: float | None) -> str:
    if change.outcome.kind == "date":
        return "never" if value is None else day(found.scenario.start + timedelta(days=int(value)))
    if change.outcome.kind == "probability":
        return "yes" if value else "no"
    return "–" if value is None else number(value)


def _hanging(found: Counterfactual) -> Tree | None:
    story, fate = found.before, {change.before.row: change for change in found.changes if change.before}

    def note(branch: Branch) -> str:
        told = dict.fromkeys(_fate(fate[row]) for row in branch.acts if row in fate)
        return f" — {' / '.join(told)}" if told else ""

    lines: list[Line] = []
    for place, branch in enumerate(story.tree):
        mine = set(branch.acts) & set(found.struck)
        if mine:
            lines += branch_lines(story, place, mine, note)
    return Tree(TREE, TREE_NOTE, tuple(lines)) if lines else None


def _csv(change: Change) -> Sequence[Any]:
    act, after = change.act, change.after
    then = (after.row, after.day.isoformat(), after.size) if after else (None, None, None)
    row = change.before.row if change.before else None
    about = (row, act.day.isoformat(), act.actor, act.target, act.instrument, act.size)
    return (change.fate, *about, change.attributed, *then)
