"""What is asked of a simulation and how the work is done: two objects that validate themselves.

`Request` says which replications are meant; every number follows from it and the scenario. `Execution` says
what they are played with; nothing of it shows in the numbers.
"""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, TypedDict, get_args

from escalation.ensemble.engine import LOCAL, Acts, address_of
from escalation.errors import InputError, did_you_mean

REPLICATIONS, LIMIT = 1_000, 100_000
"""Replications unless a number is given; at most so many where a precision ends the run."""
SEED = 1
MOST_REPLICATIONS = 10_000_000
LARGEST_SEED = 2**64 - 1
MOST_WORKERS = 1024
SPREAD, WIDEST = 0.3, 2.0
"""Spread of assumptions where `--assumptions` stands without a number: two thirds of factors lie between 0.74
and 1.35. The largest: 95% of factors lie between 1/50 and 50."""
MOST_DAYS = 3660
"""Days of a window, at most."""
COMPILING = "Compiling the rules once for this machine; this takes about ten seconds."

ClockName = Literal["auto", "compiled", "simpy"]


def require_whole(name: str, value: Any, low: int, high: int) -> int:
    """Return a whole number from `low` to `high`; InputError, which calls it `name`, for anything else."""
    try:
        number = operator.index(value)
    except TypeError:
        raise InputError(f"{name}: found {value!r}; allowed is a whole number, {low:,} to {high:,}") from None
    if isinstance(value, bool) or not low <= number <= high:
        raise InputError(f"{name}: found {value}; allowed is {low:,} to {high:,}")
    return number


def require_choice(name: str, value: Any, allowed: Collection[str]) -> str:
    """Return a text that is one of `allowed`; InputError, which calls it `name`, for anything else."""
    if isinstance(value, str) and value in allowed:
        return str(value)
    hint = did_you_mean(str(value), tuple(allowed))
    raise InputError(f"{name}: found {value!r}; allowed are {', '.join(allowed)}{hint}")


def require_texts(name: str, values: Any, like: str = "") -> tuple[str, ...]:
    """Return several texts; InputError, which calls them `name`, for one text alone or anything else.

    `like` ends the message: ` PATH=VALUE`.
    """
    if isinstance(values, list | tuple) and all(isinstance(value, str) for value in values):
        return tuple(values)
    raise InputError(f"{name}: found {values!r}; allowed is a list of texts{like}")


def day_of(name: str, value: date | str) -> date:
    """Return the date that `value` is or says as YYYY-MM-DD; InputError, which calls it `name`."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value)  # type: ignore[arg-type]  # a wrong type is what is caught
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{name} {value}: is not a date; write year-month-day, such as 2021-04-01"
        ) from error


def require_spread(value: Any) -> float:
    """Return the spread of assumptions, a number from 0 to 2; InputError for anything else."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0 <= value <= WIDEST:
        raise InputError(f"assumptions: found {value!r}; allowed is a number, 0 to {WIDEST:g}")
    return float(value)


class Changes(TypedDict, total=False):
    """Keywords of every public function that plays a scenario: what of it is changed first."""

    sets: Sequence[str]
    until: date | str | None
    record: str | Path | None
    since: date | str | None
    assumptions: float | None


class Options(Changes, total=False):
    """Keywords of every public function that simulates: changes of the scenario, fields of `Execution`."""

    workers: int
    engine: str
    clock: str
    on_progress: Callable[[int], Any] | None
    say: Callable[[str], Any] | None
    on_event: Callable[[Any], Any] | None


@dataclass(frozen=True, kw_only=True)
class Execution:
    """What replications are played with. Raises InputError for a value that is not allowed."""

    workers: int = 1
    """Processes, or threads on the compiled clock, on this machine."""
    engine: str = LOCAL
    """`local`, or `dask://HOST:PORT`: a cluster whose workers are used instead."""
    clock: str = "auto"
    """`auto`, `compiled` or `simpy`: the same numbers at another speed."""
    on_progress: Callable[[int], Any] | None = None
    """Called with the number of replications finished since the last call, first with 0."""
    say: Callable[[str], Any] | None = None
    """Called with remarks on the work."""
    on_event: Callable[[Any], Any] | None = None
    """Called with what a study reports while it is played: an object that the study defines."""

    def __post_init__(self) -> None:
        require_whole("workers", self.workers, 1, MOST_WORKERS)
        require_choice("clock", self.clock, get_args(ClockName))
        if not isinstance(self.engine, str):
            raise InputError(f"engine: found {self.engine!r}; allowed are local and dask://HOST:PORT")
        address_of(self.engine)

    def compile_rules(self) -> None:
        """Make the compiled clock ready; say so where the rules must be compiled first."""
        from escalation.clocks.compiled_clock import prepare  # noqa: PLC0415  # `--help` does without

        prepare(lambda: self.say(COMPILING) if self.say else None)


