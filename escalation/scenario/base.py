"""What every part of a scenario file shares: frozen models, names, and numbers that may be uncertain."""

import ast
import inspect
import math
import textwrap
from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import pairwise
from typing import Annotated, Any, Literal, NamedTuple, Self, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StringConstraints,
    model_validator,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from escalation.errors import ByName


class Part(BaseModel):
    """One mapping of a scenario file: frozen, every key known, no number silently read from text.

    What checks it is built when it is first needed, for that takes time.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, defer_build=True
    )  # fmt: skip

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        schema = handler(core_schema)
        properties = handler.resolve_ref_schema(schema).get("properties", {})
        texts = descriptions(cls)
        for name in properties.keys() & texts.keys():
            properties[name]["description"] = texts[name]
        return schema


def named(what: str) -> AfterValidator:
    """Return what makes a mapping one that answers an unknown name with the nearest."""
    return AfterValidator(lambda entries: ByName(what, entries))


@cache
def descriptions(part: type[Part]) -> dict[str, str]:
    """Return what the docstring under each field of `part` says, those it inherits included.

    It is read from the source when it is asked for: doing so at import would take a fifth of a second.
    """
    texts: dict[str, str] = {}
    for base in reversed(part.__mro__):
        if issubclass(base, Part):
            texts |= _own_descriptions(base)
    return texts


def _own_descriptions(part: type[Part]) -> dict[str, str]:
    body = ast.parse(textwrap.dedent(inspect.getsource(part))).body[0]
    assert isinstance(body, ast.ClassDef)
    return {
        field.target.id: inspect.cleandoc(text.value.value)
        for field, text in pairwise(body.body)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant)
        if isinstance(text.value.value, str)
    }


class Mentions(NamedTuple):
    """Says that a name is that of an entry of a group: `actors`, `instruments` or `events`.

    `objectives` and `answers` are expressions over outcomes, `events` acts of history and shocks together.
    Where the entry need not exist, `required` is False.
    """

    group: str
    required: bool = True

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        what = {"events": "act or shock"}.get(self.group, self.group.removesuffix("s"))
        words = {} if self.group in ("objectives", "answers") else {"description": f"Name of an {what}."}
        return words | handler(core_schema)


Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=48)]
ActorName = Annotated[Name, Mentions("actors")]
MemberName = Annotated[Name, Mentions("actors", required=False)]
"""A member of a bloc with a say in it, who may be an actor of the scenario or not."""
InstrumentName = Annotated[Name, Mentions("instruments")]
EventName = Annotated[Name, Mentions("events")]
Answer = Annotated[str, StringConstraints(min_length=1, max_length=2000), Mentions("answers")]
"""An outcome, or an expression over one, which may be the chance of an event by a date."""
Objective = Annotated[str, StringConstraints(min_length=1, max_length=2000), Mentions("objectives")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000)]

FIRST_DAY, LAST_DAY = date(1000, 1, 1), date(9000, 1, 1)


def day_of(text: str) -> date | None:
    """Return the day that a text of exactly YYYY-MM-DD names, if there is one."""
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _as_day(data: Any) -> Any:
    return (isinstance(data, str) and day_of(data)) or data


Day = Annotated[date, BeforeValidator(_as_day), Field(ge=FIRST_DAY, le=LAST_DAY)]
"""A day: in a file YYYY-MM-DD, with quotes or without."""


class Distinct:
    """Says that no entry of a list may stand in it twice."""

    def __call__(self, entries: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return `entries`, or raise at the first that stands there already."""
        for index, entry in enumerate(entries):
            if entry in entries[:index]:
                raise PydanticCustomError(
                    "distinct", "{entry} stands twice", {"entry": entry, "index": index}
                )
        return entries

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self, handler(source))

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return handler(core_schema) | {"uniqueItems": True}


DISTINCT = Distinct()
Instruments = Annotated[tuple[InstrumentName, ...], Field(strict=False, max_length=200), DISTINCT]
"""What somebody can do."""

MEANINGS = ("value", "uniform", "normal", "lognormal", "triangular", "choice")
"""The keys of a number of which it has exactly one."""
DISTRIBUTIONS = MEANINGS[1:]
LARGEST_SIGMA = 5.0
"""Largest standard deviation of a logarithm: a draw rarely leaves a factor of 10⁸ around the median."""


