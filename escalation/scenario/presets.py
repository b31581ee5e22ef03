"""The presets of the proportional policy: named points in one parameter space, each with its citation."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

PresetName = Literal[
    "tit_for_tat",
    "generous_tit_for_tat",
    "graduated",
    "restrained",
    "hardline",
    "grit",
    "conciliatory",
    "passive",
]


class Preset(NamedTuple):
    """A named policy: what it does in one line, where it comes from, what differs from the defaults."""

    meaning: str
    citation: str
    parameters: dict[str, Any]


def _preset(meaning: str, citation: str, **parameters: Any) -> Preset:
    return Preset(meaning, citation, parameters)


PRESETS: dict[str, Preset] = {
    "tit_for_tat": _preset(
        "Answers each act in kind and at once forgets it.",
        "Axelrod 1984",
        reciprocity=1.0,
        d_min=0.5,
        inertia=0.0,
        bite=0.0,
        alignment=0.0,
        gradualism=0.0,
        more=0.0,
        package_limit=1.0,
        discharge=1.0,
    ),
    "generous_tit_for_tat": _preset(
        "Answers in kind, a little milder, and lets small provocations pass.",
        "Nowak and Sigmund 1992",
        reciprocity=0.7,
        d_min=1.0,
        inertia=0.7,
        bite=0.0,
        alignment=0.0,
        gradualism=0.0,
        more=0.0,
        package_limit=1.0,
        discharge=1.0,
    ),
    "graduated": _preset(
        "Climbs the ladder rung by rung, in proportion.",
        "Kahn 1965",
        reciprocity=0.9,
        gradualism=1.0,
        discharge=0.5,
    ),
    "restrained": _preset(
        "Answers below proportion and keeps the head of state for the last.",
        "Council of the EU, guidelines on restrictive measures, 5664/18 (2018)",
        reciprocity=0.7,
        inertia=1.0,
        gradualism=1.2,
        last_resort={"head_of_state_listing": 2.0},
    ),
    "hardline": _preset(
        "Answers above proportion, skips rungs, and minds the price little.",
        "Kahn 1965",
        reciprocity=1.4,
        inertia=-0.5,
        own_cost=0.4,
        fear=0.1,
        gradualism=0.1,
        more=0.5,
        discharge=0.35,
    ),
    "grit": _preset(
        "Answers below proportion and offers small conciliatory steps.",
        "Osgood 1962",
        reciprocity=0.5,
        d_min=0.8,
        inertia=0.5,
        fear=0.8,
        gradualism=1.0,
        yielding=1.0,
        discharge=0.8,
    ),
    "conciliatory": _preset(
        "Prefers relief to retaliation.",
        "Osgood 1962",
        reciprocity=0.3,
        d_min=1.0,
        inertia=1.0,
        fear=1.5,
        gradualism=1.5,
        yielding=3.0,
        discharge=0.9,
    ),
    "passive": _preset(
        "Never acts of its own accord: a third party that looks on.",
        "a limit of the proportional policy",
        reciprocity=0.0,
        inertia=100.0,
    ),
}
