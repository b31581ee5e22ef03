"""What can go wrong, as classes with fields: every error knows where it is and what would be right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TypeVar

V = TypeVar("V")


@dataclass(frozen=True)
class Problem:
    """One mistake in one place of one input.

    `file` is as the user named it, or an option with its value; `line` and `column` count from 1. Line 0 is
    the whole file, or the one line of an option, whose `column` then counts its characters. `path` is the
    dotted path inside the scenario. `nearest` is the valid name closest to what is written.
    """

    file: str
    line: int
    column: int
    path: str
    mistake: str
    allowed: str = ""
    nearest: str = ""

    def __str__(self) -> str:
        path = shortened(self.path, LONGEST_NAME)
        text = f"{self._where()}: {path}: {self.mistake}" if path else f"{self._where()}: {self.mistake}"
        if self.allowed:
            text += f"; {self.allowed}"
        if self.nearest:
            text += f" (did you mean {self.nearest}?)"
        return text

    def _where(self) -> str:
        file = shortened(self.file, LONGEST_NAME)
        if self.line:
            return f"{file}:{self.line}:{self.column}"
        return f"{file}, character {self.column}" if self.column > 1 else file


class EscalationError(Exception):
    """The root of all errors that the program raises on purpose; `exit_status` is the command line's."""

    exit_status = 1


class InputError(EscalationError):
    """The user's input is at fault; nothing was run."""

    exit_status = 2


class UnknownName(InputError, KeyError):
    """A name that there is not; the message has the nearest one."""

    def __init__(self, what: str, name: str, known: Sequence[str]):
        super().__init__(f"there is no {what} {shortened(name, LONGEST_NAME)}{did_you_mean(name, known)}")

    def __str__(self) -> str:
        """Return the message, which a KeyError would quote."""
        return str(self.args[0])


class ByName(dict[str, V]):
    """A mapping by name that answers an unknown one with the nearest; `what` its entries are: `actor`."""

    def __init__(self, what: str, entries: Mapping[str, V]):
        super().__init__(entries)
        self.what = what

    def __missing__(self, name: str) -> V:
        """Raise UnknownName."""
        raise UnknownName(self.what, str(name), tuple(self))


class ScenarioError(InputError):
    """A scenario file (or an override of it) that does not say something the model can run.

    `problems` holds every mistake found, in the order of the file.
    """

    def __init__(self, problems: Iterable[Problem]):
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class EnvironmentFault(EscalationError):
    """The machine is at fault: a folder that cannot be written, a full disk."""


EXTRAS = {
    "cluster": ("distributed",),
    "office": ("docx", "xlsxwriter"),
    "report": ("altair", "jinja2", "vl_convert"),
    "tune": ("optuna", "cmaes"),
}
"""The modules that each extra of pyproject.toml brings."""


def require_extra(extra: str, what: str) -> None:
    """Raise EnvironmentFault with how to install an extra of which a module is missing; imports nothing.

    `what` begins the message: `pictures need`.
    """
    for module in EXTRAS[extra]:
        if find_spec(module) is None:
            raise EnvironmentFault(
                f"{what} {module}, which is not installed: pip install 'escalation[{extra}]', "
                f"or in a checkout pip install -e '.[{extra}]'"
            )


LONGEST_NAME = 300
"""Characters of a file's name, an option or a path in a scenario that a message repeats."""


def shortened(text: str, most: int) -> str:
    """Return `text`, or its beginning and an ellipsis when it has more than `most` characters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def nearest(word: str, allowed: Sequence[str]) -> str:
    """Return the name in `allowed` that is closest to `word`, capitals aside, or the empty string."""
    from difflib import get_close_matches  # noqa: PLC0415  input without a mistake does not pay for it

    names = {name.lower(): name for name in reversed(allowed)}
    matches = get_close_matches(shortened(word, LONGEST_NAME).lower(), names, n=1, cutoff=0.6)
    return names[matches[0]] if matches else ""


def did_you_mean(word: str, allowed: Sequence[str]) -> str:
    """Return the end of a message, ` (did you mean NAME?)`, with the nearest name; empty without one."""
    near = nearest(word, allowed)
    return f" (did you mean {near}?)" if near else ""


def system_reason(error: OSError) -> str:
    """Return in the system's words why it refused something."""
    return (error.strerror or str(error)).lower()
