"""Reading expressions sign by sign, so that every mistake has its place."""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from dataclasses import replace
from typing import NamedTuple, NoReturn

from escalation.errors import nearest
from escalation.scenario.expression import (
    BOUNDS,
    FUNCTIONS,
    LEVEL,
    RELATIONS,
    Expression,
    ExpressionError,
    R,
    function_for,
    shown,
)
from escalation.scenario.outcomes import kind_of

_TOKEN = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![\w.]))"
    r"|(?P<name>[A-Za-z_]\w*(?:\.[\w-]+)*)"
    r"|(?P<relation>[<>=≤≥!]+)"
    r"|(?P<sign>[(),])"
)
_SPELT = {"=<": "<=", "=>": ">=", "≤": "<=", "≥": ">=", "<": "<=", ">": ">="}
_LONGEST = 400
_FORM = "an expression is FUNCTION(OUTCOME), as in mean(cost.eu) or prob(runaway) <= 0.05"


def parse(text: str, names: Collection[str] | None = None, where: str = "") -> Expression:
    """Return the expression that `text` says; `names` are the outcomes that there are, unless any will do.

    With `names`, an outcome alone gets the function of its kind. Raises ExpressionError, with the sign at
    which the first mistake stands and `where` it was written.
    """
    try:
        return _Parser(text, names).whole()
    except ExpressionError as error:
        raise error.at(where) from None


class _Token(NamedTuple):
    kind: str
    text: str
    position: int


class _Parser:
    def __init__(self, text: str, names: Collection[str] | None):
        self.text, self.names = text, names
        if len(text) > _LONGEST:
            raise ExpressionError(
                text[:60], 0, f"an expression of {len(text):,} signs", f"at most {_LONGEST}"
            )
        self.tokens = self.cut()
        self.next = 0

    def cut(self) -> list[_Token]:
        tokens, position = [], 0
        while position < len(self.text):
            match = _TOKEN.match(self.text, position)
            if match is None:
                self.stop(position, f"{self.text[position]!r} has no meaning here", _FORM)
            if match.lastgroup != "space":
                tokens.append(_Token(str(match.lastgroup), match.group(), position))
            position = match.end()
        return [*tokens, _Token("end", "", len(self.text.rstrip()))]

    @property
    def here(self) -> _Token:
        return self.tokens[self.next]

    def take(self) -> _Token:
        token = self.here
        self.next += token.kind != "end"
        return token

    def whole(self) -> Expression:
        measure = self.measure()
        if self.here.kind == "relation":
            relation, limit = self.relation(), self.number("the limit")
            measure = replace(measure, relation=relation, limit=limit)
        if self.here.kind != "end":
            found = f"{self.here.text!r} after the end of the expression"
            self.stop(self.here.position, found, "after it stands nothing, or <= or >= and a number")
        return measure

    def measure(self) -> Expression:
        first = self.take()
        if first.kind != "name":
            found = (
                "nothing is measured" if first.kind == "end" else f"{first.text!r} is no function or outcome"
            )
            self.stop(first.position, found, _FORM)
        if self.here.text != "(":
            return self.alone(first)
        if first.text not in FUNCTIONS:
            known = ", ".join(FUNCTIONS)
            self.stop(
                first.position,
                f"no function {first.text!r}",
                f"known are {known}",
                nearest(first.text, list(FUNCTIONS)),
            )
        self.take()
        outcome = self.outcome()
        number = self.argument(first, outcome)
        self.close()
        self.check_kind(first, outcome)
        return Expression(first.text, outcome.text, number)

    def alone(self, outcome: _Token) -> Expression:
        if outcome.text in FUNCTIONS and outcome.text not in (self.names or ()):
            self.stop(self.here.position, f"{outcome.text} of what", f"write {outcome.text}(OUTCOME)")
        self.check_name(outcome)
        if outcome.text == R or self.names is None:
            return Expression("", outcome.text)
        return Expression(function_for(outcome.text), outcome.text)

    def outcome(self) -> _Token:
        token = self.take()
        if token.kind != "name":
            found = f"{token.text!r} is no outcome" if token.text else "the outcome is missing"
            self.stop(token.position, found, "inside the brackets stands the name of an outcome, or R")
        self.check_name(token)
        return token

    def check_name(self, token: _Token) -> None:
        if self.names is None or token.text == R or token.text in self.names:
            return
        near = nearest(token.text, [*self.names, R])
        self.stop(
            token.position,
            f"no such outcome {token.text!r}",
            "" if near else "see the names in docs/odd.md",
            near,
        )

    def check_kind(self, function: _Token, outcome: _Token) -> None:
        if outcome.text == R:
            if function.text not in BOUNDS:
                self.stop(
                    function.position, f"{R} is one number of the whole ensemble",
                    f"write {R}, lower({R}) or upper({R})",
                )  # fmt: skip
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
        comma = self.take()
        if not what.number:
            self.stop(comma.position, f"{function.text} takes no number", f"it is {what.meaning}")
        place = self.here.position
        number = self.number(f"the {what.number}")
        if not 0 < number < 1:
            self.stop(place, f"a {what.number} of {shown(number)}", "allowed is above 0 and below 1")
        if outcome.text == R and number != LEVEL:
            self.stop(place, f"the interval of R is known at {LEVEL} only", f"write {function.text}(R)")
        return number

    def number(self, what: str) -> float:
        token = self.take()
        if token.kind != "number":
            found = f"{token.text!r} in place of {what}" if token.text else f"{what} is missing"
            self.stop(token.position, found, "write a number, such as 0.95")
        if not math.isfinite(float(token.text)):
            self.stop(token.position, f"{token.text} is too large for a number")
        return float(token.text)

    def close(self) -> None:
        token = self.take()
        if token.text != ")":
            found = (
                f"{token.text!r} where the bracket should close"
                if token.text
                else "the bracket is not closed"
            )
            self.stop(token.position, found, "write )")

    def relation(self) -> str:
        token = self.take()
        if token.text not in RELATIONS:
            self.stop(
                token.position,
                f"{token.text!r} is no comparison",
                "known are <= and >=",
                _SPELT.get(token.text, ""),
            )
        return token.text

    def stop(self, position: int, found: str, allowed: str = "", near: str = "") -> NoReturn:
        raise ExpressionError(self.text, position, found, allowed, near)
