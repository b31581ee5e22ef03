"""A sensitivity analysis as plain JSON values and as tidy rows, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from escalation.study.sensitivity.morris import Effect
from escalation.study.sensitivity.quantities import Quantity
from escalation.study.sensitivity.sensitivity import Sensitive, Sensitivity
from escalation.study.sensitivity.sobol import Indices, Known

SCHEMA_VERSION = 1
_NUMBERS = ("seed", "replications", "points", "trajectories", "played", "failed", "truncated")


def document(found: Sensitivity) -> dict[str, Any]:
    """Return an analysis as plain JSON values, None for what cannot be said; `from_document` reads it."""
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "sensitivity",
        "title": found.title,
        "overrides": list(found.overrides),
        "left_out": list(found.left_out),
        **{name: getattr(found, name) for name in _NUMBERS},
        "quantities": [asdict(quantity) for quantity in found.quantities],
        "kept": [found.quantities[place].path for place in found.kept],
        "outcomes": [_outcome(found, one) for one in found.outcomes],
    }


def from_document(plain: Mapping[str, Any]) -> Sensitivity:
    """Return the analysis that `document` wrote; KeyError, TypeError or ValueError when it did not."""
    quantities = tuple(Quantity(**quantity) for quantity in plain["quantities"])
    paths = [quantity.path for quantity in quantities]
    return Sensitivity(
        title=plain["title"],
        quantities=quantities,
        kept=tuple(paths.index(path) for path in plain["kept"]),
        outcomes=tuple(_sensitive(paths, one) for one in plain["outcomes"]),
        overrides=tuple(plain["overrides"]),
        left_out=tuple(plain["left_out"]),
        seconds=0.0,
        folder=None,
        **{name: int(plain[name]) for name in _NUMBERS},
    )


def rows_of(found: Sensitivity) -> dict[str, list[dict[str, Any]]]:
    """Return the tidy tables `morris` and `sobol`: one row for each outcome and quantity."""
    ranges = {quantity.path: quantity for quantity in found.quantities}
    morris = [
        {"outcome": one.expression, "quantity": path, "range": quantity.range, **asdict(effect)}
        for one in found.outcomes
        for (path, quantity), effect in zip(ranges.items(), one.effects, strict=True)
    ]
    sobol = [
        {"outcome": one.expression, "quantity": path, **_flat("first", first), **_flat("total", total)}
        for one in found.outcomes
        for path, first, total in zip(found.ranked, one.indices.first, one.indices.total, strict=True)
    ]
    return {"morris": morris, "sobol": sobol}


def _outcome(found: Sensitivity, one: Sensitive) -> dict[str, Any]:
    names = [quantity.path for quantity in found.quantities]
    indices = zip(found.ranked, one.indices.first, one.indices.total, strict=True)
    return {
        "expression": one.expression,
        "label": one.label,
        "unit": one.unit,
        "is_share": one.is_share,
        "mean": one.indices.mean,
        "variance": one.indices.variance,
        "share": asdict(one.indices.share),
        "together": asdict(one.indices.together),
        "effects": {name: asdict(effect) for name, effect in zip(names, one.effects, strict=True)},
        "indices": {name: {"first": asdict(first), "total": asdict(total)} for name, first, total in indices},
    }


def _sensitive(paths: list[str], plain: Mapping[str, Any]) -> Sensitive:
    indices = Indices(
        plain["mean"],
        plain["variance"],
        Known(**plain["share"]),
        tuple(Known(**one["first"]) for one in plain["indices"].values()),
        tuple(Known(**one["total"]) for one in plain["indices"].values()),
        Known(**plain["together"]),
    )
    effects = tuple(Effect(**plain["effects"][path]) for path in paths)
    about = (plain["expression"], plain["label"], plain["unit"], bool(plain["is_share"]))
    return Sensitive(*about, effects, indices)


def _flat(name: str, known: Known) -> dict[str, float | None]:
    return {
        name if field.name == "value" else f"{name}_{field.name}": getattr(known, field.name)
        for field in fields(Known)
    }
