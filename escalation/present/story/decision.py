"""A decision as passages of a story: what woke the actor, what it felt and weighed, how members voted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from escalation.present.format import capital, day, percent
from escalation.present.page import Passage
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
from escalation.study.story.model import SHOCK, Act, Choice, Decision, Mood, Story, Vote

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


def decided(decision: Decision, story: Story) -> Iterator[tuple[float, Passage]]:
    """Yield the passages of one decision to act, each with its time: the decision and each later vote."""
    acts = [story.acts[row] for row in decision.acts]
    choices = [_choice(choice, decision, n == 0) for n, choice in enumerate(decision.choices)]
    body = [_reasons(decision, acts, story), *choices, _voted(decision, 0, acts, story)]
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
