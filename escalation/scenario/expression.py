"""Objectives: one number over an ensemble's outcomes, written `prob(runaway) <= 0.05`.

    expression  =  measure [ ("<=" | ">=") number ]
    measure     =  FUNCTION "(" OUTCOME [ "," number ] ")"  |  OUTCOME  |  "prob" "(" OUTCOME "," DATE ")"

OUTCOME is the name of an outcome, or `R`, the flywheel's. An outcome alone is measured as its kind is: by
`prob` what happens or does not, else by `mean`. Only an answer to the question of a scenario has a DATE, by
the end of which a first use or concession has come, and `answers.ACTOR`, the acts of an actor that the
flywheel attributes to each act against it (`answers.ACTOR.TARGET`: to each of that one's). A text is read
sign by sign and never run as code.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple, NoReturn

from escalation.errors import InputError, nearest, shortened
from escalation.scenario.outcomes import kind_of

R = "R"
"""Further hostile acts attributed to each one: one number of the whole ensemble."""

ANSWERS = "answers."
"""How the name begins of what an actor does for each act against it, as the flywheel attributes it."""

LEVEL = 0.95
"""Level of an interval unless the expression states another."""

RELATIONS = ("<=", ">=")

EVENTS = frozenset({"probability", "date"})
AMOUNTS = frozenset({"count", "level", "rank"})


class Function(NamedTuple):
    """What can be measured: of which kinds of outcomes, and what its number means ('' for none)."""

    meaning: str
    kinds: frozenset[str]
    number: str = ""
    default: float | None = None


FUNCTIONS = {
    "mean": Function("the mean", AMOUNTS),
    "prob": Function("the share of replications in which it happens", EVENTS),
    "median": Function("the value that half of the replications do not exceed", AMOUNTS),
    "quantile": Function("the value that this share of the replications does not exceed", AMOUNTS, "share"),
    "cvar": Function("the mean of the highest replications, beyond this share", AMOUNTS, "share", LEVEL),
    "sd": Function("the standard deviation", AMOUNTS),
    "lower": Function("the lower end of the interval of mean, prob or R", EVENTS | AMOUNTS, "level", LEVEL),
    "upper": Function("the upper end of the interval of mean, prob or R", EVENTS | AMOUNTS, "level", LEVEL),
}
BOUNDS = ("lower", "upper")


class ExpressionError(InputError):
    """A mistake in an expression: `position` (from 0) is the sign of `text` at which it stands."""

    def __init__(
        self, text: str, position: int, mistake: str, allowed: str = "", near: str = "", where: str = ""
    ):
        self.text, self.position, self.where = text, position, where
        self.mistake, self.allowed, self.nearest = mistake, allowed, near
        line = f"{where}: {mistake}" if where else mistake
        line += f"; {allowed}" if allowed else ""
        line += f" (did you mean {near}?)" if near else ""
        visible = "".join(sign if sign.isprintable() else " " for sign in text)
        super().__init__(f"{line}\n  {visible}\n  {' ' * position}^")

    def at(self, where: str) -> ExpressionError:
        """Return the same mistake, said to be at `where`: an option or a file."""
        return ExpressionError(self.text, self.position, self.mistake, self.allowed, self.nearest, where)


@dataclass(frozen=True)
class Expression:
    """One measure of one outcome, with a limit where it is a condition.

    `function` is empty for an outcome alone whose kind is not known, and for `R` itself. `number` is the
    share or level of the functions that have one. `relation` is `<=`, `>=` or empty.
    """

    function: str
    outcome: str
    number: float | None = None
    relation: str = ""
    limit: float | None = None
    by: date | None = None

    def __str__(self) -> str:
        limit = "" if self.limit is None else f" {self.relation} {shown(self.limit)}"
        return f"{self.measured}{limit}"

    @property
    def measured(self) -> str:
        """The expression without its limit, in canonical form; `parse` reads it back."""
        number = "" if self.number is None else f", {shown(self.number)}"
        inner = f"{self.outcome}{number}" if self.by is None else f"{self.outcome}, {self.by}"
        return f"{self.function}({inner})" if self.function else self.outcome

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The outcomes that it is measured from."""
        return () if self.needs_flywheel else (self.outcome,)

    @property
    def exchange(self) -> tuple[str, ...]:
        """Who answers, and whom, where it is measured of them: `answers.ACTOR.TARGET`; else nobody."""
        return tuple(self.outcome.split(".")[1:]) if self.outcome.startswith(ANSWERS) else ()

    @property
    def needs_flywheel(self) -> bool:
        """True when it is measured from the flywheel."""
        return self.outcome == R or self.outcome.startswith(ANSWERS)

    @property
    def is_share(self) -> bool:
        """True when its value is a probability."""
        return not self.needs_flywheel and kind_of(self.outcome) in EVENTS

    def holds(self, value: float | None) -> bool | None:
        """Return whether `value` keeps to the limit; None without a value or a limit."""
        if value is None or self.limit is None:
            return None
        return value <= self.limit if self.relation == "<=" else value >= self.limit


