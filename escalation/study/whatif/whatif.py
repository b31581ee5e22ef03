"""What if one act had not taken place, or another had: one replication, played with and without."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from escalation.ensemble.header import Header, header_of
from escalation.model.compile import compile_scenario
from escalation.study.story.retell import Told, tell, telling
from escalation.study.story.story import FORCED, SHOCK, SIMULATED, Act, Source, Story, plain
from escalation.study.whatif.intervention import intervention

SCHEMA_VERSION = 1
MOVED = 60.0
"""Days by which an act may come earlier or later and still be called the same one."""
FAINT = 1e-3
"""Parts of an act below this are not followed any further."""

Fate = Literal["stays", "resized", "earlier", "later", "gone", "struck", "new", "forced"]


@dataclass(frozen=True)
class Change:
    """What becomes of one act that the model decides, or of a forced one.

    `before` is the act in the world as it is, `after` in the altered one; None where it does not take place.
    `attributed` is the part of it that answers what was taken out (for a `new` or `forced` one: put in),
    directly or through other acts that answer it, from 0 to 1.
    """

    fate: Fate
    before: Act | None
    after: Act | None
    attributed: float

    @property
    def act(self) -> Act:
        """The act, as it was where it was."""
        found = self.before or self.after
        assert found
        return found


@dataclass(frozen=True)
class WhatIf:
    """One replication as it is and with an intervention, and what becomes of each act.

    `words` say what the intervention is, `remarks` what of it the scenario does not let its actors do,
    `header` what the outcomes mean. `changes` stand in the order of time. `roots` are the rows of `before`
    that were struck.
    """

    words: tuple[str, ...]
    header: Header
    before: Story
    after: Story
    roots: tuple[int, ...]
    changes: tuple[Change, ...]
    remarks: tuple[str, ...] = ()

    @property
    def nothing(self) -> bool:
        """True when the intervention found nothing to take out and put nothing in."""
        return not self.after.struck and not any(act.origin == FORCED for act in self.after.acts)

    def of(self, *fates: Fate) -> tuple[Change, ...]:
        """Return the changes with one of these fates."""
        return tuple(change for change in self.changes if change.fate in fates)

    def attributed(self) -> float:
        """Return how many hostile acts (no words, no threats) are said to answer what was taken out."""
        return sum(one.attributed for one in self.changes if one.before and _counts(one) and _is_other(one))

    def vanished(self) -> int:
        """Return how many fewer hostile acts (no words, no threats) there are, the struck ones apart."""
        gone = sum(_counts(one) for one in self.of("gone"))
        return gone - sum(_counts(one) for one in self.of("new"))

    def to_json(self) -> dict[str, Any]:
        """Return all of it as plain JSON values: one document."""
        return {
            "schema_version": SCHEMA_VERSION,
            "intervention": list(self.words),
            "remarks": list(self.remarks),
            "source": plain(self.before.source),
            "nothing_to_take_out": self.nothing,
            "attributed_hostile_acts": self.attributed(),
            "vanished_hostile_acts": self.vanished(),
            "changes": [_document(change) for change in self.changes],
            "outcomes": {
                name: {"before": value, "after": self.after.outcomes[name]}
                for name, value in self.before.outcomes.items()
                if value != self.after.outcomes[name]
            },
        }


def whatif(
    source: str | Path, replication: int | None, without: Sequence[str], force: Sequence[str], **told: Any
) -> WhatIf:
    """Return what becomes of a replication without some acts, and with others.

    `source` is a run's folder or a scenario, `told` are the options of `explain`. Raises InputError for what
    is asked wrongly.
    """
    return whatif_told(telling(source, replication, **told), without, force)


def whatif_told(told: Told, without: Sequence[str], force: Sequence[str]) -> WhatIf:
    """Return what becomes of a story that has been told, with an intervention."""
    before, world = told.story, compile_scenario(told.scenario)
    asked = intervention(told.scenario, world, without, force, before)
    after = tell(told.scenario, _again(before.source), asked.alter)
    roots = _struck_rows(before, after)
    header = header_of(told.scenario, world)
    changes = tuple(_changes(before, after, roots))
    return WhatIf(asked.words, header, before, after, roots, changes, asked.remarks)


def _again(source: Source) -> Source:
    return Source(source.scenario, source.seed, source.replication, source.run, source.of)


def attribution(acts: Sequence[Act], roots: Iterable[int]) -> dict[int, float]:
    """Return what part of each act answers the rows `roots`, directly or by way of others; 1 for these."""
    part: dict[int, float] = dict.fromkeys(roots, 1.0)
    for act in acts:
        if act.row not in part:
            whole = sum(share.share * part.get(share.cause, 0.0) for share in act.shares)
            if whole >= FAINT:
                part[act.row] = min(whole, 1.0)
    return part


def _changes(before: Story, after: Story, roots: Sequence[int]) -> list[Change]:
    old, new = attribution(before.acts, roots), attribution(after.acts, _forced(after))
    pairs = paired(_playable(before, roots), _playable(after, ()))
    found = [Change("struck", before.acts[row], None, 1.0) for row in roots]
    found += [Change("forced", None, after.acts[row], 1.0) for row in _forced(after)]
    for one, other in pairs:
        answered = old.get(one.row, 0.0) if one else new.get(other.row, 0.0) if other else 0.0
        found.append(Change(_fate(one, other), one, other, answered))
    return sorted(found, key=lambda change: (change.act.time, change.act.row))


def _fate(one: Act | None, other: Act | None) -> Fate:
    if one is None or other is None:
        return "new" if one is None else "gone"
    if one.time != other.time:
        return "later" if other.time > one.time else "earlier"
    return "stays" if one.size == other.size else "resized"


def paired(one: Sequence[Act], other: Sequence[Act]) -> list[tuple[Act | None, Act | None]]:
    """Return which act of one log is which of another; None stands for there being none.

    An act is the same when actor, target, instrument and time are. Of the rest, those alike but for the time
    are paired, the nearest first, as long as they lie at most 60 days apart.
    """
    same: dict[tuple[Any, ...], list[Act]] = defaultdict(list)
    for act in other:
        same[*_kind(act), act.time].append(act)
    pairs: list[tuple[Act | None, Act | None]] = []
    left: list[Act] = []
    for act in one:
        twins = same[*_kind(act), act.time]
        if twins:
            pairs.append((act, twins.pop(0)))
        else:
            left.append(act)
    rest = sorted((act for twins in same.values() for act in twins), key=lambda act: act.row)
    moved = _moved(left, rest)
    pairs += moved
    taken = {id(act) for pair in moved for act in pair}
    pairs += [(act, None) for act in left if id(act) not in taken]
    return pairs + [(None, act) for act in rest if id(act) not in taken]


def _moved(left: Sequence[Act], rest: Sequence[Act]) -> list[tuple[Act, Act]]:
    near = sorted(
        (abs(act.time - rival.time), act.row, rival.row, act, rival)
        for act in left
        for rival in rest
        if _kind(act) == _kind(rival) and abs(act.time - rival.time) <= MOVED
    )
    taken: set[int] = set()
    pairs = []
    for _, _, _, act, rival in near:
        if not {id(act), id(rival)} & taken:
            taken |= {id(act), id(rival)}
            pairs.append((act, rival))
    return pairs


def _kind(act: Act) -> tuple[str, str | None, str]:
    return act.actor, act.target, act.instrument


def _playable(story: Story, roots: Sequence[int]) -> list[Act]:
    return [act for act in story.acts if act.origin == SIMULATED and act.row not in roots]


def _forced(story: Story) -> list[int]:
    return [act.row for act in story.acts if act.origin == FORCED]


def _struck_rows(before: Story, after: Story) -> tuple[int, ...]:
    """Return the rows of `before` that were struck: what was struck in `after` only is not among them."""
    struck = {(one.time, one.actor, one.target, one.instrument) for one in after.struck}
    return tuple(act.row for act in before.simulated if (act.time, *_kind(act)) in struck)


def _counts(change: Change) -> bool:
    return change.act.counted and change.act.origin != SHOCK


def _is_other(change: Change) -> bool:
    return change.fate != "struck"


def _document(change: Change) -> Mapping[str, Any]:
    def told(act: Act | None) -> Any:
        return None if act is None else plain(act)

    return {
        "fate": change.fate,
        "attributed": change.attributed,
        "before": told(change.before),
        "after": told(change.after),
    }
