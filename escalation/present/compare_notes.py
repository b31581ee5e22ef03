"""How runs were compared, in the last lines of a comparison: which worlds, how sure, what was left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

from escalation.present import format as fmt
from escalation.study.compare.model import Comparison, Contrast, Difference, Note, Reason, Side

NAMED = 6
"""Outcomes of one kind that are named one by one."""
WORTH_SAYING = 1.2
"""Pairs that tell as much as fewer times as many independent replications are not remarked."""
QUESTIONS = "the questions of the scenario"


def closing(
    comparison: Comparison, printed: Sequence[Difference], questions: str = QUESTIONS, full: bool = False
) -> tuple[str, ...]:
    """Return the notes: how it was compared, how sure `sure` is, what was left out.

    `printed` are the differences that a reader sees, `questions` says what the family of questions is; with
    `full`, statistics are called by their names.
    """
    differing = any(not difference.equal for difference in printed)
    return (
        *_worlds(comparison),
        *(_certainty(comparison, printed, questions, full) if differing else ()),
        *(line for index, side in enumerate(comparison.sides) for line in _unwell(fmt.letter(index), side)),
        *(line for contrast in comparison.contrasts for line in _left_out(contrast)),
    )


def _worlds(comparison: Comparison) -> Iterator[str]:
    baseline = comparison.baseline
    period = f"{fmt.day(baseline.scenario.simulate_from)} to {fmt.day(baseline.scenario.end)}"
    for side, contrast in comparison.pairs():
        them = fmt.letter(contrast.other)
        if contrast.paired:
            futures = fmt.plural(contrast.pairs, "future")
            yield f"{futures}, {period}, each with the same chance in A and {them}{_worth(contrast)}."
        else:
            baseline_count, other = (of.replications.finished for of in (baseline, side))
            yield f"{baseline_count:,} futures in A and {other:,} in {them}, {period} in A."


def _worth(contrast: Contrast) -> str:
    """Return how many independent replications would tell as much, for the median outcome."""
    known = (difference.variance_ratio for difference in contrast.differences)
    ratios = [ratio for ratio in known if ratio is not None]
    if not ratios or median(ratios) < WORTH_SAYING:
        return ""
    count = float(f"{contrast.pairs * median(ratios):.2g}")
    return f": they tell as much as {count:,.0f} independent ones"


def _certainty(
    comparison: Comparison, printed: Sequence[Difference], questions: str, full: bool
) -> Iterator[str]:
    if comparison.adjustment == "holm":
        method = " (Holm's method)" if full else ""
        yield f"Sure: 95% sure {_families(comparison, questions)}{method}. Each interval is for itself."
    else:
        yield "Sure: 95% sure of each by itself. Of 20 differences that are none, one looks sure."
    if any(contrast.paired for contrast in comparison.contrasts):
        yield f"Above: in how many futures it is more, or later{_give_or_take(printed)}."
    if not all(contrast.paired for contrast in comparison.contrasts):
        yield "Above, of independent runs: how often any future of the one has more than any of A, or later."
    if any(difference.statistic == "restricted_mean" for difference in printed):
        yield "An average day counts what never comes as the last day."
    if any(difference.outcome.measure == "relation" for difference in printed):
        places = (
            f"{index} {name.replace('_', ' ')}" for index, name in enumerate(comparison.baseline.relations)
        )
        yield f"Relations: {', '.join(places)}."


def _give_or_take(printed: Sequence[Difference]) -> str:
    """Return how far the shares of what lies above are known: the widest half of an interval."""
    shares = [difference.p_exceeds for difference in printed if not difference.equal]
    widest = max((share.half_width or 0.0 for share in shares if share), default=0.0)
    return f", give or take {100 * widest:.0f} points at most" if widest else ""


def _families(comparison: Comparison, name: str) -> str:
    """Return what is sure at once: the questions are one family, everything else another."""
    questions, others = comparison.questions, comparison.tests - comparison.questions
    if not questions or not others:
        return f"of all {fmt.plural(comparison.tests, 'difference')} at once"
    return (
        f"of a whole family at once: {name} are one family of {questions:,}, everything else another of"
        f" {others:,}"
    )


def _unwell(name: str, side: Side) -> Iterator[str]:
    failed, truncated = side.replications.failed, side.replications.truncated
    if failed:
        yield f"Failed: {fmt.plural(failed, 'replication')} of {name}, left out."
    if truncated:
        yield f"Truncated: {fmt.plural(truncated, 'replication')} of {name} stopped at a limit; included."


def _left_out(contrast: Contrast) -> Iterator[str]:
    them = fmt.letter(contrast.other)
    if contrast.dropped:
        pairs = fmt.plural(contrast.dropped, "pair")
        yield f"Left out: {pairs} of A and {them}, one or both of which failed."
    if past := [use.outcome.label for use in contrast.past_uses if not use.headline]:
        yield f"Not compared, being in the history of one scenario alone: {fmt.joined(past, NAMED)}."
    for name, only in ("A", contrast.only_baseline), (them, contrast.only_other):
        if only:
            yield f"Not compared, for only {name} has it: {fmt.joined(only, NAMED)}."
    yield from map(note_words, contrast.notes)


def note_words(note: Note) -> str:
    """Return what else a reader must know of a contrast, as a sentence."""
    baseline, other = (fmt.number(of) if of is not None else "" for of in (note.baseline, note.other))
    runs = " and ".join(note.runs)
    independent = "R is compared as that of independent runs"
    return {
        "horizon": (
            f"Dates are compared over the first {note.value or 0:,.0f} days from the start; everything else"
            " covers what each run covers."
        ),
        "runaway": f"A runaway is tension above {baseline} in one and {other} in the other.",
        "window": f"Acts are followed for {baseline} days in one and {other} days in the other.",
        "few": (
            f"Means of fewer than {note.value or 0:.0f} replications have no interval; nothing is sure of"
            " them."
        ),
        "no_flywheel": f"R is not compared: the version that made {runs} did not store it.",
        "other_batches": (
            f"{independent}: of different numbers of replications, they are divided into other batches."
        ),
        "no_batches": f"{independent}: {runs} did not keep its batches.",
    }[note.code]


def reason_words(reason: Reason) -> str:
    """Return why replications could not be paired."""
    days = {"start": "their history begins", "takeover": "they are simulated from then on", "end": "they end"}
    if reason.code in days:
        baseline, other = (fmt.day(at) for at in (reason.baseline, reason.other))  # type: ignore[arg-type]
        return f"{days[reason.code]} on different days ({baseline} and {other})"
    return {
        "seed": f"their seeds differ ({reason.baseline} and {reason.other})",
        "model": "they were made with different versions of the model",
        "replications": "they have no replication in common",
    }[reason.code]
