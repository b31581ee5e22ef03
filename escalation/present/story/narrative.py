"""The story of one replication in words: what was known before, what happened by date, and in short."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from escalation.present.story.passages import Passage, decided, refrained, shock
from escalation.present.story.phrases import amount, listed, named, short_day, sized
from escalation.present.words import capital, day, percent, plural
from escalation.study.story.model import HISTORY, SHOCK, Decision, Story

HOW_TO_READ = (
    "How to read it: “what woke it” is the act or shock after which the actor sat down to decide; what “it"
    " answers” are the shares that all it was aggrieved by had in what it then did. Behind each thing"
    " weighed stand its probability and, in brackets, the sum of what spoke for and against it: the higher"
    " the sum, the likelier, though what belongs to a family with many options shares the family's weight;"
    " “other” is what is too small to name, and rounding. In square brackets stand the numbers of"
    " the acts, for `escalation whatif`."
)


class Chapter(NamedTuple):
    """A part of the story."""

    title: str
    passages: tuple[Passage, ...]


class Event(NamedTuple):
    """A passage in time, or a decision to do nothing, of which several in a row make one passage."""

    time: float
    rank: int
    told: Passage | Decision


def opening(story: Story) -> list[str]:
    """Return the first lines: which replication this is, and whether it was cut off."""
    decisions = sum(not one.refrained for one in story.decisions)
    lines = [
        f"{_which(story)} {day(story.scenario.simulate_from)} to {day(story.scenario.end)}:"
        f" {plural(len(story.simulated), 'act')} in {plural(decisions, 'decision')}."
    ]
    if story.only is not None:
        lines[0] = f"{_which(story)} {day(story.scenario.simulate_from)} to {day(story.scenario.end)}."
        lines.append(
            f"Told here is only what {named(story, story.only)} decided:"
            f" {plural(decisions, 'decision')} to act."
        )
    if story.truncated:
        lines.append("It was cut off at a limit of acts or events: the story stops short of the end.")
    return lines


def _which(story: Story) -> str:
    source, seed = story.origin, story.seed
    if source.of is None:
        return f"Replication {source.replication}, seed {seed}, played for this story."
    numbered = f"Replication {source.replication} of {source.of:,} (numbered from 0), seed {seed}"
    if not source.typical:
        return f"{numbered}, as asked for."
    return f"{numbered}: the most typical one, nearest to the mean in acts, first uses and tension."


def chapters(story: Story) -> list[Chapter]:
    """Return what the scenario knows, and what happened from then on by date; empty ones are left out."""
    takeover = day(story.scenario.simulate_from)
    found = [
        Chapter(f"Before {takeover}: what the scenario knows", tuple(_before(story))),
        Chapter(f"From {takeover} on: what happened", tuple(_told(story))),
    ]
    return [chapter for chapter in found if chapter.passages]


def _before(story: Story) -> Iterator[Passage]:
    known = [act for act in story.acts if act.day < story.scenario.simulate_from or act.origin == HISTORY]
    shocks = [f"{act.label} ({day(act.day)})" for act in known if act.origin == SHOCK]
    if shocks:
        yield Passage(f"Shocks: {'; '.join(shocks)}.", ())
    acts = [act for act in known if act.origin != SHOCK]
    pairs = dict.fromkeys((act.actor, act.target) for act in acts)
    for actor, target in sorted(pairs, key=lambda pair: list(story.actors).index(pair[0])):
        dates: dict[str, list[str]] = {}
        for act in acts:
            if (act.actor, act.target) == (actor, target):
                dates.setdefault(sized(act), []).append(short_day(act.day, story.scenario.simulate_from))
        said = "; ".join(f"{label}, {listed(when)}" for label, when in dates.items())
        yield Passage(f"{capital(named(story, actor))} towards {named(story, str(target))}: {said}.", ())


def _told(story: Story) -> Iterator[Passage]:
    ordered = sorted(_events(story), key=lambda event: (event.time, event.rank))
    for quiet, events in groupby(ordered, key=lambda event: isinstance(event.told, Decision)):
        if quiet:
            yield refrained([one.told for one in events if isinstance(one.told, Decision)], story)
        else:
            yield from (one.told for one in events if isinstance(one.told, Passage))


def _events(story: Story) -> Iterator[Event]:
    for act in story.acts:
        if act.origin == SHOCK and act.day >= story.scenario.simulate_from:
            yield Event(act.time, -1, shock(act, story))
    for rank, decision in enumerate(story.decisions):
        if decision.refrained:
            yield Event(decision.time, rank, decision)
        else:
            yield from (Event(time, rank, passage) for time, passage in decided(decision, story))


def in_short(story: Story) -> str:
    """Return one paragraph: who acted how often, who answered whom most, what was blocked."""
    hostile = Counter(act.actor for act in story.simulated if act.counted)
    easing = Counter(act.actor for act in story.simulated if act.severity < 0)
    parts = [f"Hostile acts other than words and threats: {_tally(hostile, story)}."]
    parts += [f"Conciliatory acts: {_tally(easing, story)}."] if easing else []
    parts += [*_answered(story, hostile), *_blocked(story)]
    return " ".join(parts)


def _tally(counts: Counter[str], story: Story) -> str:
    return listed([f"{named(story, name)} {count}" for name, count in counts.most_common()]) or "none"


def _answered(story: Story, hostile: Counter[str]) -> Iterator[str]:
    total = sum(one.acts for one in story.answering)
    if not total:
        return
    shocks = sum(one.acts for one in story.answering if one.answered is None)
    yield f"Of what they answer, {percent(shocks / total)} are shocks and the rest acts of one another."
    strongest = [one for one in story.answering if one.answered is not None and one.acts >= 0.5][:3]
    said = [
        f"{named(story, one.actor)} answered {named(story, str(one.answered))}"
        f" with {amount(one.acts, hostile[one.actor])}"
        for one in strongest
    ]
    if said:
        yield f"Most of all, {listed(said)} (in sum of shares)."


def _blocked(story: Story) -> Iterator[str]:
    votes = [vote for one in story.decisions for vote in one.votes if not vote.agreed]
    if votes:
        members = listed([named(story, name) for name in dict.fromkeys(str(vote.member) for vote in votes)])
        packages = sum(any(not vote.agreed for vote in one.votes) for one in story.decisions)
        were = "was" if packages == 1 else "were"
        yield f"{plural(packages, 'package')} {were} blocked, in {plural(len(votes), 'vote')}, by {members}."
