"""What if: the average effect of an intervention, one replication act by act, the check of attribution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from escalation.present import compare
from escalation.present import format as fmt
from escalation.present.compare import levels, sentences, tables, title
from escalation.present.compare_notes import NAMED, closing
from escalation.present.page import Page, Table, Tree, result_page
from escalation.present.story.phrases import branch_lines, deeds, sized_by
from escalation.study.story.model import Branch
from escalation.study.whatif.average import AverageEffect
from escalation.study.whatif.check import AttributionCheck, DyadCheck
from escalation.study.whatif.intervention import ORDINALS, ForcedAct, Intervention, RemovedActs
from escalation.study.whatif.replication import MOVED, Change, ChangedOutcome, Counterfactual, Fate

QUESTIONS = "the scenario's questions and all hostile acts of each actor"
FATES: dict[Fate, str] = {
    "struck": "taken out", "forced": "put in", "gone": "gone", "new": "new", "resized": "other size",
    "stays": "stays", "earlier": "earlier", "later": "later",
}  # fmt: skip
LEAST, MOST_DYADS = 0.005, 12
"""Attributed parts below this are not shown; dyads that the page of the check shows."""
CHANGE_HEADINGS = (
    *("fate", "act", "date", "actor", "target", "instrument", "size", "attributed"),
    *("act_after", "date_after", "size_after"),
)
CHECK_HEADINGS = (
    "dyad", "label", *(f"{name}{end}" for name in ("children", "descendants", "vanished")
                       for end in ("", "_low_95", "_high_95")),
)  # fmt: skip
CHANGES_NOTE = (
    f"An act that comes at most {MOVED:g} days earlier or later is the same act. In the last column, how much"
    " of it is attributed to what was taken out or put in, by way of others too."
)
TREE = "What was attributed to it, and what became of that"
TREE_NOTE = (
    "Hostile acts, excluding words and threats, each below what it answers most; in brackets how much of it"
    " answers that; then what becomes of it."
)
ONE_DRAW = (
    "One replication is one draw, and what is left out changes what comes later in many ways. The average"
    " over many replications says what it is worth: leave --replication out."
)
CHECK_NOTE = (
    "Per hostile act taken out: acts on each dyad in the {window} days after it that answer it directly"
    " (children), or by way of others too (all answers), in sum of shares; and how many truly are missing"
    " without it."
)

WhatIf = AverageEffect | Counterfactual | AttributionCheck


def page(result: WhatIf, full: bool = False) -> Page:
    """Return the page of a result; with `full`, of an average effect with every outcome."""
    if isinstance(result, AverageEffect):
        return _average_page(result, full)
    return _counterfactual_page(result) if isinstance(result, Counterfactual) else _check_page(result)


def rows(result: WhatIf) -> tuple[Sequence[str], Iterator[Sequence[Any]]]:
    """Return differences, changes of acts, or dyads, a row for each, under their headings."""
    if isinstance(result, AverageEffect):
        return compare.rows(result.comparison)
    if isinstance(result, Counterfactual):
        return CHANGE_HEADINGS, map(_change_row, result.changes)
    return CHECK_HEADINGS, (_check_row(result, dyad) for dyad in result.dyads)


# ---- interventions in words


def described(intervention: Intervention) -> list[str]:
    """Return what is taken out and put in, one text for each."""
    return [*map(_removed, intervention.without), *map(_forced, intervention.force)]


def remarks(intervention: Intervention) -> Iterator[str]:
    """Yield what is put in though its actor never has this instrument against this target."""
    for act in dict.fromkeys(intervention.force):
        if not act.usual:
            yield (
                f"in this scenario {act.actor} has no {act.instrument} against {act.target}; it is put in all"
                " the same"
            )


def _removed(acts: RemovedActs) -> str:
    if acts.shock:
        return f"without {f'the {_nth(acts.ordinal)} ' if acts.ordinal else ''}{acts.shock}"
    what = acts.instrument or (f"{acts.family} act" if acts.family else "act")
    who = f" by {acts.actor}" if acts.actor else ""
    whom = f" against {acts.target}" if acts.target else ""
    which = "any" if acts.ordinal is None else f"the {_nth(acts.ordinal)}"
    return f"without {which} {what}{who}{whom}"


def _nth(ordinal: int) -> str:
    if ordinal <= len(ORDINALS):
        return ORDINALS[ordinal - 1]
    ending = "th" if ordinal % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(ordinal % 10, "th")
    return f"{ordinal}{ending}"


def _forced(act: ForcedAct) -> str:
    return f"with {act.instrument} by {act.actor} against {act.target} on {act.day}"


# ---- the average effect


def _average_page(effect: AverageEffect, full: bool) -> Page:
    comparison, direct = effect.comparison, effect.direct
    ((side, contrast),) = comparison.pairs()
    never = {
        difference.name
        for difference in contrast.differences
        if difference.outcome.measure == "acts" and difference.equal and not difference.baseline.value
    }
    skipped = {*direct.impossible, *(never - set(effect.answer))}
    printed = compare.shown(comparison, full, direct.outcomes)
    return result_page(
        effect.scenario.title,
        (
            *_opening(effect),
            *sentences(comparison, side, contrast, skipped),
            *_impossible(effect),
            *_by_construction(effect),
        ),
        tables(comparison, side, contrast, full, direct.outcomes),
        closing(
            comparison,
            [difference for difference in printed if difference.name not in never],
            QUESTIONS,
            full,
        ),
    )


def _opening(effect: AverageEffect) -> Iterator[str]:
    futures, changes = fmt.plural(effect.pairs, "future"), fmt.listed(described(effect.intervention))
    shocks = all(acts.shock for acts in effect.intervention.without)
    noun, article = ("shock", "a") if shocks else ("act", "an")
    yield f"A is the world as it is (seed {effect.seed}), B the same {changes}."
    yield from (f"{fmt.capital(remark)}." for remark in remarks(effect.intervention))
    if effect.unaffected and effect.unaffected == effect.pairs:
        yield f"In none of {futures} was there such {article} {noun}."
    elif effect.unaffected:
        share = fmt.percent(effect.unaffected / effect.pairs)
        yield (
            f"In {effect.unaffected:,} of {futures} ({share}) there was no such {noun}: nothing differs in"
            " these."
        )
    if effect.struck and effect.struck != effect.pairs - effect.unaffected:
        yield f"Taken out in all: {fmt.plural(effect.struck, noun)}."


def _impossible(effect: AverageEffect) -> Iterator[str]:
    """Yield what cannot happen any more, being what was taken out, and how much of it there was."""
    differences = [
        difference
        for difference in effect.contrast.differences
        if difference.name in effect.direct.impossible
        and not difference.equal
        and difference.statistic != "restricted_mean"
    ]
    questions = (*effect.answer, *effect.hostile_totals)
    differences.sort(key=lambda difference: difference.name not in questions)
    sides = effect.comparison.sides[0], effect.comparison.sides[1]
    if differences:
        names = [f"{title(difference)} ({levels(difference, sides)[0]})" for difference in differences]
        yield f"By construction no longer, in brackets what there was: {fmt.joined(names, NAMED)}."


def _by_construction(effect: AverageEffect) -> Iterator[str]:
    direct = effect.direct
    labels = {
        difference.name: difference.outcome.label
        for difference in effect.contrast.differences
        if not difference.equal
    }
    uses = [labels[name] for name in direct.first_uses if name in labels and name not in direct.impossible]
    parts = [fmt.joined(uses, NAMED)] if uses else []
    parts += [
        f"{fmt.signed(acts, 2)} of the hostile acts by {effect.actors[actor]}"
        for actor, acts in direct.hostile_acts.items()
        if acts
    ]
    if parts:
        yield f"By construction, being what was taken out or put in: {'; '.join(parts)}."


# ---- one replication


def _counterfactual_page(result: Counterfactual) -> Page:
    lines = list(_counterfactual_lines(result))
    if result.nothing:
        lines.append("There was no such act in this replication: nothing changes.")
        return result_page(result.scenario.title, lines)
    parts = (_changes(result), _outcomes(result), _tree(result))
    return result_page(result.scenario.title, lines, parts, (ONE_DRAW,))


def _counterfactual_lines(result: Counterfactual) -> Iterator[str]:
    which = f"Replication {result.before.origin.replication}, seed {result.seed}"
    yield f"{which}, played as it is and {fmt.listed(described(result.intervention))}."
    yield from (f"{fmt.capital(remark)}." for remark in remarks(result.intervention))
    if result.nothing:
        return
    for change in result.of("struck", "forced"):
        word, row = ("Taken out", f" (act {change.act.row})") if change.fate == "struck" else ("Put in", "")
        yield f"{word}: {deeds(result.before, [change.act])}, {fmt.day(change.act.day)}{row}."
    yield _in_short(result)
    if result.struck:
        acts = f"{fmt.number(result.attributed)} hostile act{'' if result.attributed == 1 else 's'}"
        yield f"Attributed to it, in sum of shares: {acts}. Truly fewer without it: {result.vanished}."


def _in_short(result: Counterfactual) -> str:
    counts = [
        (result.of("gone"), "are no longer done"),
        (result.of("new"), "are new"),
        (result.of("earlier", "later", "resized"), "come at another time or size"),
        (result.of("stays"), "stay as they were"),
    ]
    others = fmt.listed([f"{len(changes)} {what}" for changes, what in counts])
    takeover = result.scenario.simulate_from
    before, after = (
        sum(act.counted for act in story.acts if act.day >= takeover)
        for story in (result.before, result.after)
    )
    return f"Of all other acts {others}. Hostile acts, excluding words and threats: {before} become {after}."


def _changes(result: Counterfactual) -> Table:
    changed = [change for change in result.changes if change.fate != "stays"]
    cells = [_cells(result, list(group)) for _, group in groupby(changed, key=_alike)]
    headings = ("Date", "becomes", "act", "answers it")
    return Table("What becomes different", headings, cells, frozenset({3}), CHANGES_NOTE)


def _alike(change: Change) -> tuple[Any, ...]:
    act, when = change.act, change.after.day if change.after else None
    return act.day, change.fate, act.actor, when, round(change.attributed, 6)


def _cells(result: Counterfactual, group: Sequence[Change]) -> tuple[str, ...]:
    first = group[0]
    share = first.attributed if first.fate not in ("struck", "forced") else 0.0
    acts = fmt.capital(deeds(result.before, [change.act for change in group]))
    return fmt.day(first.act.day), _fate(first), acts, fmt.percent(share) if share >= LEAST else ""


def _fate(change: Change) -> str:
    if change.before and change.after:
        apart = round(abs(change.after.time - change.before.time))
        if change.fate in ("earlier", "later"):
            return f"{fmt.plural(apart, 'day')} {change.fate}" if apart else f"{change.fate} that day"
        if change.fate == "resized":
            return sized_by(change.after) or FATES["resized"]
    return FATES[change.fate]


def _outcomes(result: Counterfactual) -> Table:
    cells = [
        (
            fmt.capital(change.outcome.label),
            *(_outcome(result, change, of) for of in (change.before, change.after)),
        )
        for change in result.outcomes
        if change.headline
    ]
    return Table(
        "Outcomes that change", ("Outcomes that change", "as it is", "then"), cells, frozenset({1, 2})
    )


def _outcome(result: Counterfactual, change: ChangedOutcome, of: float | None) -> str:
    if change.outcome.kind == "date":
        return "never" if of is None else fmt.day(fmt.day_of(of, result.scenario.start))
    if change.outcome.kind == "probability":
        return "yes" if of else "no"
    return "–" if of is None else fmt.number(of)


def _tree(result: Counterfactual) -> Tree:
    story, fate = result.before, {change.before.row: change for change in result.changes if change.before}

    def note(branch: Branch) -> str:
        fates = dict.fromkeys(_fate(fate[row]) for row in branch.acts if row in fate)
        return f" — {' / '.join(fates)}" if fates else ""

    lines = [
        line
        for index, branch in enumerate(story.tree)
        if (rows := set(branch.acts) & set(result.struck))
        for line in branch_lines(story, index, rows, note)
    ]
    return Tree(TREE, TREE_NOTE, tuple(lines))


def _change_row(change: Change) -> Sequence[Any]:
    act, after = change.act, change.after
    then = (after.row, after.day.isoformat(), after.size) if after else (None, None, None)
    about = (act.day.isoformat(), act.actor, act.target, act.instrument, act.size)
    return (change.fate, change.before.row if change.before else None, *about, change.attributed, *then)


# ---- the check of attribution


def _check_page(check: AttributionCheck) -> Page:
    cells = [
        _dyad("All dyads", check),
        *(_dyad(_label(check, dyad), dyad) for dyad in check.dyads[:MOST_DYADS]),
    ]
    headings = ("Acts on", "children", "all answers", "missing")
    note = CHECK_NOTE.format(window=f"{check.window:g}")
    table = Table("Attributed and missing", headings, cells, frozenset({1, 2, 3}), note)
    return result_page(check.scenario.title, _check_lines(check), (table,) if check.deleted else ())


def _dyad(label: str, dyad: AttributionCheck | DyadCheck) -> tuple[str, ...]:
    return label, fmt.value(dyad.children), fmt.estimate(dyad.descendants), fmt.estimate(dyad.vanished)


def _label(check: AttributionCheck, dyad: DyadCheck) -> str:
    return f"{check.actors[dyad.actor]} → {check.actors[dyad.target]}"


def _check_lines(check: AttributionCheck) -> Iterator[str]:
    yield (
        f"{fmt.plural(check.replications, 'replication')}, seed {check.seed}. In {check.deleted:,} of them"
        " one hostile act, drawn by chance, was taken out and the same world played again."
    )
    if not check.deleted:
        yield f"In none was there an act that could be followed for {check.window:g} days before the end."
        return
    yield (
        f"Without it {fmt.estimate(check.vanished)} other hostile acts are missing within {check.window:g}"
        f" days; attributed to it were {fmt.estimate(check.descendants)}."
    )
    by = fmt.difference(check.excess, unit="")
    if not check.excess.excludes_zero:
        yield f"The two cannot be told apart with so many replications ({by})."
    elif (check.excess.value or 0.0) > 0.0:
        yield f"More hangs on an act than is attributed to it ({by}): R reads too low for that."
    else:
        yield f"Less hangs on an act than is attributed to it ({by}): R reads too high for that."


def _check_row(check: AttributionCheck, dyad: DyadCheck) -> Sequence[Any]:
    means = (dyad.children, dyad.descendants, dyad.vanished)
    ends = (value for mean in means for value in (mean.value, mean.low, mean.high))
    return f"{dyad.actor}.{dyad.target}", _label(check, dyad), *ends
