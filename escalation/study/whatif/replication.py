"""What if one act had not taken place, or another had: one replication, played with and without."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Any, ClassVar, Literal

from escalation.model.compile import compile_scenario
from escalation.scenario.outcomes import Outcome
from escalation.study.execution import Request, require_texts
from escalation.study.source import NOTHING, Named, open_source
from escalation.study.story.causes import attributed_acts, attribution
from escalation.study.story.model import FORCED, SHOCK, SIMULATED, Act, Story, StruckAct
from escalation.study.story.replay import replay, story_of
from escalation.study.values import Result, ResultPart
from escalation.study.whatif.intervention import Intervention, compiled

MOVED = 60.0
"""Days by which an act may come earlier or later and still be called the same one."""

Fate = Literal["stays", "resized", "earlier", "later", "gone", "struck", "new", "forced"]


class Change(ResultPart):
    """What becomes of one act that the model decides, or of a forced one."""

    fate: Fate
    """What becomes of it."""
    before: Act | None
    """The act in the world as it is; None where it does not take place."""
    after: Act | None
    """The act in the altered world; None where it does not take place."""
    attributed: float
    """The part of it, from 0 to 1, that answers what was taken out (of a `new` or `forced` one: put in),
    directly or through other acts that answer it."""

    @property
    def act(self) -> Act:
        """The act, as it was where it was."""
        act = self.before or self.after
        assert act is not None
        return act


class ChangedOutcome(ResultPart):
    """An outcome that differs between the two worlds."""

    outcome: Outcome
    """What it measures."""
    before: float | None
    """Its value in the world as it is; None for what never happens."""
    after: float | None
    """Its value in the altered world."""
    headline: bool
    """Whether it answers the scenario's question, or counts an actor's hostile acts."""


class Counterfactual(Result):
    """One replication as it is and with an intervention, and what becomes of each act."""

    version: ClassVar[int] = 2

    kind: Literal["counterfactual"] = "counterfactual"
    """Which result this is."""
    schema_version: Literal[2] = 2
    """The version of the document."""
    intervention: Intervention
    """What was changed."""
    before: Story
    """The replication as it is."""
    after: Story
    """The replication with the intervention."""
    struck: tuple[int, ...]
    """Rows of `before` that were taken out."""
    changes: tuple[Change, ...]
    """What becomes of each act, in the order of time."""
    attributed: float
    """How many hostile acts, excluding words and threats, are attributed to what was taken out."""
    vanished: int
    """How many fewer hostile acts there are, those taken out apart."""
    outcomes: tuple[ChangedOutcome, ...]
    """Outcomes that differ: first those that answer the scenario's question, then hostile acts by actor."""

    @property
    def nothing(self) -> bool:
        """Whether the intervention took nothing out and put nothing in."""
        return not self.after.struck and not any(act.origin == FORCED for act in self.after.acts)

    def of(self, *fates: Fate) -> tuple[Change, ...]:
        """Return the changes with one of these fates."""
        return tuple(change for change in self.changes if change.fate in fates)


def counterfactual(
    named: Named,
    replication: int | None,
    without: Sequence[str] = (),
    force: Sequence[str] = (),
    request: Request = NOTHING,
) -> Counterfactual:
    """Return what becomes of a replication without some acts, and with others.

    `without` are patterns or numbers of acts, `force` acts to put in (docs/whatif.md). Raises InputError for
    what is asked wrongly.
    """
    without, force = require_texts("without", without), require_texts("force", force)
    source = open_source(named, request)
    before, scenario = replay(source, replication), source.scenario
    world = compile_scenario(scenario)
    intervention = compiled(scenario, world, without, force, before)
    origin = before.origin.model_copy(update={"typical": False, "matches": None})
    after = story_of(source, origin, intervention.alter)
    struck = _struck_rows(before, after)
    changes = tuple(_changes(before, after, struck))
    lost, won = (
        sum(change.act.counted for change in changes if change.fate == fate) for fate in ("gone", "new")
    )
    return Counterfactual(
        scenario=before.scenario,
        seed=before.seed,
        overrides=before.overrides,
        intervention=intervention.part,
        before=before,
        after=after,
        struck=struck,
        changes=changes,
        attributed=attributed_acts(before, struck),
        vanished=lost - won,
        outcomes=tuple(_outcome_changes(before, after, world.outcomes, scenario.outcomes.answered)),
    )


