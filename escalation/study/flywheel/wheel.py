"""What the flywheel of an ensemble is found to be, its verdict, and its document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from escalation.study.flywheel.chains import Chain
from escalation.study.flywheel.clustering import Rival
from escalation.study.flywheel.plain import (
    chain_of,
    ends_of,
    maybe_chain_of,
    plain_chain,
    plain_ends,
    plain_reading,
    plain_rival,
    plain_spans,
    reading_of,
    rival_of,
    spans_of,
    square,
)
from escalation.study.flywheel.plan import Plan, Span
from escalation.study.flywheel.reading import Reading
from escalation.study.flywheel.verdict import rival_sentence, sentence

Array = npt.NDArray[np.float64]

SCHEMA_VERSION = 2
"""2: with intervals of K, R through time, chains of acts and the rival explanation."""


class Dyad(NamedTuple):
    """A type of act: who does it to whom, by name and as printed."""

    name: str
    label: str


class Link(NamedTuple):
    """Acts on one dyad answered by acts on another: how many each, and what part of R runs through it."""

    parent: str
    child: str
    answers: float
    carries: float


class Ring(NamedTuple):
    """Dyads that answer one another in a circle, what an act becomes per step, and the most frequent acts."""

    dyads: tuple[str, ...]
    gain: float
    chain: Chain | None = None


@dataclass(frozen=True, eq=False)
class Flywheel:
    """The flywheel of an ensemble; two are equal when their documents are.

    `dyads` are those on which hostile acts happened; `K` and `K_weighted` (float64[d, d], parent by child)
    are acts per act and severity per severity, `followed` (float64[d]) the acts that K's rows rest on; a row
    that rests on none is 0. `K_ends` and `K_weighted_ends` are the lower and upper ends of their 95%
    intervals, float64[d, d] each: NaN in rows that rest on fewer than 50 acts, 0 where no answer was seen;
    None below 20 batches. `spans` hold R itself in longer stretches of time, `through_time` the answers per
    act of each month's acts.

    `sources` are the parts of all acts that answer counted acts, hostile acts before the takeover, shocks,
    anything else, nothing known. `late` is the part of the answers seen that came after the window and is
    not in K. `per_shock` (float64[d]) are the acts that follow one shock, and `per_outside` those that follow
    one act provoked from outside, itself included, with all that answers them: None where R is not below 1.
    `links`, `rings` and `chains` are the ways that carry most: by dyad, and by what is done. `rival` is how
    much of the clustering a moving baseline explains alone; None where there is not enough to tell.
    """

    plan: Plan
    replications: int
    truncated: int
    dyads: tuple[Dyad, ...]
    K: Array
    K_weighted: Array
    K_ends: tuple[Array, Array] | None
    K_weighted_ends: tuple[Array, Array] | None
    followed: Array
    counted: Reading
    weighted: Reading
    spans: tuple[tuple[Span, Reading, Reading], ...]
    through_time: tuple[tuple[Span, Reading, Reading], ...]
    sources: Mapping[str, float]
    late: float | None
    per_shock: Array | None
    per_outside: float | None
    links: tuple[Link, ...]
    rings: tuple[Ring, ...]
    chains: tuple[Chain, ...]
    rival: Rival | None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Flywheel) and self.as_dict() == other.as_dict()

    def __hash__(self) -> int:
        return hash((self.plan, self.replications, self.counted))

    @property
    def endogenous(self) -> float | None:
        """The part of the acts that answers earlier hostile acts, and not shocks, words or nothing known."""
        return self.sources["acts"] + self.sources["history"] if self.sources else None

    @property
    def window(self) -> str:
        """For how long an act is followed, as printed: `112 days`."""
        return f"{self.plan.window:g} day{'s' * (self.plan.window != 1)}"

    def sentence(self) -> str:
        """Return the verdict in words: one sentence, and one more where part of the time differs from it."""
        return sentence(self)

    def rival_sentence(self) -> str:
        """Return how much of the clustering of acts is not answers; empty where it is not known."""
        return rival_sentence(self)

    def as_dict(self) -> dict[str, Any]:
        """Return the flywheel as plain JSON values, None for what cannot be said; `from_dict` reads them."""
        return {
            "schema_version": SCHEMA_VERSION,
            "sentence": self.sentence(),
            "window_days": self.plan.window,
            "window_cut": self.plan.cut,
            "replications": self.replications,
            "truncated": self.truncated,
            "counted": plain_reading(self.counted),
            "severity_weighted": plain_reading(self.weighted),
            "spans": plain_spans(self.spans),
            "through_time": plain_spans(self.through_time),
            "endogenous": self.endogenous,
            "sources": dict(self.sources),
            "late": self.late,
            "dyads": [dyad._asdict() for dyad in self.dyads],
            "followed": self.followed.tolist(),
            "K": self.K.tolist(),
            "K_interval_95": plain_ends(self.K_ends),
            "K_severity_weighted": self.K_weighted.tolist(),
            "K_severity_weighted_interval_95": plain_ends(self.K_weighted_ends),
            "acts_per_shock": None if self.per_shock is None else self.per_shock.tolist(),
            "acts_per_outside_act": self.per_outside,
            "links": [link._asdict() for link in self.links],
            "loops": [
                {
                    "dyads": list(ring.dyads),
                    "gain": ring.gain,
                    "chain": None if ring.chain is None else plain_chain(ring.chain),
                }
                for ring in self.rings
            ],
            "chains": [plain_chain(chain) for chain in self.chains],
            "rival": plain_rival(self.rival),
            "rival_sentence": self.rival_sentence(),
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Flywheel:
        """Return what `as_dict` wrote, now or in version 1; KeyError, TypeError or ValueError otherwise."""
        spans, months = spans_of(plain["spans"]), spans_of(plain.get("through_time", ()))
        per_shock = plain["acts_per_shock"]
        return cls(
            plan=Plan(
                float(plain["window_days"]),
                tuple(span for span, _, _ in spans),
                bool(plain.get("window_cut", False)),
                tuple(span for span, _, _ in months),
            ),
            replications=int(plain["replications"]),
            truncated=int(plain["truncated"]),
            dyads=tuple(Dyad(**dyad) for dyad in plain["dyads"]),
            K=square(plain["K"]),
            K_weighted=square(plain["K_severity_weighted"]),
            K_ends=ends_of(plain.get("K_interval_95")),
            K_weighted_ends=ends_of(plain.get("K_severity_weighted_interval_95")),
            followed=np.array(plain["followed"], np.float64),
            counted=reading_of(plain["counted"]),
            weighted=reading_of(plain["severity_weighted"]),
            spans=spans,
            through_time=months,
            sources={name: float(share) for name, share in plain["sources"].items()},
            late=plain["late"],
            per_shock=None if per_shock is None else np.array(per_shock, np.float64),
            per_outside=plain["acts_per_outside_act"],
            links=tuple(Link(**link) for link in plain["links"]),
            rings=tuple(
                Ring(tuple(ring["dyads"]), ring["gain"], maybe_chain_of(ring.get("chain")))
                for ring in plain["loops"]
            ),
            chains=tuple(map(chain_of, plain.get("chains", ()))),
            rival=rival_of(plain.get("rival")),
        )
