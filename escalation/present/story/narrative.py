"""A story as a page: what was known before, what happened by date and why, what caused what, and in short."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from escalation.present.format import capital, command, day, days, listed, percent, plural
from escalation.present.page import Page, Passage, Section, Tree, section
from escalation.present.story.decision import decided
from escalation.present.story.phrases import (
    EXPLAINED,
    amount,
    deeds,
    loudest,
    named,
    reference,
    short_day,
    sized,
    tree_lines,
)
from escalation.study.execution import require_choice
from escalation.study.story.model import (
    HISTORY,
    SHOCK,
    Act,
    Choice,
    Decision,
    Origin,
    Story,
    TurningPoint,
)

HOW_TO_READ = (
    "How to read it: “what woke it” is the act or shock that weighed most of late when the actor sat down"
    " to decide, or a regular review of the measures in force; what “it answers” are the shares that all"
    " it was aggrieved by had in what it then did. Words need no meeting and no vote: they are picked"
    " among words and threats alone. Behind each thing weighed stand its probability and, in brackets, the"
    " sum of what spoke for and against it: the higher the sum, the likelier, though what belongs to a"
    " family with many options shares the family's weight; “other” is what is too small to name, and"
    " rounding. In square brackets stand the numbers of the acts, for `escalation whatif`."
)
TREE = "What caused what"
HEADINGS = (
    *("act", "origin", "date", "actor", "target", "instrument", "family", "size", "package"),
    *("probability", "parent", "main_cause", "main_share"),
)


def page(story: Story, full: bool = False) -> Page:  # noqa: ARG001 - a story is always whole
    """Return the page of a story, or of its turning points where it is brief."""
    if story.points is not None:
        return _brief_page(story, story.points)
    lines = () if story.only else tuple(tree_lines(story))
    sections = (
        section("", *opening(story)),
        section("In short", in_short(story)),
        section("", HOW_TO_READ),
        *_chapters(story),
        section("", Tree(TREE, EXPLAINED, lines)),
    )
    return Page(story.scenario.title, tuple(part for part in sections if part.blocks))


def _brief_page(story: Story, points: Sequence[TurningPoint]) -> Page:
    parts = (section("", *opening(story)[:1]), section("In short", in_short(story)))
    turns = section("Turning points", *turning_points(story, points))
    return Page(story.scenario.title, (*parts, turns, section("", _whole_story(story))))


def turning_points(story: Story, points: Sequence[TurningPoint]) -> Iterator[Passage]:
    """Yield a passage for each turning point: what was done, why, and what followed from it."""
    decisions = {decision.acts: decision for decision in story.decisions}
    for point in points:
        acts = [story.acts[row] for row in point.rows]
        shock = acts[0].origin == SHOCK
        head = _shock(acts[0], story).head if shock else f"{day(acts[0].day)}. {capital(deeds(story, acts))}."
        said = (*_why(acts, decisions.get(point.rows), story), *_followed(point, acts, story))
        yield Passage(head, (" ".join(said),))


def _why(acts: Sequence[Act], decision: Decision | None, story: Story) -> Iterator[str]:
    shares = acts[0].shares
    if shares:
        cause = reference(story, story.acts[shares[0].cause], acts[0].day)
        yield f"It answers {cause}, {percent(shares[0].share)} of it."
    if decision and decision.choices:
        gravest = max(decision.choices, key=lambda choice: abs(severity_of(choice, acts)))
        yield from loudest(gravest.picked)


def severity_of(choice: Choice, acts: Sequence[Act]) -> float:
    """Return how severe what was picked is; 0 where it did not take place."""
    return next((act.severity for act in acts if act.instrument == choice.picked.instrument), 0.0)


def _followed(point: TurningPoint, acts: Sequence[Act], story: Story) -> Iterator[str]:
    who = named(story, acts[0].actor)
    if point.beyond > 0:
        gives = max((act.severity for act in acts), key=abs) < 0
        yield f"It {'gives more' if gives else 'goes further'} than anything that {who} had done before."
    if point.following >= 0.5:
        yield f"{point.following:.1f} later hostile acts go back to it."


def _whole_story(story: Story) -> str:
    source, number = story.origin, story.origin.replication
    if source.folder:
        return f"The whole story: {command('explain', source.folder, replication=number)}"
    again = command(
        "explain", source.source, replication=number, seed=story.seed, overrides=story.overrides
    )  # fmt: skip
    return f"The whole story: {again}"


def rows(story: Story) -> tuple[Sequence[str], Iterator[Sequence[Any]]]:
    """Return a row for each act, under its headings."""
    return HEADINGS, (_row(act) for act in story.acts if story.only in (None, act.actor))


def _row(act: Act) -> Sequence[Any]:
    main = act.shares[0] if act.shares else None
    about = (act.row, act.origin, act.day.isoformat(), act.actor, act.target, act.instrument, act.family)
    cause = (main.cause, main.share) if main else (None, None)
    return *about, act.size, act.package, act.probability, act.parent, *cause


def only(story: Story, actor: str) -> Story:
    """Return the story of what one actor decided. Raises InputError when there is no such actor."""
    require_choice("actor", actor, story.actors)
    decisions = tuple(decision for decision in story.decisions if decision.actor == actor)
    return story.model_copy(update={"decisions": decisions, "only": actor})


def in_short(story: Story) -> str:
    """Return one paragraph: who acted how often, who answered whom most, what was blocked."""
    hostile = Counter(act.actor for act in story.simulated if act.counted)
    easing = Counter(act.actor for act in story.simulated if act.severity < 0)
    parts = [f"Hostile acts, excluding words and threats: {_tally(hostile, story)}."]
    parts += [f"Conciliatory acts: {_tally(easing, story)}."] if easing else []
    parts += [*_answered(story, hostile), *_blocked(story)]
    return " ".join(parts)


def _tally(counts: Counter[str], story: Story) -> str:
    return listed([f"{named(story, name)} {count}" for name, count in counts.most_common()]) or "none"


def _answered(story: Story, hostile: Counter[str]) -> Iterator[str]:
    total = sum(answering.acts for answering in story.answering)
    if not total:
        return
    shocks = sum(answering.acts for answering in story.answering if answering.answered is None)
    yield f"Of what they answer, {percent(shocks / total)} are shocks and the rest acts of one another."
    strongest = [
        answering for answering in story.answering if answering.answered is not None and answering.acts >= 0.5
    ][:3]
    said = [
        f"{named(story, answering.actor)} answered {named(story, str(answering.answered))}"
        f" with {amount(answering.acts, hostile[answering.actor])}"
        for answering in strongest
    ]
    if said:
        yield f"Most of all, {listed(said)} (in sum of shares)."


def _blocked(story: Story) -> Iterator[str]:
    votes = [vote for decision in story.decisions for vote in decision.votes if not vote.agreed]
    if votes:
        members = listed([named(story, name) for name in dict.fromkeys(str(vote.member) for vote in votes)])
        packages = sum(any(not vote.agreed for vote in decision.votes) for decision in story.decisions)
        were = "was" if packages == 1 else "were"
        yield f"{plural(packages, 'package')} {were} blocked, in {plural(len(votes), 'vote')}, by {members}."


class Event(NamedTuple):
    """A passage in time, or a decision to do nothing, of which several in a row make one passage."""

    time: float
    rank: int
    what: Passage | Decision


def opening(story: Story) -> list[str]:
    """Return the first lines: which replication this is, and whether it was cut off."""
    words = sum(decision.spoken for decision in story.decisions)
    decisions = sum(not (decision.refrained or decision.spoken) for decision in story.decisions)
    period = f"{day(story.scenario.simulate_from)} to {day(story.scenario.end)}"
    acts, decided = plural(len(story.simulated), "act"), plural(decisions, "decision")
    said = f" and {plural(words, 'statement')}" if words else ""
    lines = [f"{which(story.origin, story.seed)} {period}: {acts} in {decided}{said}."]
    if story.only is not None:
        lines[0] = f"{which(story.origin, story.seed)} {period}."
        lines.append(
            f"Told here is only what {named(story, story.only)} decided:"
            f" {plural(decisions, 'decision')} to act{said}."
        )
    if story.truncated:
        lines.append("It was cut off at a limit of acts or events: the story stops short of the end.")
    return lines


def which(source: Origin, seed: int) -> str:
    """Return which replication a story is of, as a sentence."""
    if source.of is None:
        return f"Replication {source.replication}, seed {seed}, played for this story."
    numbered = f"Replication {source.replication} of {source.of:,} (numbered from 0), seed {seed}"
    if not source.typical:
        return f"{numbered}, as asked for."
    return f"{numbered}: the most typical one, nearest to the mean in acts, first uses and tension."


def _chapters(story: Story) -> Iterator[Section]:
    """Yield what the scenario knows, and what happened from then on by date."""
    takeover = day(story.scenario.simulate_from)
    yield section(f"Before {takeover}: what the scenario knows", *_before(story))
    yield section(f"From {takeover} on: what happened", *_happened(story))


def _before(story: Story) -> Iterator[Passage]:
    known = [act for act in story.acts if act.day < story.scenario.simulate_from or act.origin == HISTORY]
    shocks = [f"{act.label} ({day(act.day)})" for act in known if act.origin == SHOCK]
    if shocks:
        yield Passage(f"Shocks: {'; '.join(shocks)}.")
    acts = [act for act in known if act.origin != SHOCK]
    pairs = dict.fromkeys((act.actor, act.target) for act in acts)
    for actor, target in sorted(pairs, key=lambda pair: list(story.actors).index(pair[0])):
        dates: dict[str, list[str]] = {}
        for act in acts:
            if (act.actor, act.target) == (actor, target):
                dates.setdefault(sized(act), []).append(short_day(act.day, story.scenario.simulate_from))
        said = "; ".join(f"{label}, {listed(when)}" for label, when in dates.items())
        yield Passage(f"{capital(named(story, actor))} towards {named(story, str(target))}: {said}.")


def _happened(story: Story) -> Iterator[Passage]:
    ordered = sorted(_events(story), key=lambda event: (event.time, event.rank))
    for quiet, events in groupby(ordered, key=lambda event: isinstance(event.what, Decision)):
        if quiet:
            yield _refrained([event.what for event in events if isinstance(event.what, Decision)], story)
        else:
            yield from (event.what for event in events if isinstance(event.what, Passage))


def _events(story: Story) -> Iterator[Event]:
    for act in story.acts:
        if act.origin == SHOCK and act.day >= story.scenario.simulate_from:
            yield Event(act.time, -1, _shock(act, story))
    for rank, decision in enumerate(story.decisions):
        if decision.refrained:
            yield Event(decision.time, rank, decision)
        else:
            yield from (Event(time, rank, passage) for time, passage in decided(decision, story))


def _shock(act: Act, story: Story) -> Passage:
    return Passage(f"{day(act.day)}. Shock: {act.label}. Blamed: {named(story, act.actor)}. [{act.row}]")


def _refrained(decisions: Sequence[Decision], story: Story) -> Passage:
    """Return the one line about decisions to do nothing."""
    when = days(decisions[0].day, decisions[-1].day)
    odds: dict[str, list[str]] = {}
    for decision in decisions:
        pair = f"{named(story, decision.actor)} about {named(story, decision.about)}"
        odds.setdefault(pair, []).append(percent(decision.choices[0].picked.probability))
    parts = [f"{pair} ({', '.join(shares)} likely)" for pair, shares in odds.items()]
    return Passage(f"{when}. Weighed, and nothing done: {', '.join(parts)}.")
