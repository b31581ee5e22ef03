"""The smallest study there is: what all of them share is tested on it, and it shows what adding one takes."""

from __future__ import annotations

from typing import ClassVar, Literal

from escalation.errors import InputError
from escalation.present.page import Page, result_page
from escalation.study.execution import Execution
from escalation.study.journal import Journal
from escalation.study.runner import Asked, Study
from escalation.study.values import Result


class GuessAsked(Asked):
    sides: int = 6

    def model_post_init(self, _: object) -> None:
        if self.sides < 2:
            raise InputError(f"--sides: found {self.sides}; allowed is 2 or more")


class Guesses(Result):
    version: ClassVar[int] = 2
    kind: Literal["guess"] = "guess"
    schema_version: Literal[2] = 2
    guesses: tuple[int, ...]


class GuessStudy(Study[GuessAsked, Guesses]):
    kind, asked, result = "guess", GuessAsked, Guesses

    def play(self, asked: GuessAsked, execution: Execution, journal: Journal) -> Guesses:
        guesses = journal.read("guesses", lambda number, guess: int(guess))
        for number in range(len(guesses), asked.replications):
            guesses.append((number * 7 + asked.seed) % asked.sides)
            journal.append("guesses", guesses[-1])
            if execution.on_progress:
                execution.on_progress(1)
        return Guesses(**asked.envelope, guesses=tuple(guesses))


def page(guesses: Guesses, full: bool = False) -> Page:
    return result_page(guesses.scenario.title, [f"Guesses: {guesses.guesses}"])


def rows(guesses: Guesses) -> tuple[list[str], list[list[int]]]:
    return ["guess"], [[guess] for guess in guesses.guesses]


def pictures(_: Guesses) -> list[object]:
    return []
