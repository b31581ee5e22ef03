"""What one takes along from futures that were changed by hand: a scenario file, a report, a story."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from escalation.errors import InputError
from escalation.scenario.base import MEANINGS, Number, Part
from escalation.scenario.document import Scenario
from escalation.scenario.files import PREFIX, shipped_names
from escalation.scenario.load import load_text
from escalation.scenario.write import dump, extending
from escalation.study.assumptions import leaves
from escalation.study.live.futures import Futures, Snapshot
from escalation.study.source import Source
from escalation.study.story.divergence import Divergence, divergence_of
from escalation.study.story.model import Story
from escalation.study.story.replay import replay
from escalation.study.view import RunView, view_of


class ScenarioFile(NamedTuple):
    """A scenario as a file; it `extends` the file of this name, or rests on nothing where this is empty."""

    text: str
    extends: str


def scenario_file(futures: Futures) -> ScenarioFile:
    """Return the scenario under its settings as a small file, or a whole one where no small one says it."""
    name = futures.source.path
    is_shipped = name.removeprefix(PREFIX) in shipped_names() and not Path(name).is_file()
    extends = f"{PREFIX}{name.removeprefix(PREFIX)}" if is_shipped else Path(name).name
    text, beside = extending(extends, futures.changes), None if is_shipped else Path(name).parent
    try:
        if _said(load_text(text, "changed.yaml", beside=beside)) == _said(futures.stated):
            return ScenarioFile(text, extends)
    except InputError:
        pass
    return ScenarioFile(dump(futures.stated), "")


def _said(scenario: Scenario) -> dict[str, object]:
    """Return what a scenario says, wherever its numbers come from."""
    return {
        path: tuple(getattr(value, name) for name in MEANINGS) if isinstance(value, Number) else value
        for path, value in leaves(scenario)
        if isinstance(value, Number) or not isinstance(value, Part)
    }


def view_under(futures: Futures, replications: int) -> RunView:
    """Return what a report shows of the scenario under its settings, played anew as the command does it.

    Raises InputError where acts are struck out or forced, which no report has.
    """
    if futures.settings.intervenes:
        raise InputError("a report shows a scenario; `escalation whatif` is for acts struck out or forced")
    return view_of(_source(futures, replications), futures.execution)


def story_under(seen: Snapshot) -> Story:
    """Return the story of the most typical replication."""
    return _replayed(seen.of, _source_of(seen))


def divergence_under(seen: Snapshot, a: Futures) -> Divergence:
    """Return where the most typical replication parts from the same one under the settings `a`."""
    other = _replayed(seen.of, _source_of(seen))
    number = other.origin.replication
    first = _replayed(a, _source(a, number + 1), number)
    return divergence_of(_called(first, "A"), _called(other, "B"), a.scenario)


def _replayed(futures: Futures, source: Source, number: int | None = None) -> Story:
    return replay(source, number, futures.alter)


def _called(story: Story, name: str) -> Story:
    return story.model_copy(update={"origin": story.origin.model_copy(update={"source": name})})


def _source(futures: Futures, replications: int) -> Source:
    source = futures.source
    return replace(
        source, loaded=futures.scenario, overrides=futures.overrides, replications=replications, run=None
    )


def _source_of(seen: Snapshot) -> Source:
    return replace(_source(seen.of, seen.count), run=replace(seen.finished, ensemble=seen.ensemble))
