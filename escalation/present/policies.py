"""The policies as a reader looks them up: what each does, after whom, and its parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from pydantic.fields import FieldInfo

from escalation.scenario.base import Number, Part, Within, descriptions
from escalation.scenario.policy import PRESETS, Hazard, Ladder, Policy, Python, Scripted

KINDS: dict[str, type[Part]] = {
    "proportional": Policy,
    "ladder": Ladder,
    "hazard": Hazard,
    "scripted": Scripted,
    "python": Python,
}
OPEN, NOUGHT = 1e6, 1e-6
"""A limit from here on up reads as no limit, one from here on down as 0."""


class About(NamedTuple):
    """A policy in one line: what it does and whom it follows."""

    meaning: str
    citation: str


class Parameter(NamedTuple):
    """One parameter, in words."""

    parameter: str
    value: str
    range: str
    meaning: str


def known() -> dict[str, About]:
    """Return every policy by name: the presets of the proportional one, then the kinds."""
    presets = {name: About(preset.meaning, preset.citation) for name, preset in PRESETS.items()}
    return presets | {name: _about(model) for name, model in KINDS.items()}


def parameters(name: str) -> list[Parameter]:
    """Return the parameters of a policy, in the order of its file; KeyError for an unknown name."""
    if name in PRESETS:
        return list(_rows(Policy, Policy.model_validate({"preset": name})))
    return list(_rows(KINDS[name], None))


def _about(model: type[Part]) -> About:
    first = " ".join((model.__doc__ or "").split("\n\n")[0].split())
    cited = re.fullmatch(r"(.*\.) ([A-Z][^.]* \d{4})\.", first)
    return About(cited[1], cited[2]) if cited else About(first, "")


def _rows(model: type[Part], policy: Part | None) -> Iterator[Parameter]:
    for name, field in model.model_fields.items():
        if name not in ("kind", "preset"):
            value = getattr(policy, name) if policy else field.get_default(call_default_factory=True)
            shown = "required" if field.is_required() else _value(value)
            yield Parameter(name, shown, _range(field), descriptions(model)[name])


def _value(value: Any) -> str:
    if isinstance(value, Number):
        return f"{value.nominal:g}"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_value(part)}" for name, part in value.items()) or "none"
    return "none" if value is None else str(value)


def _range(field: FieldInfo) -> str:
    limits = next((entry for entry in field.metadata if isinstance(entry, Within)), None)
    if limits is None:
        return ""
    if limits.high < OPEN:
        return limits.words
    return "above 0" if 0 < limits.low <= NOUGHT else f"at least {limits.low:g}"