def function_for(outcome: str) -> str:
    """Return the function by which an outcome alone is measured: `prob` or `mean`."""
    return "prob" if kind_of(outcome) in EVENTS else "mean"


def shown(number: float | None) -> str:
    """Return the shortest text that reads back as the same number."""
    text = repr(number)
    return text.removesuffix(".0")


_TOKEN = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<date>\d{4}-\d\d-\d\d(?![\w.]))"
    r"|(?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![\w.]))"
    r"|(?P<name>[A-Za-z_]\w*(?:\.[\w-]+)*)"
    r"|(?P<relation>[<>=≤≥!]+)"
    r"|(?P<sign>[(),])"
)
_SPELT = {"=<": "<=", "=>": ">=", "≤": "<=", "≥": ">=", "<": "<=", ">": ">="}
_LONGEST = 400
_FORM = "an expression is FUNCTION(OUTCOME), as in mean(cost.eu) or prob(runaway) <= 0.05"


def parse(
    text: str, names: Collection[str] | None = None, where: str = "", answer: bool = False
) -> Expression:
    """Return the expression that `text` says; `names` are the outcomes that there are, unless any will do.

    With `names`, an outcome alone gets the function of its kind; `answer` allows what only answers to a
    question have. Raises ExpressionError, with the sign at which the first mistake stands and `where` it is.
    """
    try:
        return _Parser(text, names, answer).whole()
    except ExpressionError as error:
        raise error.at(where) from None


def is_name(text: str) -> bool:
    """Return whether `text` is an outcome's name alone, and no expression over one or over R."""
    return not set(text) & set("(,)<>= ") and text != R and not text.startswith(ANSWERS)


def answered(answers: Iterable[str]) -> tuple[str, ...]:
    """Return the outcomes that the answers to a scenario's question are measured from, in their order."""
    return tuple(dict.fromkeys(name for text in answers for name in parse(text, answer=True).outcomes))


def _exchanges(names: Iterable[str]) -> Iterator[str]:
    """Yield `answers.ACTOR.TARGET` for each two actors that outcomes are of, and `answers.ACTOR` for each."""
    for group, _, pair in (name.partition(".") for name in names):
        actor, _, target = pair.partition(".")
        if group == "peak_rung":
            yield f"{ANSWERS}{actor}" if actor == target else f"{ANSWERS}{pair}"


class _Token(NamedTuple):
    kind: str
    text: str
    position: int