def _outcome_changes(
    before: Story, after: Story, outcomes: Sequence[Outcome], answer: Sequence[str]
) -> Iterator[ChangedOutcome]:
    def rank(outcome: Outcome) -> int:
        if outcome.name in answer:
            return answer.index(outcome.name)
        return len(answer) + (outcome.measure != "acts")

    for outcome in sorted(outcomes, key=rank):
        old, new = before.outcomes[outcome.name], after.outcomes[outcome.name]
        if old != new:
            yield ChangedOutcome(
                outcome=outcome, before=old, after=new, headline=rank(outcome) <= len(answer)
            )


def _changes(before: Story, after: Story, struck: Collection[int]) -> list[Change]:
    forced = [act.row for act in after.acts if act.origin == FORCED]
    old, new = attribution(before.acts, struck), attribution(after.acts, forced)
    changes = [Change(fate="struck", before=before.acts[row], after=None, attributed=1.0) for row in struck]
    changes += [Change(fate="forced", before=None, after=after.acts[row], attributed=1.0) for row in forced]
    left = [act for act in before.simulated if act.row not in struck]
    for was, now in paired(left, after.simulated):
        answered = old[was.row] if was else new[now.row] if now else 0.0
        changes.append(Change(fate=_fate(was, now), before=was, after=now, attributed=float(answered)))
    return sorted(changes, key=lambda change: (change.act.time, change.act.row))


def _fate(before: Act | None, after: Act | None) -> Fate:
    if before is None or after is None:
        return "new" if before is None else "gone"
    if before.time != after.time:
        return "later" if after.time > before.time else "earlier"
    return "stays" if before.size == after.size else "resized"


def paired(before: Sequence[Act], after: Sequence[Act]) -> list[tuple[Act | None, Act | None]]:
    """Return which act of one log is which of another; None stands for there being none.

    An act is the same when actor, target, instrument and time are. Of the rest, those alike but for the time
    are paired, the nearest first, as long as they lie at most 60 days apart.
    """
    same: dict[tuple[Any, ...], list[Act]] = defaultdict(list)
    for act in after:
        same[*_deed(act), act.time].append(act)
    pairs: list[tuple[Act | None, Act | None]] = []
    left: list[Act] = []
    for act in before:
        twins = same[*_deed(act), act.time]
        if twins:
            pairs.append((act, twins.pop(0)))
        else:
            left.append(act)
    rest = sorted((act for twins in same.values() for act in twins), key=lambda act: act.row)
    moved = _moved(left, rest)
    matched = {id(act) for pair in moved for act in pair}
    pairs += [*moved, *((act, None) for act in left if id(act) not in matched)]
    return pairs + [(None, act) for act in rest if id(act) not in matched]


def _moved(left: Sequence[Act], rest: Sequence[Act]) -> list[tuple[Act, Act]]:
    near = sorted(
        (abs(act.time - rival.time), act.row, rival.row, act, rival)
        for act in left
        for rival in rest
        if _deed(act) == _deed(rival) and abs(act.time - rival.time) <= MOVED
    )
    matched: set[int] = set()
    pairs = []
    for _, _, _, act, rival in near:
        if not {id(act), id(rival)} & matched:
            matched |= {id(act), id(rival)}
            pairs.append((act, rival))
    return pairs


def _deed(act: Act | StruckAct) -> tuple[str, str | None, str]:
    return act.actor, act.target, act.instrument


def _struck_rows(before: Story, after: Story) -> tuple[int, ...]:
    """Return the rows of `before` that were struck: what was struck in `after` only is not among them."""
    struck = {(act.time, *_deed(act)) for act in after.struck}
    return tuple(
        act.row
        for act in before.acts
        if act.origin in (SIMULATED, SHOCK) and (act.time, *_deed(act)) in struck
    )
