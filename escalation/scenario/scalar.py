"""What an unquoted word of a scenario file means: YAML 1.2's core rules, dates, and nothing else.

`NO` is a text (YAML 1.1 read it as false), `1e-3` a number, `2020-10-02` a date. What two readers
could read in two ways (`0x1F`, `1_000`, `12:30:00`) stays text: the field that wants a number refuses it.
"""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date

from escalation.scenario.node import Refused, Scalar

LARGEST = 2**53
"""Largest whole number that a float holds exactly."""

_WORDS: dict[str, bool | None] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_DATE = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_TIMESTAMP = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt]|[ \t]+)[0-9]{1,2}:[0-9:.]+.*")


class RefusedScalar(ValueError):
    """A word that looks like a value and is none; its arguments are what was found and what is allowed."""

    def __init__(self, found: str, allowed: str):
        super().__init__(found)
        self.found, self.allowed = found, allowed


def unquoted(text: str) -> Scalar:
    """Return the value of a word without quotes. Raises RefusedScalar."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if _FLOAT.fullmatch(text):
        return _finite(text)
    if _NOT_FINITE.fullmatch(text):
        raise RefusedScalar(f"{text} is not a finite number", "write a number, or leave the key out")
    if match := _DATE.fullmatch(text):
        return _date(text, *map(int, match.groups()))
    if _TIMESTAMP.fullmatch(text):
        raise RefusedScalar(f"{text} has a time of day", f"write the date alone, {text[:10]}")
    return text


def _integer(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > LARGEST:
        raise RefusedScalar(f"{_shortened(text)} is too large", "whole numbers go up to 2**53")
    return int(text)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise RefusedScalar(f"{_shortened(text)} is too large for a number", "numbers go up to about 1.8e308")
    return number


def _date(text: str, year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise RefusedScalar(
            f"{text} is not a day of the calendar", "a date is YEAR-MONTH-DAY, as in 2020-08-09"
        ) from None


def _shortened(text: str) -> str:
    return text if len(text) <= 24 else f"{text[:20]}…"


def control_character(text: str) -> str:
    """Return the first character that has no place in a text (a control code, half a pair), or nothing."""
    return next((c for c in text if c not in "\n\t" and unicodedata.category(c) in ("Cc", "Cs")), "")


def shown(value: Scalar | Refused) -> str:
    """Return a value in words a reader of the file knows: `'abc'`, `0.9`, `true`, `nothing`."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return repr(value if len(value) <= 60 else value[:57] + "…")
    return str(value)
