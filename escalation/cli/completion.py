"""What TAB offers: names, files, folders, paths into the scenario that the line names, and its outcomes.

It is asked for at every press of a key, so nothing heavy is imported, and of what cannot be read nothing is
offered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from os import sep
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

from escalation.ensemble.engine import Acts
from escalation.ensemble.folder import RESULTS, stored_folders
from escalation.errors import EscalationError
from escalation.study.execution import ClockName

if TYPE_CHECKING:
    from escalation.scenario.tree import Mapping

YAML = (".yaml", ".yml")


class Candidate(NamedTuple):
    """A word that is offered; the fields are those that Typer reads."""

    value: str
    type: str = "plain"
    help: str | None = None


def complete(command: Any) -> Any:
    """Return a command, or a group, of whose parameters those of the table below are completed."""
    for parameter in command.params:
        if find := FINDERS.get(parameter.name):
            parameter.shell_complete = partial(_offered, find)
    for below in getattr(command, "commands", {}).values():
        complete(below)
    return command


def _offered(find: Callable[[Any, str], Iterable[str]], context: Any, begun: str) -> list[Candidate]:
    try:
        return [Candidate(word) for word in dict.fromkeys(find(context, begun)) if word.startswith(begun)]
    except (EscalationError, OSError, ValueError, RecursionError):
        return []


# ---- files and folders


def _files(begun: str, endings: tuple[str, ...]) -> Iterator[str]:
    """Yield the files that a path may go on to; a folder that is alone in its place is looked into."""
    folder, name = begun[: begun.rfind(sep) + 1], begun[begun.rfind(sep) + 1 :]
    there = sorted(Path(folder or ".").iterdir())
    fitting = [path for path in there if path.name.startswith(name) and (name or path.name[0] != ".")]
    folders = [f"{folder}{path.name}{sep}" for path in fitting if path.is_dir()]
    files = [f"{folder}{path.name}" for path in fitting if path.suffix in endings and path.is_file()]
    yield from files
    yield from _files(folders[0], endings) if name and len(folders) == 1 and not files else folders


def _scenarios(_: Any, begun: str) -> Iterator[str]:
    from escalation.scenario.files import PREFIX, shipped_names

    prefix = PREFIX if begun.startswith(PREFIX) else ""
    yield from (prefix + name for name in shipped_names())
    yield from _files(begun, YAML)


def _runs(_: Any, begun: str) -> Iterator[str]:
    yield from map(str, stored_folders(RESULTS))
    yield from (name for name in _files(begun, ()) if not name.startswith(f"{RESULTS}{sep}"))


def _sources(context: Any, begun: str) -> Iterator[str]:
    yield from _runs(context, begun)
    yield from _scenarios(context, begun)


def _records(_: Any, begun: str) -> Iterator[str]:
    from escalation.scenario.files import shipped_folder

    yield from sorted(file.stem for file in (shipped_folder() / "records").glob("*.csv"))
    yield from _files(begun, (".csv",))


# ---- inside the scenario that is named earlier on the line


def _root(context: Any) -> Mapping:
    """Return the tree of the scenario, or of that of the run, that the line names. Raises ScenarioError."""
    from escalation.scenario.load import draft

    arguments = [
        parameter.name for parameter in context.command.params if parameter.param_type_name == "argument"
    ]
    # behind an option that still lacks its value, arguments have not got their places
    words = next(filter(None, map(context.params.get, arguments)), context.args or "")
    named = str(words[0] if isinstance(words, list | tuple) else words)
    stored = Path(named) / "scenario.yaml"
    return draft(stored if stored.is_file() else named).root


def _paths(context: Any, begun: str) -> Iterator[str]:
    """Yield PATH= for the next steps of a path; where there is one alone, for the steps below it."""
    from escalation.scenario.override import names_below
    from escalation.scenario.policy import PRESETS

    root, actor = _root(context), context.params.get("actor")
    before = f"actors.{actor}." if actor and not begun.startswith("actors.") else ""
    path, equals, _ = (before + begun).partition("=")
    if equals:
        names = PRESETS if path.endswith((".policy", ".preset")) else ()
        yield from (f"{path.removeprefix(before)}={name}" for name in names)
        return
    above, stem = path[: path.rfind(".") + 1], path[path.rfind(".") + 1 :]
    fitting = [name for name in names_below(root, above) if name.startswith(stem)]
    while len(fitting) == 1 and (deeper := names_below(root, f"{above}{fitting[0]}.")):
        above, fitting = f"{above}{fitting[0]}.", deeper
    for name in fitting:
        whole = f"{above}{name}".removeprefix(before)
        inside = bool(names_below(root, f"{above}{name}."))
        yield from (f"{whole}.",) if inside else ()
        yield from (f"{whole}=",) if not inside or name == "policy" else ()


def _outcomes(context: Any, begun: str) -> Iterator[str]:
    from escalation.scenario.names import outcomes_of

    function = begun[: begun.rfind("(") + 1]
    return (function + outcome.name for outcome in outcomes_of(_root(context)))


def _actors(context: Any, _: str) -> Iterable[str]:
    from escalation.scenario.tree import entries_at

    return entries_at(_root(context), "actors")


def _names(context: Any, _: str) -> Iterable[str]:
    if context.command.name != "policies":
        return ()
    from escalation.present.policies import known

    return known()


FINDERS: dict[str, Callable[[Any, str], Iterable[str]]] = {
    "scenario": _scenarios, "sources": _sources, "source": _sources, "other": _sources,
    "folder": _runs, "folders": _runs, "record": _records, "sets": _paths, "vary": _paths,
    "uncertain": _paths, "outcome": _outcomes, "maximise": _outcomes, "minimise": _outcomes,
    "subject_to": _outcomes, "actor": _actors, "target": _actors, "name": _names,
    "acts": lambda *_: get_args(Acts), "clock": lambda *_: get_args(ClockName),
}  # fmt: skip
"""What completes a parameter, by its name, which means the same in all commands."""
