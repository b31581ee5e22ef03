"""Plain words for what a story is made of: terms of the utility, acts, causes, dates, the tree of causes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from datetime import date

from escalation.present.format import capital, day, listed, month, percent, plural, signed
from escalation.present.page import Line
from escalation.study.story.causes import main_cause
from escalation.study.story.model import SHOCK, Act, Branch, CauseShare, Choice, Story, WeighedOption
from escalation.study.story.why_not import WhyNot

SPEAKS_FOR = {
    "proportionality": "it is in proportion to the grievance",
    "bite": "it hurts",
    "alignment": "partners acted too",
    "fit": "what happened calls for it",
    "own_cost": "it pays",
    "fear": "little retaliation is to be feared",
    "gradualism": "it keeps to the ladder",
    "last_resort": "it is preferred",
    "saturation": "it is in force already",
    "audience": "it keeps the promise",
    "yielding": "it promises relief from pressure",
    "face": "no face is lost",
}
"""Each term of the utility in words, where it is positive."""

SPEAKS_AGAINST = {
    "proportionality": "it is out of proportion to the grievance",
    "bite": "it does harm",
    "alignment": "partners acted already",
    "fit": "what happened",
    "own_cost": "what it costs the sender",
    "fear": "fear of retaliation",
    "gradualism": "it skips rungs of the ladder",
    "last_resort": "it is kept as a last resort",
    "saturation": "the same is in force already",
    "audience": "the promise",
    "yielding": "it brings no relief",
    "face": "the affront in what was done",
}
"""Each term of the utility in words, where it is negative."""

EASING = SPEAKS_FOR | {"proportionality": "it repays goodwill"}
GIVING = SPEAKS_AGAINST | {"proportionality": "it gives more than goodwill calls for"}
"""The same for conciliatory acts."""

FAINT = 0.05
"""Terms smaller than this are left out of the text."""
NAMED = 3
"""Causes and alternatives that are named one by one."""
LEAST = 0.05
"""The smallest share of an act whose cause is named."""


IRREGULAR = {"people": "person", "children": "child", "men": "man", "women": "woman"}
"""What is counted, in the plural, and one of it."""

ARTICLE = frozenset(
    ("Union", "States", "Kingdom", "Republic", "Federation", "Emirates", "Netherlands", "Nations", "Powers")
)
"""Last words of names that are spoken with an article."""


def named(story: Story | WhyNot, actor: str) -> str:
    """Return an actor as one says it within a sentence: `Belarus`, `the European Union`."""
    label = story.actors.get(actor, actor.replace("_", " ").title())
    return f"the {label}" if label.split()[-1] in ARTICLE else label


def short_day(at: date, today: date) -> str:
    """Return `3 Dec`, with the year where it is not that of `today`."""
    return day(at) if at.year != today.year else f"{at.day} {month(at)}"


def times(count: int) -> str:
    """Return `once`, `twice`, or `3 times`."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def sized(act: Act) -> str:
    """Return what was done with its size: `firms listed (26 firms)`."""
    return f"{act.label} ({size})" if (size := sized_by(act)) else act.label


def sized_by(act: Act) -> str:
    """Return how large an act was: `26 firms`; empty for one without a size."""
    if act.size is None or act.size <= 0:
        return ""
    count, unit = max(1, round(act.size)), act.unit or ""
    return plural(count, single(unit), unit)


def single(unit: str) -> str:
    """Return one of what is counted: `diplomat` of `diplomats`."""
    if unit in IRREGULAR:
        return IRREGULAR[unit]
    if unit.endswith("ies"):
        return unit[:-3] + "y"
    return unit[:-1] if unit.endswith("s") and not unit.endswith("ss") else unit


def deeds(story: Story, acts: Iterable[Act]) -> str:
    """Return who did what to whom, all by one actor: `A against B: x and y; against C: z`; or a shock."""
    groups: dict[str, list[str]] = {}
    actor = ""
    for act in acts:
        if act.origin == SHOCK:
            return f"“{act.label}”"
        actor = named(story, act.actor)
        towards = "against" if act.severity > 0 else "towards"
        groups.setdefault(f"{towards} {named(story, str(act.target))}", []).append(sized(act))
    return f"{actor} " + "; ".join(f"{whom}: {listed(what)}" for whom, what in groups.items())


def wishes(story: Story, actor: str, choices: Iterable[Choice]) -> str:
    """Return what an actor wants to do, not yet done: `A against B: x and y`."""
    groups: dict[str, list[str]] = {}
    for choice in choices:
        towards = "against" if choice.picked.hostile else "towards"
        groups.setdefault(f"{towards} {named(story, choice.target)}", []).append(choice.picked.label)
    return f"{named(story, actor)} " + "; ".join(f"{whom}: {listed(what)}" for whom, what in groups.items())


def reference(story: Story, act: Act, today: date) -> str:
    """Return an act or a shock as it is referred to: `“firms listed” by A against B (3 Dec)`."""
    when = short_day(act.day, today)
    if act.origin == SHOCK:
        return f"“{act.label}” ({when})"
    towards = "against" if act.severity > 0 else "towards"
    return f"“{act.label}” by {named(story, act.actor)} {towards} {named(story, str(act.target))} ({when})"


def causes(story: Story, shares: Sequence[CauseShare], today: date) -> str:
    """Return what an act answers, the largest shares by name: `“x” (3 Dec) 41% and 4 lesser ones 59%`."""
    total: dict[str, float] = {}
    for cause in shares:  # what reads alike is one cause
        named = reference(story, story.acts[cause.cause], today)
        total[named] = total.get(named, 0.0) + cause.share
    largest = sorted(total.items(), key=lambda item: -item[1])
    first = [item for item in largest if item[1] >= LEAST][:NAMED] or largest[:1]
    parts = [f"{named} {percent(share)}" for named, share in first]
    if rest := largest[len(first) :]:
        lesser = percent(sum(share for _, share in rest))
        parts.append(f"{plural(len(rest), 'lesser cause')} {lesser}")
    return listed(parts)


