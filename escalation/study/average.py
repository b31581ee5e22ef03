"""What if an act had not taken place, or another had, over all replications: the average effect.

Each replication is played twice, as it is and with the intervention, with the same draws. The two ensembles
are compared as any two runs are (`escalation.study.compare`), in pairs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from escalation.ensemble.header import Header
from escalation.model.strike import ANY, EVERY, Strike
from escalation.model.world import Replication, World
from escalation.study.compare import compare
from escalation.study.comparison import Comparison, Contrast
from escalation.study.finished import Finished
from escalation.study.intervention import Intervention, intervention
from escalation.study.noting import Source, matches, noting
from escalation.study.pairing import matched
from escalation.study.perform import Means
from escalation.study.sides import data_of

SCHEMA_VERSION = 1
AS_IT_IS, ALTERED = "as it is", "altered"
"""The names of the two sides."""


@dataclass(frozen=True)
class Average:
    """An ensemble as it is, the baseline of `comparison`, and with an intervention, which `words` say.

    In `none` of the pairs nothing was taken out and nothing put in, and nothing differs; `struck` acts were
    taken out of all pairs together, and `forced` put into each. `struck_by` is the actor of whom one hostile
    act (no words, no threats) at most was taken out of each, so that its total falls short by these before
    anybody has reacted; else None. `by_construction` are the first uses that differ for being what was taken
    out or put in. `matches` is false when a stored run has other outcomes than it has now,
    None where there is none.
    """

    words: tuple[str, ...]
    header: Header
    comparison: Comparison
    none: int
    struck: int
    forced: int = 0
    struck_by: str | None = None
    by_construction: tuple[str, ...] = ()
    matches: bool | None = None

    @property
    def contrast(self) -> Contrast:
        """What differs between the two."""
        return self.comparison.contrasts[0]

    @property
    def pairs(self) -> int:
        """How many replications were compared with themselves: those that failed in neither."""
        return self.contrast.pairs

    @property
    def clean(self) -> bool:
        """True when no replication of either failed or was truncated."""
        return self.comparison.clean

    def to_json(self) -> dict[str, Any]:
        """Return all of it as plain JSON values: one document (docs/whatif.md)."""
        return {
            "schema_version": SCHEMA_VERSION,
            "intervention": list(self.words),
            "scenario": {"title": self.header.title, "question": self.header.question},
            "seed": self.comparison.baseline.seed,
            "pairs": self.pairs,
            "nothing_to_take_out": self.none,
            "struck": self.struck,
            "struck_by": self.struck_by,
            "forced": self.forced,
            "by_construction": list(self.by_construction),
            "matches": self.matches,
            "comparison": self.comparison.to_json(),
        }


def average(source: Source, means: Means, without: Sequence[str], force: Sequence[str]) -> Average:
    """Return the average effect of an intervention on an ensemble, which is played twice.

    `without` are patterns, `force` acts to put in (docs/whatif.md). Raises InputError for what is asked
    wrongly, before anything is simulated.
    """
    what = source.plan
    asked = intervention(what.scenario, what.world, without, force)
    before, _ = noting(what, means, _count)
    after, struck = noting(what, means, _count, asked.alter)
    return _concluded(source, asked, before, after, struck)


def _count(_world: World, _number: int, one: Replication) -> int:
    return one.struck


def _concluded(
    source: Source, asked: Intervention, before: Finished, after: Finished, struck: dict[int, int]
) -> Average:
    sides = data_of(before, AS_IT_IS, source.name), data_of(after, ALTERED, source.name)
    paired = sides[0].replications[matched(*sides).baseline]
    counts = [struck[number] for number in paired.tolist()]
    return Average(
        words=asked.words,
        header=before.header,
        comparison=compare(sides),
        none=0 if asked.forced else counts.count(0),
        struck=sum(counts),
        forced=len(asked.forced),
        struck_by=_struck_by(asked.strikes, before.world),
        by_construction=tuple(_by_construction(asked, before.world)),
        matches=matches(source.run, before),
    )


def _struck_by(strikes: Sequence[Strike], world: World) -> str | None:
    """Return whose act is missing by construction: of more than one, the later are another world's."""
    one = strikes[0] if len(strikes) == 1 else Strike(EVERY)
    counted = one.family == world.tables.families or (
        one.instrument != ANY and bool(world.tables.counted[one.instrument])
    )
    return world.names.actors[one.actor] if counted and one.ordinal != EVERY and one.actor != ANY else None


def _by_construction(asked: Intervention, world: World) -> Iterator[str]:
    names = world.names
    uses = {(one.actor, one.instrument) for one in asked.strikes if one.ordinal in (EVERY, 1)}
    uses |= {(one.actor, one.instrument) for one in asked.forced}
    for outcome in world.outcomes:
        kind, *use = outcome.name.split(".")
        if kind == "first":
            actor, instrument = names.actors.index(use[0]), names.instruments.index(use[1])
            if {(actor, instrument), (ANY, instrument)} & uses:
                yield outcome.name
