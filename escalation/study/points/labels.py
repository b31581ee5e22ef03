"""What a path into a scenario is called: whose it is, and what: `Belarus: reciprocity`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from escalation.scenario.document import Scenario

SECTIONS = frozenset({"actors", "instruments", "shocks", "dyads"})
"""Parts of a file that hold entries with labels of their own."""
UNSAID = frozenset({"policy"})
"""Steps that say nothing that what follows does not."""


def labels_of(scenario: Scenario, paths: Iterable[str]) -> dict[str, str]:
    """Return the label of each path; where two would read alike, the path itself."""
    made = {path: label_of(scenario, path) for path in paths}
    labels = list(made.values())
    return {path: label if labels.count(label) == 1 else path for path, label in made.items()}


def label_of(scenario: Scenario, path: str) -> str:
    """Return whose a path is and what: `Belarus: reciprocity`, `United States towards Belarus: exposure`."""
    section, *rest = path.split(".")
    if section not in SECTIONS or not rest:
        return _words(path.split("."))
    whose = _labels(scenario, section).get(rest[0], rest[0].replace("_", " "))
    rest = rest[1:]
    if section == "dyads" and rest:
        whose = f"{_actor(scenario, path.split('.')[1])} towards {_actor(scenario, rest[0])}"
        rest = rest[1:]
    what = [part for part in rest[:-1] if part not in UNSAID] + rest[-1:]
    whose = whose[:1].upper() + whose[1:]
    return f"{whose}: {_words(what)}" if what else whose


def _labels(scenario: Scenario, section: str) -> Mapping[str, str]:
    if section == "actors":
        return {name: actor.name for name, actor in scenario.actors.items()}
    entries = scenario.instruments if section == "instruments" else scenario.shocks
    return {name: entry.label for name, entry in entries.items()} if section != "dyads" else {}


def _actor(scenario: Scenario, name: str) -> str:
    return _labels(scenario, "actors").get(name, name)


def _words(parts: Iterable[str]) -> str:
    return ", ".join(part.replace("_", " ") for part in parts)
