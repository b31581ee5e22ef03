"""A comparison as plain JSON values (docs/compare.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from escalation.study.stats import Interval

if TYPE_CHECKING:
    from escalation.study.comparing.comparison import Comparison, Contrast, Difference, Level, Side

SCHEMA_VERSION = 1
ABOUT = ("measure", "label", "kind", "unit", "headline", "n")
FOUND = (
    "p", "p_adjusted", "tests", "sure", "equal", "p_exceeds", "p_equal", "variance_ratio", "standardised",
)  # fmt: skip


def document(comparison: Comparison) -> dict[str, Any]:
    """Return a comparison as one document, None for what cannot be said."""
    return {
        "schema_version": SCHEMA_VERSION,
        "baseline": comparison.baseline.name,
        "runs": [_side(side) for side in comparison.sides],
        "adjustment": comparison.adjustment,
        "tests": comparison.tests,
        "questions": comparison.questions,
        "contrasts": [_contrast(comparison.sides[one.other], one) for one in comparison.contrasts],
    }


def _side(side: Side) -> dict[str, Any]:
    return {
        "name": side.name,
        "title": side.title,
        "source": side.source,
        "folder": side.folder,
        "seed": side.seed,
        "replications": {"finished": side.finished, "failed": side.failed, "truncated": side.truncated},
        "overrides": list(side.overrides),
        "start": side.start.isoformat(),
        "simulate_from": side.takeover.isoformat(),
        "end": side.end.isoformat(),
        "verdict": side.verdict,
    }


def _contrast(side: Side, contrast: Contrast) -> dict[str, Any]:
    return {
        "run": side.name,
        "paired": contrast.paired,
        "reasons": list(contrast.reasons),
        "pairs": contrast.pairs,
        "dropped": contrast.dropped,
        "identical": contrast.identical,
        "notes": list(contrast.notes),
        "only_baseline": list(contrast.only_baseline),
        "only_other": list(contrast.only_other),
        "told": [one._asdict() for one in contrast.told],
        "differences": [_difference(one) for one in contrast.differences],
    }


def _difference(one: Difference) -> dict[str, Any]:
    return {
        "outcome": one.name,
        **{name: getattr(one, name) for name in ABOUT},
        "baseline": _level(one.baseline),
        "other": _level(one.other),
        "difference": one.difference,
        "interval_95": _ends(one.interval),
        **{name: getattr(one, name) for name in FOUND},
    }


def _level(level: Level) -> dict[str, Any]:
    return {"estimate": level.estimate, "interval_95": _ends(level.interval)}


def _ends(interval: Interval | None) -> list[float] | None:
    return None if interval is None else list(interval)
