"""What the flywheel of an ensemble is found to be, its verdict, and its document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from escalation.study.branching import Plan, Span
from escalation.study.reading import Reading
from escalation.study.verdict import sentence

Array = npt.NDArray[np.float64]

SCHEMA_VERSION = 1


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
    """Dyads that answer one another in a circle, and what an act becomes per step along it."""

    dyads: tuple[str, ...]
    gain: float


@dataclass(frozen=True, eq=False)
class Flywheel:
    """The flywheel of an ensemble; two are equal when their documents are.

    `dyads` are those on which hostile acts happened; `K` and `K_weighted` (float64[d, d], parent by child)
    are acts per act and severity per severity, `followed` (float64[d]) the acts that K's rows rest on; a row
    that rests on none is 0. `sources` are the parts of all acts that answer counted acts, hostile acts
    before the takeover, shocks, anything else, nothing known. `late` is the part of the answers seen that
    came after the window and is not in K. `per_shock` (float64[d]) are the acts that follow one shock, and
    `per_outside` those that follow one act provoked from outside, itself included, with all that answers
    them: None where R is not below 1.
    """

    plan: Plan
    replications: int
    truncated: int
    dyads: tuple[Dyad, ...]
    K: Array
    K_weighted: Array
    followed: Array
    counted: Reading
    weighted: Reading
    spans: tuple[tuple[Span, Reading, Reading], ...]
    sources: Mapping[str, float]
    late: float | None
    per_shock: Array | None
    per_outside: float | None
    links: tuple[Link, ...]
    rings: tuple[Ring, ...]

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

    def as_dict(self) -> dict[str, Any]:
        """Return the flywheel as plain JSON values, None for what cannot be said; `from_dict` reads them."""
        return {
            "schema_version": SCHEMA_VERSION,
            "sentence": self.sentence(),
            "window_days": self.plan.window,
            "window_cut": self.plan.cut,
            "replications": self.replications,
            "truncated": self.truncated,
            "counted": _plain(self.counted),
            "severity_weighted": _plain(self.weighted),
            "spans": [
                {
                    "span": span.label,
                    "first_day": span.first,
                    "end_day": span.last,
                    "counted": _plain(counted),
                    "severity_weighted": _plain(weighted),
                }
                for span, counted, weighted in self.spans
            ],
            "endogenous": self.endogenous,
            "sources": dict(self.sources),
            "late": self.late,
            "dyads": [dyad._asdict() for dyad in self.dyads],
            "followed": self.followed.tolist(),
            "K": self.K.tolist(),
            "K_severity_weighted": self.K_weighted.tolist(),
            "acts_per_shock": None if self.per_shock is None else self.per_shock.tolist(),
            "acts_per_outside_act": self.per_outside,
            "links": [link._asdict() for link in self.links],
            "loops": [{"dyads": list(ring.dyads), "gain": ring.gain} for ring in self.rings],
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Flywheel:
        """Return what `as_dict` wrote; KeyError, TypeError or ValueError when it did not."""
        spans = tuple(
            (
                Span(one["span"], float(one["first_day"]), float(one["end_day"])),
                _reading(one["counted"]),
                _reading(one["severity_weighted"]),
            )
            for one in plain["spans"]
        )
        per_shock = plain["acts_per_shock"]
        return cls(
            plan=Plan(
                float(plain["window_days"]),
                tuple(span for span, _, _ in spans),
                bool(plain.get("window_cut", False)),
            ),
            replications=int(plain["replications"]),
            truncated=int(plain["truncated"]),
            dyads=tuple(Dyad(**dyad) for dyad in plain["dyads"]),
            K=_square(plain["K"]),
            K_weighted=_square(plain["K_severity_weighted"]),
            followed=np.array(plain["followed"], np.float64),
            counted=_reading(plain["counted"]),
            weighted=_reading(plain["severity_weighted"]),
            spans=spans,
            sources={name: float(share) for name, share in plain["sources"].items()},
            late=plain["late"],
            per_shock=None if per_shock is None else np.array(per_shock, np.float64),
            per_outside=plain["acts_per_outside_act"],
            links=tuple(Link(**link) for link in plain["links"]),
            rings=tuple(Ring(tuple(ring["dyads"]), ring["gain"]) for ring in plain["loops"]),
        )


def _plain(reading: Reading) -> dict[str, Any]:
    interval = None if reading.low is None else [reading.low, reading.high]
    return {
        "acts": reading.acts,
        "R": reading.R,
        "interval_95": interval,
        "cut_off": reading.cut,
        "late": reading.late,
        "verdict": reading.verdict,
    }


def _reading(plain: Mapping[str, Any]) -> Reading:
    low, high = plain["interval_95"] or (None, None)
    cut, late = bool(plain["cut_off"]), bool(plain.get("late", False))
    return Reading(int(plain["acts"]), plain["R"], low, high, cut, late)


def _square(rows: list[list[float]]) -> Array:
    """Return a square matrix, one of no rows too."""
    return np.array(rows, np.float64).reshape(len(rows), len(rows))
