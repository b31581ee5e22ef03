"""One decision in words: what woke the actor, what it answers, what was weighed, how the vote went."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from escalation.present.story.phrases import (
    alternatives,
    causes,
    deeds,
    named,
    reference,
    short_day,
    times,
    voices,
    wishes,
)
from escalation.present.words import capital, day, days, number, percent
from escalation.study.story.model import SHOCK, Act, Choice, Decision, Story, Vote

WITHOUT_REASONS = {
    "ladder": "Its policy goes one rung up whenever it is provoked past a threshold.",
    "hazard": "Its policy answers each act with a fixed chance, whatever else has happened.",
    "scripted": "So it stands in its script.",
    "python": "Its policy is a program of its own that does not say why.",
    "proportional": "There was no room left to note what was weighed.",
}
"""What is said of decisions of which no weighing is known, by the kind of policy."""


class Passage(NamedTuple):
    """A dated headline and the paragraphs below it."""

    head: str
    body: tuple[str, ...]


def shock(act: Act, story: Story) -> Passage:
    """Return the passage of a shock."""
    return Passage(f"{day(act.day)}. Shock: {act.label}. Blamed: {named(story, act.actor)}.", ())


def decided(decision: Decision, story: Story) -> Iterator[tuple[float, Passage]]:
    """Yield the passages of one decision to act, each with its time: the decision and each later vote."""
    acts = [story.acts[row] for row in decision.acts]
    at_once = not decision.votes or decision.votes[0].agreed
    what = deeds(story, acts) if acts and at_once else _wanted(decision, acts, story)
    body = [_reasons(decision, acts, story), *_choices(decision)]
    if decision.votes:
        body.append(_vote(decision, 0, story))
    numbers = _numbers(acts) if acts and at_once else ""
    yield decision.time, Passage(f"{day(decision.day)}. {capital(what)}.{numbers}", tuple(body))
    for place, vote in enumerate(decision.votes[1:], 1):
        yield vote.time, _voted_again(decision, place, acts, story)


def refrained(decisions: Sequence[Decision], story: Story) -> Passage:
    """Return the one line about decisions to do nothing."""
    when = days(decisions[0].day, decisions[-1].day)
    odds: dict[str, list[str]] = {}
    for one in decisions:
        pair = f"{named(story, one.actor)} about {named(story, one.about)}"
        odds.setdefault(pair, []).append(percent(one.choices[0].picked.probability))
    parts = [f"{pair} ({', '.join(shares)} likely)" for pair, shares in odds.items()]
    return Passage(f"{when}. Weighed, and nothing done: {', '.join(parts)}.", ())


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
    return f"Blocked — {wished}"


def _reasons(decision: Decision, acts: Sequence[Act], story: Story) -> str:
    shares = acts[0].shares if acts else ()
    whole = len(shares) == 1 and shares[0].cause == decision.cause
    parts = [_woken(decision, story), *_mood(decision, story)]
    if whole:
        parts.append("That is all it answers.")
    elif shares:
        parts.append(f"It answers {causes(story, shares, decision.day)}.")
    if not decision.choices:
        odds = acts[0].probability if acts else None
        chance = f" Here that chance was {percent(odds)}." if odds is not None else ""
        parts.append(WITHOUT_REASONS[decision.policy] + chance)
    return " ".join(part for part in parts if part)


def _woken(decision: Decision, story: Story) -> str:
    if decision.cause is None:
        return "" if decision.policy == "scripted" else "What woke it: a grievance still open."
    cause = story.acts[decision.cause]
    named = reference(story, cause, decision.day)
    if decision.again:
        when = "at its next meeting" if decision.meets else "after a while"
        return f"Nothing new woke it: it came back {when} to {named}."
    if cause.actor == decision.actor and cause.origin != SHOCK:
        return f"What woke it: its own word, {named}, had fallen due."
    if cause.actor != decision.about and cause.day == decision.day:
        return f"It joined what a partner did the same day: {named}."
    return f"What woke it: {named}."


def _mood(decision: Decision, story: Story) -> Iterator[str]:
    mood, about = decision.mood, named(story, decision.about)
    if mood is None:
        return
    if mood.grievance > 0:
        yield (
            f"Its grievance against {about} stood at {mood.grievance:.1f};"
            f" in proportion would be an act of severity {mood.proportion:.1f} of 10."
        )
    elif mood.grievance < 0:
        yield f"It felt goodwill of {-mood.grievance:.1f} towards {about}."
    if mood.promise_due:
        yield f"A threat of its own had fallen due{_word(decision)}."
    if any(choice.picked.terms.get("yielding") for choice in decision.choices):
        yield (
            f"Pressure on it stood at {mood.pressure:.1f};"
            f" from {number(mood.yields_at or 0.0)} on it looks for relief."
        )
    aside = dict.fromkeys(one.target for one in decision.choices if one.target != decision.about)
    for target in aside:
        yield f"The quarrel is with {about}; {named(story, target)} is the member it aimed at."


def _word(decision: Decision) -> str:
    """Return whether the promise is kept, where keeping it was worth anything to the actor."""
    options = [(choice.picked, *choice.others) for choice in decision.choices]
    if not any("audience" in option.terms for weighed in options for option in weighed):
        return ""
    kept = any("audience" in choice.picked.terms for choice in decision.choices)
    return ", and it keeps its word" if kept else ", and it lets the promise go"


def _choices(decision: Decision) -> Iterator[str]:
    for place, choice in enumerate(decision.choices):
        yield _choice(choice, decision, first=place == 0)


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


def _vote(decision: Decision, place: int, story: Story) -> str:
    vote = decision.votes[place]
    if vote.agreed:
        return "All members agreed."
    return f"{_objection(vote, story)}; {_waiting(decision, place)}."


def _objection(vote: Vote, story: Story) -> str:
    member = capital(named(story, str(vote.member)))
    if vote.held_until:
        return f"{member} held it up, as it is known to until {day(vote.held_until)}"
    return f"{member} withheld consent"


def _waiting(decision: Decision, place: int) -> str:
    if place + 1 < len(decision.votes):
        return f"the package waits for the meeting of {day(decision.votes[place + 1].day)}"
    return "the package was still waiting when the story ends"


def _voted_again(decision: Decision, place: int, acts: Sequence[Act], story: Story) -> Passage:
    vote, when = decision.votes[place], day(decision.votes[place].day)
    wanted, blocked = short_day(decision.day, vote.day), times(place)
    if vote.agreed:
        body = f"The package wanted on {wanted} and blocked {blocked} found consent: all members agreed."
        deed = f"{capital(deeds(story, acts))}.{_numbers(acts)}" if acts else "Agreed."
        return Passage(f"{when}. {deed}", (body,))
    head = f"{when}. {_wanted(decision, acts, story)} again."
    return Passage(head, (f"Wanted since {wanted}. {_vote(decision, place, story)}",))
