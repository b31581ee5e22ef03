"""What can go wrong, as classes with fields: every error knows where it is and what would be right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True)
class Problem:
    """One mistake in one place of one input.

    `file` is as the user named it, or an option with its value; `line` and `column` count from 1. Line 0 is
    the whole file, or the one line of an option, whose `column` then counts its characters. `path` is the
    dotted path inside the scenario. `nearest` is the valid name closest to what was found.
    """

    file: str
    line: int
    column: int
    path: str
    found: str
    allowed: str = ""
    nearest: str = ""

    def __str__(self) -> str:
        text = (
            f"{self._place()}: {self.path}: {self.found}" if self.path else f"{self._place()}: {self.found}"
        )
        if self.allowed:
            text += f"; {self.allowed}"
        if self.nearest:
            text += f" (did you mean {self.nearest}?)"
        return text

    def _place(self) -> str:
        if self.line:
            return f"{self.file}:{self.line}:{self.column}"
        return f"{self.file}, character {self.column}" if self.column > 1 else self.file


class EscalationError(Exception):
    """The root of all errors that the program raises on purpose; `exit_status` is the command line's."""

    exit_status = 1


class InputError(EscalationError):
    """The user's input is at fault; nothing was run."""

    exit_status = 2


class ScenarioError(InputError):
    """A scenario file (or an override of it) that does not say something the model can run.

    `problems` holds every mistake found, in the order of the file.
    """

    def __init__(self, problems: Iterable[Problem]):
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class EnvironmentFault(EscalationError):
    """The machine is at fault: a folder that cannot be written, a full disk."""


def nearest(word: str, allowed: Sequence[str]) -> str:
    """Return the name in `allowed` that is closest to `word`, or the empty string."""
    matches = get_close_matches(word, allowed, n=1, cutoff=0.6)
    return matches[0] if matches else ""
