"""What every part of a scenario file shares: frozen models, names, and numbers that may be uncertain."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    StringConstraints,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError


class Part(BaseModel):
    """One mapping of a scenario file: frozen, every key known, no number silently read from text."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, use_attribute_docstrings=True
    )


Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=48)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000)]

DISTRIBUTIONS = ("uniform", "normal", "lognormal", "triangular", "choice")


class Number(Part):
    """A number of the model: one value, or a distribution that is drawn once per replication.

    In a file it is either written plainly (`0.9`) or as a mapping that also says where it comes from:
    `{value: 0.9, unit: per day, source: ..., assumption: true}`, `{uniform: [0.6, 1.2]}`.
    """

    value: float | None = None
    """The number, when it is known."""
    uniform: Annotated[tuple[float, float], Field(strict=False)] | None = None
    """Lowest and highest value, equally likely in between."""
    normal: Annotated[tuple[float, float], Field(strict=False)] | None = None
    """Mean and standard deviation; draws outside the allowed range are moved to its edge."""
    lognormal: Annotated[tuple[float, float], Field(strict=False)] | None = None
    """Median and standard deviation of the logarithm."""
    triangular: Annotated[tuple[float, float, float], Field(strict=False)] | None = None
    """Lowest, likeliest and highest value."""
    choice: Annotated[tuple[float, ...], Field(strict=False, min_length=1, max_length=64)] | None = None
    """Values that are equally likely."""
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
    def _one_meaning(self) -> Number:
        given = [name for name in ("value", *DISTRIBUTIONS) if getattr(self, name) is not None]
        if len(given) != 1:
            raise PydanticCustomError(
                "number_meaning",
                "needs exactly one of value, uniform, normal, lognormal, triangular, choice; has {given}",
                {"given": ", ".join(given) or "none"},
            )
        for test, words in self._shape():
            if not test:
                raise PydanticCustomError("number_shape", "{words}", {"words": words})
        return self

    def _shape(self) -> Iterator[tuple[bool, str]]:
        if self.uniform:
            yield self.uniform[0] <= self.uniform[1], "uniform needs [low, high] with low at most high"
        if self.normal:
            yield self.normal[1] >= 0, "normal needs [mean, standard deviation >= 0]"
        if self.lognormal:
            yield self.lognormal[0] > 0 and self.lognormal[1] >= 0, "lognormal needs [median > 0, sigma >= 0]"
        if self.triangular:
            low, mode, high = self.triangular
            yield low <= mode <= high, "triangular needs [low, mode, high] in that order"

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
    ) -> JsonSchemaValue:
        mapping = handler(core_schema)
        return {"anyOf": [{"type": "number"}, mapping]}


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
            found = low if low < self.low else high
            raise PydanticCustomError(
                "number_range",
                "{found} is out of range; allowed is {allowed}",
                {"found": f"{found:g}", "allowed": self.words},
            )
        return number

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
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


def within(low: float, high: float) -> tuple[Within, AfterValidator]:
    """Return the annotation of a number from `low` to `high`; the range itself stays readable in it."""
    limits = Within(low, high)
    return limits, AfterValidator(limits)


_share, _level, _time, _severity, _count = (
    within(0, 1),
    within(0, 1e6),
    within(1e-3, 1e6),
    within(-10, 10),
    within(0, 1e9),
)
SHARE, LEVEL, DAYS = _share[0], _level[0], _time[0]
"""The ranges of shares, levels and time spans, for numbers that no field of their own holds."""
Share = Annotated[Number, _share[0], _share[1]]
"""A share or probability, 0 to 1."""
Level = Annotated[Number, _level[0], _level[1]]
"""A weight or level, at least 0."""
Days = Annotated[Number, _time[0], _time[1]]
"""A time span in days, above 0."""
Severity = Annotated[Number, _severity[0], _severity[1]]
"""A severity of the ladder, -10 to 10; negative is conciliatory."""
Count = Annotated[Number, _count[0], _count[1]]
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
FAMILIES: tuple[str, ...] = (
    "verbal",
    "threat",
    "individual",
    "diplomatic",
    "programme",
    "transport",
    "economic",
    "financial",
    "conciliatory",
)
Relation = Literal["full", "envoy_recalled", "downgraded", "broken"]
RELATIONS: tuple[str, ...] = ("full", "envoy_recalled", "downgraded", "broken")


class Spread(Part):
    """A positive quantity that differs from act to act: log-normal with this median and spread."""

    median: Level
    """The value that half of the draws stay below."""
    spread: Level = constant(0.0)
    """Standard deviation of the logarithm; 0 means always the median."""
