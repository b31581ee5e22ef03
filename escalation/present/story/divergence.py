"""Two stories side by side from where they diverge, and what made them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from escalation.present.format import capital, day, decimal, percent, plural, signed
from escalation.present.page import Page, Table, result_page
from escalation.present.story.phrases import SPEAKS_FOR, deeds, named, reference, wishes
from escalation.study.story.divergence import INERTIA, OPTIONS, TEMPERATURE, Divergence, Influence
from escalation.study.story.model import SHOCK, Act, Decision, Story, WeighedOption

Names = tuple[str, str]
"""What the two stories are called."""

HEADINGS = ("story", "act", "origin", "date", "actor", "target", "instrument", "size", "in_both")
SAME = "="
NOTE = "Side by side from there on; = stands for the same act at the same time."
TERMS = {
    "proportionality": "proportion to the grievance",
    "bite": "the harm it does",
    "alignment": "what partners did",
    "fit": "what the shocks suggest",
    "own_cost": "its cost to the sender",
    "fear": "fear of retaliation",
    "gradualism": "keeping to the ladder",
    "last_resort": "being a last resort",
    "saturation": "being in force already",
    "audience": "a promise to keep",
    "yielding": "relief from pressure",
    "face": "the affront in what was done",
    INERTIA: "the pull of doing nothing",
    TEMPERATURE: "how much chance there is in choosing",
    OPTIONS: "what could be done at all",
}
"""What can make a choice differ, in words."""

SHOWN = 3


def page(result: Divergence, full: bool = False) -> Page:  # noqa: ARG001 - it is always whole
    """Return the page of two stories that diverge."""
    names = _names(result)
    title = f"{names[0]} and {names[1]}"
    which = f"Replication {result.stories[0].origin.replication}, seed {result.seed}, of both"
    if result.differ_in == "nothing":
        acts = plural(len(result.stories[0].simulated), "act")
        return result_page(title, (f"{which}.", f"The two are the same story to the end: {acts}."))
    known = "" if result.shared == 0 else f": until then {plural(result.shared, 'decision')} to act in common"
    lines = [f"{which}. They part on {day(result.day)}{known}.", *_what(result, names)]
    return result_page(title, lines, (_options(result, names), _side_by_side(result, names)))


def rows(result: Divergence) -> tuple[Sequence[str], Iterator[Sequence[Any]]]:
    """Return the acts of both stories from there on, under their headings."""
    return HEADINGS, _rows(result)


def _names(result: Divergence) -> Names:
    first, other = (story.origin.folder or story.origin.source for story in result.stories)
    return (first, other) if first != other else (f"{first} (first)", f"{other} (second)")


def _what(result: Divergence, names: Names) -> Iterator[str]:
    """Yield the two decisions, and what made them differ."""
    for name, story, decision, act in zip(names, result.stories, result.decisions, result.acts, strict=True):
        yield f"{name}: {_side(result, story, decision, act)}"
    if result.differ_in == "choice":
        yield from _why(result)
    elif result.differ_in == "vote":
        yield "They want the same and are not of one mind on it: the vote differs, not the choice."
    elif result.differ_in == "moment":
        yield "They part in when somebody decides, not in what: there are no two choices to compare."
    elif result.differ_in == "package":
        yield "The first choices are the same; the packages differ in length or in whom they aim at."
    elif result.differ_in == "act":
        yield "It stands in the one scenario and not in the other: nobody chose it."


def _side(result: Divergence, story: Story, decision: Decision | None, act: Act | None) -> str:
    if act is not None:
        if act.origin == SHOCK:
            return f"a shock, {act.label}."
        return f"{deeds(story, [act])}."
    if decision is None:
        return f"nothing at that moment.{_next(result, story)}"
    who, about = named(story, decision.actor), named(story, decision.about)
    if decision.refrained:
        text = f"{who} thinks about {about}, and does nothing"
    elif decision.choices:
        text = wishes(story, decision.actor, decision.choices)
    else:
        text = deeds(story, [story.acts[row] for row in decision.acts])
    return f"{text}.{_mood(story, decision)}{_vote(result, decision)}"


def _next(result: Divergence, story: Story) -> str:
    """Return when the pair that decides in the other story next decides in this one."""
    other = (
        next(decision for decision in result.decisions if decision is not None)
        if any(result.decisions)
        else None
    )
    if other is None:
        return ""
    later = (
        decision
        for decision in story.decisions
        if (decision.actor, decision.about) == (other.actor, other.about) and decision.time > result.time
    )
    following = next(later, None)
    pair = f"{named(story, other.actor)} about {named(story, other.about)}"
    return (
        f" The next decision of {pair} is on {day(following.day)}."
        if following
        else f" There is no later one of {pair}."
    )


def _mood(story: Story, decision: Decision) -> str:
    if decision.mood is None:
        return ""
    grievance, proportion = (
        decimal(value, 1) for value in (decision.mood.grievance, decision.mood.proportion)
    )
    said = [f"Grievance {grievance}", f"in proportion {proportion}"]
    if decision.cause is not None:
        how = "back at" if decision.again else "woken by"
        said.append(f"{how} {reference(story, story.acts[decision.cause], decision.day)}")
    return f" ({'; '.join(said)}.)"


def _vote(result: Divergence, decision: Decision) -> str:
    vote = next((vote for vote in decision.votes if vote.time == result.time), None)
    if result.differ_in != "vote" or vote is None:
        return ""
    return " All agreed." if vote.agreed else f" Blocked by {vote.member}."


def _why(result: Divergence) -> Iterator[str]:
    picked, other = (_picked(decision, result.item) for decision in result.decisions)
    yield (
        f"The same draw, {result.draw:.3f} of 1, fell on {picked.label} in the one and on {other.label} in"
        " the other."
    )
    if not result.influences:
        return
    first = result.influences[0]
    word = TERMS[first.name]
    if first.picked == other.instrument:
        yield f"What made it differ: {word}. Changed alone, it is enough for {other.label}{_moved(first)}."
    elif first.picked != picked.instrument:
        yield (
            f"What made it differ most: {word}. Changed alone, it moves the draw off {picked.label}"
            f"{_moved(first)}; only with the rest does it fall on {other.label}."
        )
    else:
        yield f"No one thing made it differ; {word} moved most{_moved(first)}."
    rest = [f"{TERMS[weight.name]} {percent(weight.moved)}" for weight in result.influences[1 : 1 + SHOWN]]
    if rest:
        yield f"What else changed, and how much probability it moves alone: {', '.join(rest)}."


def _moved(weight: Influence) -> str:
    return f" ({percent(weight.moved)} of the probability changes hands)"


def _picked(decision: Decision | None, item: int) -> WeighedOption:
    assert decision
    return decision.choices[item].picked


def _options(result: Divergence, names: Names) -> Table | None:
    """Return the likeliest options of both choices with their probabilities, and what the main thing gave."""
    if result.differ_in != "choice":
        return None
    sides = [decision.choices[result.item] for decision in result.decisions if decision]
    odds = [{option.label: option for option in (choice.picked, *choice.others)} for choice in sides]
    labels = sorted(
        dict.fromkeys(label for side in odds for label in side),
        key=lambda label: -max(side[label].probability if label in side else 0.0 for side in odds),
    )
    picked = [choice.picked.label for choice in sides]
    shown = list(dict.fromkeys([*picked, *labels[:6]]))
    why = result.influences[0].name if result.influences else ""
    rows = [
        (
            capital(label),
            *(
                _cell(side.get(label), label == choice, why)
                for side, choice in zip(odds, picked, strict=True)
            ),
        )
        for label in shown
    ]
    term = f"; in brackets {TERMS[why]}" if why in SPEAKS_FOR else ""
    note = f"Probability of each option{term}. > marks what the draw fell on; – what could not be done."
    return Table("What was weighed", ("What was weighed", *names), rows, frozenset({1, 2}), note)


def _cell(option: WeighedOption | None, picked: bool, why: str) -> str:
    if option is None:
        return "–"
    value = f" ({signed(option.terms[why], 1)})" if why in option.terms else ""
    return f"{'> ' if picked else ''}{percent(option.probability)}{value}"


def _side_by_side(result: Divergence, names: Names) -> Table:
    """Return what happens in both from there on, day by day."""
    sides, common = _from_there(result)
    dated = sorted(
        ((act.day, act.actor, side, act) for side, acts in enumerate(sides) for act in acts),
        key=lambda entry: (entry[0], entry[1], entry[2], entry[3].row),
    )
    cells: list[tuple[str, ...]] = []
    for (when, _), group in groupby(dated, key=lambda entry: (entry[0], entry[1])):
        acts = list(group)
        left, other = (
            _acts(story, [act for _, _, number, act in acts if number == side], common)
            for side, story in enumerate(result.stories)
        )
        cells.append((day(when), left, SAME if left == other else other))
    return Table("From there on", ("From there on", *names), cells, note=NOTE, wrapped=True)


def _acts(story: Story, acts: Sequence[Act], common: set[tuple[Any, ...]]) -> str:
    if not acts:
        return ""
    same = f"{SAME} " if all(_identity(act) in common for act in acts) else ""
    shocks = [act for act in acts if act.origin == SHOCK]
    done = [act for act in acts if act.origin != SHOCK]
    parts = [f"shock, {act.label}" for act in shocks] + ([deeds(story, done)] if done else [])
    return same + capital("; ".join(parts))


def _identity(act: Act) -> tuple[Any, ...]:
    return act.time, act.actor, act.target, act.instrument, act.size


def _from_there(result: Divergence) -> tuple[list[list[Act]], set[tuple[Any, ...]]]:
    """Return the acts of each story from where they part, and the identities of those that are in both."""
    sides = [[act for act in story.acts if act.time >= result.time] for story in result.stories]
    first, other = ({_identity(act) for act in acts} for acts in sides)
    return sides, first & other


def _rows(result: Divergence) -> Iterator[Sequence[Any]]:
    sides, common = _from_there(result)
    for number, acts in enumerate(sides, 1):
        for act in acts if result.differ_in != "nothing" else ():
            about = act.origin, act.day.isoformat(), act.actor, act.target, act.instrument, act.size
            yield number, act.row, *about, _identity(act) in common