def voices(option: WeighedOption) -> str:
    """Return what spoke for an option and what against it, the strongest first, with the sum."""
    pros, cons = (SPEAKS_FOR, SPEAKS_AGAINST) if option.hostile else (EASING, GIVING)
    parts = []
    for words, name, sign in ((pros, "For it", 1), (cons, "against it", -1)):
        said = _said(option.terms, words, sign)
        if said:
            parts.append(f"{name}: {', '.join(said)}")
    text = "; ".join(parts) or "Nothing much spoke for it or against it"
    return f"{capital(text)}{_other(option)}; in sum {signed(option.utility, 1)}."


def loudest(option: WeighedOption) -> list[str]:
    """Return what spoke most for an option, as a sentence; none where nothing did."""
    said = _said(option.terms, SPEAKS_FOR if option.hostile else EASING, 1)
    return [f"What spoke most for it: {said[0]}."] if said else []


def _other(option: WeighedOption) -> str:
    """Return what the printed sum has beyond the printed terms: those too small to name, and rounding."""
    named = sum(round(value, 1) for value in option.terms.values() if abs(value) >= FAINT)
    rest = signed(round(option.utility, 1) - named, 1)
    return "" if rest == "0.0" or option.instrument is None else f"; other {rest}"


def _said(parts: Mapping[str, float], words: Mapping[str, str], sign: int) -> list[str]:
    loud = [(value, name) for name, value in parts.items() if sign * value >= FAINT]
    return [
        f"{words[name]} {signed(value, 1)}" for value, name in sorted(loud, key=lambda part: -abs(part[0]))
    ]


def alternatives(choice: Choice) -> str:
    """Return what else was weighed, with probabilities and sums: the likeliest, and always doing nothing."""
    nothing = [option for option in choice.others[NAMED:] if option.instrument is None]
    named = [*choice.others[:NAMED], *nothing]
    parts = [
        f"{option.label} {percent(option.probability)} ({signed(option.utility, 1)})" for option in named
    ]
    rest = len(choice.others) - len(named)
    if rest:
        left = sum(option.probability for option in choice.others) - sum(
            option.probability for option in named
        )
        parts.append(f"{rest} more together {percent(max(0.0, left))}")
    return ", ".join(parts)


def amount(acts: float, whole: int) -> str:
    """Return `7.9 of its 20 acts`."""
    return f"{acts:.1f} of its {plural(whole, 'act')}"


# ---- the tree of what caused what

DEEPEST = 8
"""Levels that are drawn; what hangs deeper is counted."""

EXPLAINED = (
    "Hostile acts, excluding words and threats, each below what it answers most; in brackets how much of it"
    " answers that."
)


def tree_lines(story: Story) -> list[Line]:
    """Return the tree, branch by branch."""
    hanging = hanging_branches(story)
    return [line for index in hanging[None] for line in _lines(story, hanging, index, "", "", 0)]


def hanging_branches(story: Story) -> dict[int | None, list[int]]:
    """Return the branches that hang on each, by their numbers; on None the roots, without mere shocks."""
    hanging: dict[int | None, list[int]] = defaultdict(list)
    for index, branch in enumerate(story.tree):
        if branch.parent is not None or branch.below or not is_shock(story, branch):
            hanging[branch.parent].append(index)
    return hanging


def is_shock(story: Story, branch: Branch) -> bool:
    """Return whether a branch is a shock, not acts."""
    return story.acts[branch.acts[0]].origin == SHOCK


def branch_lines(
    story: Story, index: int, rows: Set[int], note: Callable[[Branch], str] | None = None
) -> list[Line]:
    """Return the branch at `index` as far as its acts are `rows`, with what hangs on these."""
    hanging: dict[int | None, list[int]] = defaultdict(list)
    for child, branch in enumerate(story.tree):
        cause = main_cause(story.acts[branch.acts[0]], story.acts)
        if branch.parent != index or (cause and cause.cause in rows):
            hanging[branch.parent].append(child)
    top = story.tree[index]
    own = tuple(row for row in top.acts if row in rows)
    top = top.model_copy(update={"acts": own, "share": None, "below": 0})
    trimmed = story.model_copy(update={"tree": (*story.tree[:index], top, *story.tree[index + 1 :])})
    return list(_lines(trimmed, hanging, index, "", "", 0, note))


def _lines(
    story: Story,
    hanging: dict[int | None, list[int]],
    index: int,
    guide: str,
    below: str,
    level: int,
    note: Callable[[Branch], str] | None = None,
) -> Iterator[Line]:
    branch, children = story.tree[index], hanging[index]
    cut = level + 1 == DEEPEST and branch.below > 0
    more = f"; {plural(branch.below, 'further act')} below, not shown" if cut else ""
    said = note(branch) if note else ""
    yield Line(guide, below, level, _text(branch, story, level) + said + more)
    for child in () if cut else children:
        last = child == children[-1]
        inner = below + ("   " if last else "│  ")
        yield from _lines(story, hanging, child, below + ("└─ " if last else "├─ "), inner, level + 1, note)


def _text(branch: Branch, story: Story, level: int) -> str:
    acts = [story.acts[row] for row in branch.acts]
    what = f"shock, {acts[0].label}" if is_shock(story, branch) else deeds(story, acts)
    share = f" ({percent(branch.share)})" if branch.share is not None else ""
    count = f" — {plural(branch.below, 'act')} below" if branch.below and level == 0 else ""
    return f"{day(acts[0].day)}, {what}{share}{count}"