class Number(Part):
    """A number of the model: one value, or a distribution that is drawn once per replication.

    In a file it is either written plainly (`0.9`) or as a mapping that also says where it comes from:
    `{value: 0.9, unit: per day, source: ..., assumption: true}`, `{uniform: [0.6, 1.2]}`.
    """

    value: float | None = None
    """The number, when it is known."""
    uniform: Annotated[tuple[float, float], Field(strict=False)] | None = None
    """Lowest and highest value, equally likely in between."""
    normal: Annotated[tuple[float, Annotated[float, Field(ge=0)]], Field(strict=False)] | None = None
    """Mean and standard deviation; draws outside the allowed range are moved to its edge."""
    lognormal: (
        Annotated[tuple[float, Annotated[float, Field(ge=0, le=LARGEST_SIGMA)]], Field(strict=False)] | None
    ) = None
    """Median, of either sign, and standard deviation of the logarithm of its size, at most 5."""
    triangular: Annotated[tuple[float, float, float], Field(strict=False)] | None = None
    """Lowest, likeliest and highest value."""
    choice: Annotated[tuple[float, ...], Field(strict=False, min_length=1, max_length=64)] | None = None
    """Values that are equally likely."""
    together: Name | None = None
    """Uncertain numbers that name the same here are drawn together: each at the same quantile of its own."""
    unit: Text | None = None
    """What the number counts: days, a share, euro."""
    source: Text | None = None
    """Where the number comes from."""
    assumption: bool = False
    """True when no fact supports the number."""

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, data: Any) -> Any:
        if isinstance(data, int | float) and not isinstance(data, bool):
            return {"value": float(data)}
        if isinstance(data, Number | dict):
            return data
        raise PydanticCustomError("number_type", "{shown} is not a number", {"shown": repr(data)})

    @model_validator(mode="after")
    def _one_meaning(self) -> Self:
        meanings = [name for name in MEANINGS if getattr(self, name) is not None]
        if len(meanings) != 1:
            words = ", ".join(meanings) or "none"
            raise PydanticCustomError("number_meaning", "{meanings}", {"meanings": words})
        for ordered, words in self._order():
            if not ordered:
                raise PydanticCustomError("number_shape", "{words}", {"words": words})
        return self

    def _order(self) -> Iterator[tuple[bool, str]]:
        if self.uniform:
            yield self.uniform[0] <= self.uniform[1], "uniform needs [low, high] with low at most high"
        if self.triangular:
            low, mode, high = self.triangular
            yield low <= mode <= high, "triangular needs [low, mode, high] in that order"
        if self.lognormal:
            yield self.lognormal[0] != 0, "lognormal needs [median, spread] with a median other than 0"

    @property
    def uncertain(self) -> bool:
        """True when the number is drawn anew in each replication."""
        return self.value is None

    @property
    def nominal(self) -> float:
        """The value, or the median of the distribution (the middle entry of a choice)."""
        if self.value is not None:
            return self.value
        if self.uniform:
            return (self.uniform[0] + self.uniform[1]) / 2
        if self.normal or self.lognormal:
            return (self.normal or self.lognormal or (0.0, 0.0))[0]
        if self.triangular:
            low, mode, high = self.triangular
            half = (high - low) / 2
            if mode - low >= half:
                return low + math.sqrt(half * (mode - low))
            return high - math.sqrt(half * (high - mode))
        return sorted(self.choice or ())[len(self.choice or ()) // 2]

    def support(self) -> tuple[float, float]:
        """Lowest and highest value that the file states (a normal or lognormal states only its centre)."""
        if self.uniform:
            return self.uniform
        if self.triangular:
            return self.triangular[0], self.triangular[2]
        if self.choice:
            return min(self.choice), max(self.choice)
        return self.nominal, self.nominal

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"anyOf": [{"type": "number"}, super().__get_pydantic_json_schema__(core_schema, handler)]}


def constant(value: float) -> Number:
    """Return the number that is known to be `value`."""
    return Number(value=value)


class Within:
    """The allowed range of a number: both ends included; `math.inf` leaves an end open."""

    def __init__(self, low: float, high: float):
        self.low, self.high = float(low), float(high)

    def __call__(self, number: Number) -> Number:
        """Return `number`, or raise when its stated support leaves the range."""
        low, high = number.support()
        if low < self.low or high > self.high:
            bound = low if low < self.low else high
            raise PydanticCustomError(
                "number_range",
                "{found} is out of range; allowed is {allowed}",
                {"found": f"{bound:g}", "allowed": self.words},
            )
        return number

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self, handler(source))

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        limits = {"minimum": self.low, "maximum": self.high}
        return handler(core_schema) | {name: limit for name, limit in limits.items() if math.isfinite(limit)}

    @property
    def words(self) -> str:
        """The range in words."""
        if self.high == math.inf:
            return "any number" if self.low == -math.inf else f"at least {_shown(self.low)}"
        return f"{_shown(self.low)} to {_shown(self.high)}"


def _shown(limit: float) -> str:
    return f"{limit:,.0f}" if limit.is_integer() else f"{limit:g}"


SHARE, LEVEL, DAYS, COUNT = Within(0, 1), Within(0, 1e6), Within(1e-3, 1e6), Within(0, 1e9)
"""The ranges of shares, levels, time spans and sizes, for numbers that no field of their own holds."""
Share = Annotated[Number, SHARE]
"""A share or probability, 0 to 1."""
Level = Annotated[Number, LEVEL]
"""A weight or level, at least 0."""
Days = Annotated[Number, DAYS]
"""A time span in days, above 0."""
Sigma = Annotated[Number, Within(0, LARGEST_SIGMA)]
"""The standard deviation of a logarithm, 0 to 5."""
Severity = Annotated[Number, Within(-10, 10)]
"""A severity of the ladder, -10 to 10; negative is conciliatory."""
Count = Annotated[Number, COUNT]
"""A size: names listed, posts cut."""

Family = Literal[
    "verbal",
    "threat",
    "individual",
    "diplomatic",
    "programme",
    "transport",
    "economic",
    "financial",
    "conciliatory",
]
FAMILIES: tuple[str, ...] = get_args(Family)
MeasureFamily = Literal["individual", "diplomatic", "programme", "transport", "economic", "financial"]
"""A family of hostile instruments that are more than words."""
WORDS = ("verbal", "threat")
"""Families of hostile instruments that are words alone."""
Relation = Literal["full", "envoy_recalled", "downgraded", "broken"]
RELATIONS: tuple[str, ...] = get_args(Relation)


class Spread(Part):
    """A positive quantity that differs from act to act: log-normal with this median and spread."""

    median: Level
    """The value that half of the draws stay below."""
    spread: Sigma = constant(0.0)
    """Standard deviation of the logarithm; 0 means always the median."""
