"""What if an act had not taken place, or another had, over all replications: the average effect.

Each replication is played twice, as it is and with the intervention, with the same draws. The two ensembles
are compared as any two runs are (`escalation.study.comparing.compare`), in pairs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from escalation.ensemble.header import Header
from escalation.model.strike import ANY, EVERY
from escalation.model.world import Replication, World
from escalation.study.comparing.compare import compare
from escalation.study.comparing.comparison import Comparison, Contrast
from escalation.study.comparing.pairing import matched
from escalation.study.comparing.sides import data_of
from escalation.study.finished import Finished
from escalation.study.perform import Means
from escalation.study.whatif.construction import by_construction
from escalation.study.whatif.intervention import Intervention, intervention
from escalation.study.whatif.noting import Replayed, matches, noting

SCHEMA_VERSION = 1
AS_IT_IS, ALTERED = "as it is", "altered"
"""The names of the two sides."""


@dataclass(frozen=True)
class Average:
    """An ensemble as it is, the baseline of `comparison`, and with an intervention, which `words` say.

    In `none` of the pairs nothing was taken out and nothing put in, and nothing differs; `struck` acts were
    taken out of all pairs together, and `forced` put into each. By construction differ the first uses
    `own_uses`, of what was taken out or put in, and by so many acts per pair the hostile acts (no words, no
    threats) of the actors in `own_acts`, as far as that can be said. The outcomes `own` count what was taken
    out or put in among other things; those of them that are `gone` count nothing that can still happen.
    `remarks` say what a scenario does not let its actors do. `matches` is false when a stored run has
    other outcomes than it has now, None where there is none.
    """

    words: tuple[str, ...]
    header: Header
    comparison: Comparison
    none: int
    struck: int
    forced: int = 0
    own: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    own_acts: Mapping[str, float] = field(default_factory=dict)
    matches: bool | None = None
    remarks: tuple[str, ...] = ()

    @property
    def contrast(self) -> Contrast:
        """What differs between the two."""
        return self.comparison.contrasts[0]

    @property
    def pairs(self) -> int:
        """How many replications were compared with themselves: those that failed in neither."""
        return self.contrast.pairs

    @property
    def own_uses(self) -> tuple[str, ...]:
        """The first uses among the outcomes that differ by construction."""
        return tuple(name for name in self.own if name.startswith("first."))

    @property
    def clean(self) -> bool:
        """True when no replication of either failed or was truncated."""
        return self.comparison.clean

    def to_json(self) -> dict[str, Any]:
        """Return all of it as plain JSON values: one document (docs/whatif.md)."""
        return {
            "schema_version": SCHEMA_VERSION,
            "intervention": list(self.words),
            "remarks": list(self.remarks),
            "scenario": {"title": self.header.title, "question": self.header.question},
            "seed": self.comparison.baseline.seed,
            "pairs": self.pairs,
            "nothing_to_take_out": self.none,
            "struck": self.struck,
            "forced": self.forced,
            "by_construction": {
                "first_uses": list(self.own_uses),
                "hostile_acts": dict(self.own_acts),
                "outcomes": list(self.own),
                "gone": list(self.gone),
            },
            "matches": self.matches,
            "comparison": self.comparison.to_json(),
        }


def average(source: Replayed, means: Means, without: Sequence[str], force: Sequence[str]) -> Average:
    """Return the average effect of an intervention on an ensemble, which is played twice.

    `without` are patterns, `force` acts to put in (docs/whatif.md). Raises InputError for what is asked
    wrongly, before anything is simulated.
    """
    what = source.plan
    asked = intervention(what.scenario, what.world, without, force)
    before, _ = noting(what, means, _count)
    after, struck = noting(what, means, _count, asked.alter)
    return _concluded(source, asked, before, after, struck)


def totals(header: Header) -> tuple[str, ...]:
    """Return the outcomes that count every actor's hostile acts: questions of an intervention."""
    return tuple(f"acts.{actor}" for actor in header.actors)


def _count(_world: World, _number: int, one: Replication) -> int:
    return one.struck


def _concluded(
    source: Replayed, asked: Intervention, before: Finished, after: Finished, struck: dict[int, int]
) -> Average:
    sides = data_of(before, AS_IT_IS, source.name), data_of(after, ALTERED, source.name)
    paired = sides[0].replications[matched(*sides).baseline]
    counts = [struck[number] for number in paired.tolist()]
    own = by_construction(asked, before.world)
    return Average(
        words=asked.words,
        header=before.header,
        comparison=compare(sides, asked=[name for name in totals(before.header) if name not in own.gone]),
        none=0 if asked.forced else counts.count(0),
        struck=sum(counts),
        forced=len(asked.forced),
        own=own.touched,
        gone=own.gone,
        own_acts=_own_acts(asked, before.world, sum(counts) / max(1, len(counts))),
        matches=matches(source.run, before),
        remarks=asked.remarks,
    )


def _own_acts(asked: Intervention, world: World, struck: float) -> dict[str, float]:
    """Return how many hostile acts less or more an actor does, before anybody has reacted.

    Of several acts taken out, the later ones are another world's, and so is what is taken out after an act
    was put in: of these nothing is said.
    """
    counted, actors = world.tables.counted, world.names.actors
    if not asked.strikes:
        put = Counter(actors[one.actor] for one in asked.forced if counted[one.instrument])
        return {actor: float(number) for actor, number in put.items()}
    one = asked.strikes[0]
    hostile = one.family == world.tables.families or (one.instrument != ANY and counted[one.instrument])
    alone = len(asked.strikes) == 1 and not asked.forced and one.ordinal != EVERY and one.actor != ANY
    return {actors[one.actor]: -struck} if hostile and alone else {}
