"""A story as a page: what was known before, what happened by date and why, what caused what, and in short."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from escalation.errors import InputError, nearest
from escalation.present.format import capital, command, day, days, listed, percent, plural
from escalation.present.page import Page, Passage, Section, Tree, section
from escalation.present.story.causes import EXPLAINED, tree_lines
from escalation.present.story.phrases import (
    alternatives,
    amount,
    causes,
    deeds,
    loudest,
    named,
    reference,
    short_day,
    sized,
    times,
    voices,
    wishes,
)
from escalation.study.story.model import (
    HISTORY,
    SHOCK,
    Act,
    Choice,
    Decision,
    Mood,
    Origin,
    Story,
    TurningPoint,
    Vote,
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
WITHOUT_REASONS = {
    "ladder": "Its policy goes one rung up whenever it is provoked past a threshold.",
    "hazard": "Its policy answers each act with a fixed chance, whatever else has happened.",
    "scripted": "So it stands in its script.",
    "python": "Its policy is a program of its own that does not say why.",
    "proportional": "Said in words, without a decision.",
}
"""What is said of decisions of which no weighing is known, by the kind of policy (`proportional`: words)."""

NOTICED = 0.005
"""Part of an act that answers nothing from which on this is said."""


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
    if actor not in story.actors:
        near = nearest(actor, tuple(story.actors))
        hint = f" (did you mean {near}?)" if near else ""
        raise InputError(f"actor: found {actor!r}; allowed are {', '.join(story.actors)}{hint}")
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
            yield from (Event(time, rank, passage) for time, passage in _decided(decision, story))


def _shock(act: Act, story: Story) -> Passage:
    """Return the passage of a shock."""
    return Passage(f"{day(act.day)}. Shock: {act.label}. Blamed: {named(story, act.actor)}. [{act.row}]")


def _decided(decision: Decision, story: Story) -> Iterator[tuple[float, Passage]]:
    """Yield the passages of one decision to act, each with its time: the decision and each later vote."""
    acts = [story.acts[row] for row in decision.acts]
    body = [_reasons(decision, acts, story), *_choices(decision), _voted(decision, 0, acts, story)]
    head = _head(decision, decision.time, not decision.votes or decision.votes[0].agreed, acts, story)
    yield decision.time, Passage(f"{day(decision.day)}. {head}", tuple(text for text in body if text))
    for index, vote in enumerate(decision.votes[1:], 1):
        yield vote.time, _voted_again(decision, index, acts, story)
    last = decision.votes[-1] if decision.votes else decision
    if acts and acts[0].time > last.time:
        body = [f"Agreed on {short_day(last.day, acts[0].day)}, and now adopted."]
        yield acts[0].time, Passage(f"{day(acts[0].day)}. {_done(acts, story)}", tuple(body))


def _head(decision: Decision, time: float, agreed: bool, acts: Sequence[Act], story: Story) -> str:
    """Return what comes of a decision at a moment: its acts, or that it is agreed or blocked."""
    if acts and acts[0].time == time:
        return _done(acts, story)
    return f"{'Agreed' if agreed else 'Blocked'} — {_wanted(decision, acts, story)}"


def _done(acts: Sequence[Act], story: Story) -> str:
    return f"{capital(deeds(story, acts))}.{_numbers(acts)}"


def _refrained(decisions: Sequence[Decision], story: Story) -> Passage:
    """Return the one line about decisions to do nothing."""
    when = days(decisions[0].day, decisions[-1].day)
    odds: dict[str, list[str]] = {}
    for decision in decisions:
        pair = f"{named(story, decision.actor)} about {named(story, decision.about)}"
        odds.setdefault(pair, []).append(percent(decision.choices[0].picked.probability))
    parts = [f"{pair} ({', '.join(shares)} likely)" for pair, shares in odds.items()]
    return Passage(f"{when}. Weighed, and nothing done: {', '.join(parts)}.")


def _numbers(acts: Sequence[Act]) -> str:
    first, last = acts[0].row, acts[-1].row
    return f" [{first}]" if first == last else f" [{first}–{last}]"


def _wanted(decision: Decision, acts: Sequence[Act], story: Story) -> str:
    if decision.choices:
        wished = wishes(story, decision.actor, decision.choices)
    elif acts:
        wished = deeds(story, acts)
    else:
        wished = f"{named(story, decision.actor)} against {named(story, decision.about)}: a package"
    return f"{wished}."


def _reasons(decision: Decision, acts: Sequence[Act], story: Story) -> str:
    shares = acts[0].shares if acts else ()
    unanswering = 1.0 - sum(share.share for share in shares)
    whole = len(shares) == 1 and shares[0].cause == decision.cause and unanswering < NOTICED
    parts = [_woken(decision, story), *_mood(decision, story)]
    if whole:
        parts.append("That is all it answers.")
    elif shares:
        rest = (
            f"; the other {percent(unanswering)} answer nothing that was done"
            if unanswering >= NOTICED
            else ""
        )
        parts.append(f"It answers {causes(story, shares, decision.day)}{rest}.")
    elif acts and decision.mood:
        parts.append("It answers nothing that was done.")
    if not decision.choices:
        odds = acts[0].probability if acts else None
        chance = f" Here that chance was {percent(odds)}." if odds is not None else ""
        parts.append(WITHOUT_REASONS[decision.policy] + chance)
    return " ".join(part for part in parts if part)


def _woken(decision: Decision, story: Story) -> str:
    if decision.cause is None:
        scripted = decision.policy == "scripted"
        return "" if scripted else "What woke it: its regular review of the measures in force."
    cause = story.acts[decision.cause]
    named = reference(story, cause, decision.day)
    if decision.again:
        when = "at its next meeting" if decision.meets else "after a while"
        return f"Nothing new woke it: it came back {when} to {named}."
    if cause.actor == decision.actor and cause.origin != SHOCK:
        return f"What woke it: its own word, {named}, had fallen due."
    if cause.actor != decision.about and cause.day == decision.day and not decision.spoken:
        return f"It joined what a partner did the same day: {named}."
    return f"What woke it: {named}."


def _mood(decision: Decision, story: Story) -> Iterator[str]:
    mood, about = decision.mood, named(story, decision.about)
    if mood is None:
        return
    felt = min(10.0, mood.reciprocity * mood.care * mood.grievance)
    if mood.grievance > 0:
        yield (
            f"Its grievance against {about} stood at {mood.grievance:.1f}; with {_answering(mood)}"
            f" in proportion would be an act of severity {felt:.1f} of 10."
        )
    elif mood.grievance < 0:
        yield f"It felt goodwill of {-mood.grievance:.1f} towards {about}."
    if mood.floor > max(felt, 0.0):
        due = mood.floor + min(felt, 0.0)
        yield f"A review of the measures in force was due; it calls for severity {due:.1f}."
    if mood.promise_due:
        yield f"A threat of its own had fallen due{_word(decision)}."
    if any(choice.picked.terms.get("yielding") for choice in decision.choices):
        yield (
            f"The pressure of {about} on it stood at {mood.pressure:.1f}, its trust that this ends when it"
            f" gives way at {mood.trust:.2f}, the affront at {mood.affront:.1f}."
        )
    aside = dict.fromkeys(choice.target for choice in decision.choices if choice.target != decision.about)
    for target in aside:
        yield f"The quarrel is with {about}; {named(story, target)} is the member it aimed at."


def _answering(mood: Mood) -> str:
    """Return by how much the actor answers, with the names of the parameters: `reciprocity 0.5, care 0.3`."""
    care = "" if mood.care == 1 else f", care {mood.care:.2g}"
    return f"reciprocity {mood.reciprocity:.2g}{care}"


def _word(decision: Decision) -> str:
    """Return whether the promise is kept, where keeping it was worth anything to the actor."""
    options = [(choice.picked, *choice.others) for choice in decision.choices]
    if not any("audience" in option.terms for weighed in options for option in weighed):
        return ""
    honoured = any("audience" in choice.picked.terms for choice in decision.choices)
    return ", and it keeps its word" if honoured else ", and it lets the promise go"


def _choices(decision: Decision) -> Iterator[str]:
    for index, choice in enumerate(decision.choices):
        yield _choice(choice, decision, first=index == 0)


def _choice(choice: Choice, decision: Decision, first: bool) -> str:
    picked = choice.picked
    if first:
        before = f"{capital(picked.label)} was picked with probability {percent(picked.probability)}."
    else:
        more = percent(decision.mood.more) if decision.mood else ""
        before = (
            f"One more joined the package (a chance of {more}): {picked.label},"
            f" picked with probability {percent(picked.probability)}."
        )
    weighed = f" Also weighed: {alternatives(choice)}." if choice.others else " There was nothing else."
    return f"{before} {voices(picked)}{weighed}{_balance(choice) if first else ''}"


def _balance(choice: Choice) -> str:
    options = (choice.picked, *choice.others)
    hostile = sum(option.probability for option in options if option.hostile)
    nothing = next((option for option in options if option.instrument is None), None)
    easing = 1.0 - hostile - (nothing.probability if nothing else 0.0)
    parts = [f"something hostile {percent(hostile)}", f"something conciliatory {percent(max(0.0, easing))}"]
    if nothing:
        parts.append(f"nothing {percent(nothing.probability)}")
    return f" All in all: {', '.join(parts)}."


def _voted(decision: Decision, index: int, acts: Sequence[Act], story: Story) -> str:
    """Return how a vote went, and when what was agreed is adopted; without votes, this alone."""
    vote = decision.votes[index] if decision.votes else None
    if vote and not vote.agreed:
        return f"{_objection(vote, story)}; {_waiting(decision, index)}."
    if acts and acts[0].time == (vote or decision).time:
        return "All members agreed." if vote else ""
    adopted = f"it is adopted on {day(acts[0].day)}" if acts else "nothing of it was adopted by the end"
    return f"{'All members agreed' if vote else 'It was agreed'}; {adopted}."


def _objection(vote: Vote, story: Story) -> str:
    member = capital(named(story, str(vote.member)))
    if vote.held_until:
        return f"{member} held it up, as it is known to until {day(vote.held_until)}"
    return f"{member} withheld consent"


def _waiting(decision: Decision, index: int) -> str:
    if index + 1 < len(decision.votes):
        return f"the package waits for the meeting of {day(decision.votes[index + 1].day)}"
    return "the package was still waiting when the story ends"


def _voted_again(decision: Decision, index: int, acts: Sequence[Act], story: Story) -> Passage:
    vote, when = decision.votes[index], day(decision.votes[index].day)
    wanted, blocked = short_day(decision.day, vote.day), times(index)
    if vote.agreed:
        consent = f"The package wanted on {wanted} and blocked {blocked} found consent."
        body = f"{consent} {_voted(decision, index, acts, story)}"
        return Passage(f"{when}. {_head(decision, vote.time, True, acts, story)}", (body,))
    head = f"{when}. {_head(decision, vote.time, False, acts, story).removesuffix('.')} again."
    return Passage(head, (f"Wanted since {wanted}. {_voted(decision, index, acts, story)}",))