@dataclass(frozen=True, kw_only=True)
class Request:
    """Which replications are asked for. None: not given, so the run's own, else the default.

    Raises InputError for a value that is not allowed.
    """

    replications: int | None = None
    """How many; 1,000 unless given; where a precision ends the run, at most so many, 100,000 unless given."""
    seed: int | None = None
    """What all chance comes from, from 0 to 2⁶⁴ - 1; 1 unless given."""
    sets: Sequence[str] = ()
    """Changes of the scenario, PATH=VALUE, the later one winning."""
    until: date | None = None
    """The first day that is no longer simulated, as a date or as YYYY-MM-DD."""
    record: str | Path | None = None
    """A file, or a shipped record: what it holds before `since` replaces the scenario's own history."""
    since: date | None = None
    """The day from which the model decides where there is a `record`, as a date or as YYYY-MM-DD."""
    assumptions: float | None = None
    """How far every number marked as an assumption is drawn apart, 0 to 2: the standard deviation of the
    logarithm of its factor. None: not at all."""
    acts: Acts = "sample"
    """Whose acts are stored: nobody's, those of the first 20 replications, everybody's."""
    precision: float | None = None
    """Half the width of the 95% interval of `outcome` at which the run ends, in the outcome's unit."""
    outcome: str | None = None
    """What the precision is of: `concession.eu`, `prob(concession.eu)`, `mean(package_days.eu)`."""
    total: int = field(init=False)
    """Replications at most: as given, or the default."""

    def __post_init__(self) -> None:
        if self.replications is not None:
            require_whole("replications", self.replications, 1, MOST_REPLICATIONS)
        if self.seed is not None:
            require_whole("seed", self.seed, 0, LARGEST_SEED)
        object.__setattr__(self, "sets", require_texts("sets", self.sets, " PATH=VALUE"))
        require_choice("acts", self.acts, get_args(Acts))
        if (self.precision is None) != (self.outcome is None):
            raise InputError("precision and outcome: found one of them; give both or neither")
        for name, option in (("until", "until"), ("since", "from")):
            if (day := getattr(self, name)) is not None:
                object.__setattr__(self, name, day_of(option, day))
        if (self.record is None) != (self.since is None):
            raise InputError("record and from: found one of them; give both or neither")
        if self.record is not None:
            from escalation.scenario.record import find_record  # noqa: PLC0415  # `--help` does without

            find_record(self.record, "record ")
        if self.assumptions is not None:
            object.__setattr__(self, "assumptions", require_spread(self.assumptions))
        usual = REPLICATIONS if self.precision is None else LIMIT
        object.__setattr__(self, "total", usual if self.replications is None else self.replications)

    @property
    def overrides(self) -> tuple[str, ...]:
        """What is changed in the scenario: its past, `sets`, `until=DATE` and `assumptions=SPREAD`."""
        until = [f"until={self.until}"] if self.until else []
        spread = [] if self.assumptions is None else [f"assumptions={self.assumptions:g}"]
        return (*self.changes, *until, *spread)

    @property
    def changes(self) -> tuple[str, ...]:
        """The past and `sets`, PATH=VALUE, the later one winning."""
        if self.record is None:
            return tuple(self.sets)
        return (
            f"history={{record: {json.dumps(str(self.record), ensure_ascii=False)}, until: {self.since}}}",
            *self.sets,
        )

    @property
    def rule(self) -> tuple[float, str] | None:
        """The half-width and the outcome that end the run; None without a precision."""
        return None if self.precision is None or self.outcome is None else (self.precision, self.outcome)

    @property
    def specified(self) -> tuple[str, ...]:
        """The names of what is specified here of all that a stored run has of its own."""
        fields = {
            "replications": self.replications, "seed": self.seed, "set": self.sets or None,
            "until": self.until, "record": self.record, "assumptions": self.assumptions,
        }  # fmt: skip
        return tuple(name for name, value in fields.items() if value is not None)


def split(options: Changes, **asked: Any) -> tuple[Request, Execution]:
    """Return the two objects that the keywords of a public function make; `asked` are fields of `Request`."""
    for name in options:
        if name not in Options.__annotations__:
            raise TypeError(
                f"there is no option {name!r}{did_you_mean(name, tuple(Options.__annotations__))}"
            )
    work: dict[str, Any] = dict(options)
    changes = {name: work.pop(name) for name in Changes.__annotations__ if name in work}
    return Request(**changes, **asked), Execution(**work)
