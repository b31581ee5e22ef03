"""The scenario that a study is given: itself, or a file or shipped name with what is changed of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from escalation.api.runs import load
from escalation.api.terms import LARGEST_SEED, require_whole, scenario_name

if TYPE_CHECKING:
    from escalation.scenario.document import Scenario


class Given(NamedTuple):
    """A scenario, its name where it has one, and what of its file was changed."""

    scenario: Scenario
    name: str | None
    overrides: tuple[str, ...]


def given(scenario: Scenario | str | Path, seed: int, sets: Sequence[str], until: date | None) -> Given:
    """Return the scenario of a study; `sets` and `until` change one that is loaded.

    Raises InputError for a seed that is out of range, ScenarioError for a scenario that cannot be loaded.
    """
    from escalation.scenario.document import Scenario  # noqa: PLC0415
    from escalation.scenario.load import draft  # noqa: PLC0415

    require_whole("seed", seed, 0, LARGEST_SEED)
    overrides = (*sets, *([f"until={until}"] if until else []))
    if isinstance(scenario, Scenario):
        changed = draft(scenario, sets, until).scenario() if overrides else scenario
        return Given(changed, None, overrides)
    return Given(load(scenario, sets, until), scenario_name(str(scenario)), overrides)