class _Parser:
    def __init__(self, text: str, names: Collection[str] | None, answer: bool = False):
        self.text, self.names, self.answer, self.next = text, names, answer, 0
        self.measured = {R, *_exchanges(names or ())} if answer else {R}
        if len(text) > _LONGEST:
            mistake = f"an expression of {len(text):,} signs"
            raise ExpressionError(text[:60], 0, mistake, f"at most {_LONGEST}")
        self.tokens = [*self.cut(), _Token("end", "", len(text.rstrip()))]

    def cut(self) -> Iterator[_Token]:
        position = 0
        while position < len(self.text):
            match = _TOKEN.match(self.text, position)
            if match is None:
                self.stop(position, f"{self.text[position]!r} has no meaning here", _FORM)
            if match.lastgroup != "space":
                yield _Token(str(match.lastgroup), match.group(), position)
            position = match.end()

    @property
    def here(self) -> _Token:
        return self.tokens[self.next]

    def take(self, fitting: str, wrong: str, missing: str, allowed: str) -> _Token:
        """Return the next token if its kind or text is `fitting`, else stop at it."""
        token = self.here
        if fitting not in (token.kind, token.text):
            self.stop(token.position, f"{token.text!r} {wrong}" if token.text else missing, allowed)
        self.next += 1
        return token

    def whole(self) -> Expression:
        measure = self.measure()
        if self.here.kind == "relation":
            relation = self.take("relation", "", "", "")
            if relation.text not in RELATIONS:
                mistake, near = f"{relation.text!r} is no comparison", _SPELT.get(relation.text, "")
                self.stop(relation.position, mistake, "known are <= and >=", near)
            measure = replace(measure, relation=relation.text, limit=self.number("the limit"))
        after = "after it stands nothing, or <= or >= and a number"
        self.take("end", "after the end of the expression", "", after)
        return measure

    def measure(self) -> Expression:
        first = self.take("name", "is no function or outcome", "nothing is measured", _FORM)
        if self.here.text != "(":
            return self.alone(first)
        if first.text not in FUNCTIONS:
            mistake, near = f"no function {first.text!r}", nearest(first.text, list(FUNCTIONS))
            self.stop(first.position, mistake, f"known are {', '.join(FUNCTIONS)}", near)
        self.next += 1
        inside = "inside the brackets stands the name of an outcome, or R"
        outcome = self.take("name", "is no outcome", "the outcome is missing", inside)
        self.check_name(outcome)
        number = by = None
        if self.answer and first.text == "prob" and kind_of(outcome.text) == "date" and self.here.text == ",":
            self.next += 1
            by = self.day()
        else:
            number = self.argument(first, outcome)
        self.take(")", "where the bracket should close", "the bracket is not closed", "write )")
        self.check_kind(first, outcome)
        return Expression(first.text, outcome.text, number, by=by)

    def alone(self, outcome: _Token) -> Expression:
        if outcome.text in FUNCTIONS and outcome.text not in (self.names or ()):
            self.stop(self.here.position, f"{outcome.text} of what", f"write {outcome.text}(OUTCOME)")
        self.check_name(outcome)
        if outcome.text in self.measured or self.names is None:
            return Expression("", outcome.text)
        return Expression(function_for(outcome.text), outcome.text)

    def check_name(self, token: _Token) -> None:
        if self.names is not None and token.text not in self.measured and token.text not in self.names:
            near = nearest(token.text, [*self.names, *self.measured])
            allowed = "" if near else "see the names in docs/odd.md"
            self.stop(token.position, f"no such outcome {shortened(token.text, 100)!r}", allowed, near)

    def check_kind(self, function: _Token, outcome: _Token) -> None:
        if (name := outcome.text) in self.measured:
            if function.text not in BOUNDS:
                mistake = f"{name} is one number of the whole ensemble"
                self.stop(function.position, mistake, f"write {name}, lower({name}) or upper({name})")
        elif self.names is not None and (kind := kind_of(outcome.text)) not in FUNCTIONS[function.text].kinds:
            better = f"{function_for(outcome.text)}({outcome.text})"
            self.stop(function.position, f"{outcome.text} is a {kind}", f"write {better}")

    def argument(self, function: _Token, outcome: _Token) -> float | None:
        what = FUNCTIONS[function.text]
        if self.here.text != ",":
            if what.number and what.default is None:
                example = f"as in {function.text}(cost.eu, 0.95)"
                self.stop(self.here.position, f"{function.text} also needs a {what.number}", example)
            return what.default
        if not what.number:
            self.stop(self.here.position, f"{function.text} takes no number", f"it is {what.meaning}")
        self.next += 1
        position, number = self.here.position, self.number(f"the {what.number}")
        if not 0 < number < 1:
            self.stop(position, f"a {what.number} of {shown(number)}", "allowed is above 0 and below 1")
        if outcome.text in self.measured and number != LEVEL:
            allowed = f"write {function.text}({outcome.text})"
            self.stop(position, f"the interval of {outcome.text} is known at {LEVEL} only", allowed)
        return number

    def day(self) -> date:
        token = self.take("date", "is no date", "the date is missing", "write a date, such as 2020-11-30")
        try:
            return date.fromisoformat(token.text)
        except ValueError:
            self.stop(token.position, f"there is no day {token.text}")

    def number(self, what: str) -> float:
        token = self.take(
            "number", f"in place of {what}", f"{what} is missing", "write a number, such as 0.95"
        )
        if not math.isfinite(float(token.text)):
            self.stop(token.position, f"{token.text} is too large for a number")
        return float(token.text)

    def stop(self, position: int, mistake: str, allowed: str = "", near: str = "") -> NoReturn:
        raise ExpressionError(self.text, position, mistake, allowed, near)
