"""What a backtest finds: scores, skill against rivals, calibration, and the forecasts themselves."""

from __future__ import annotations

from datetime import date as Date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from escalation.errors import UnknownName
from escalation.study.values import Count, Estimate, Replications, Result, ResultPart, Share, unit


class Score(ResultPart):
    """How good the forecasts of one forecaster are, over the origins whose windows the record covers."""

    actor: str
    """Whose package days; empty: all actors together."""
    horizon: Annotated[int, unit("days")]
    forecaster: str
    """`model`, or the name of a rival."""
    n: Count
    """Forecasts that were scored."""
    crps: Annotated[float, unit("package days")]
    """Mean fair continuous ranked probability score; lower is better."""
    interval_score: Annotated[float, unit("package days")]
    """Mean score of the 95% interval."""
    log_score: Annotated[float, unit("nats")]
    """Mean of minus the logarithm of the probability of what came."""
    held_50: Share
    """Share that lay in the 50% interval."""
    held_95: Share
    """Share that lay in the 95% interval."""
    expected_50: Share
    """Share that would lie in the 50% interval if the forecasts were right; more than half, for the ends of
    an interval of counts are whole numbers."""
    expected_95: Share
    """The same of the 95% interval."""
    bias: Annotated[float, unit("package days")]
    """Mean forecast less what came."""


class OriginScore(ResultPart):
    """The forecasts of one forecaster at one origin and horizon, of all actors together."""

    origin: Date
    horizon: Annotated[int, unit("days")]
    forecaster: str
    n: Annotated[int, Field(ge=1)]
    """Forecasts that were scored: one for each actor."""
    crps: Annotated[float, unit("package days")]
    held_50: Share
    held_95: Share
    expected_50: Share
    expected_95: Share
    bias: Annotated[float, unit("package days")]


class Skill(ResultPart):
    """The model beside one rival, in the same forecasts."""

    forecaster: str
    horizon: Annotated[int, unit("days")]
    skill: Estimate
    """1 less the ratio of both mean CRPS: above 0 the model is better; no value where the rival's is 0."""


class EventScore(ResultPart):
    """Forecasts of something that happens or not."""

    what: Literal["answered", "new_rung"]
    forecaster: str
    n: Count
    brier: float
    """Mean squared error of the probabilities."""
    forecast: Share
    """Mean probability."""
    happened: Share
    """Share in which it happened."""


class Wait(ResultPart):
    """Forecasts of the days to the next package, cut at 180."""

    forecaster: str
    n: Count
    crps: Annotated[float, unit("days")]


class Histogram(ResultPart):
    """Probability integral transforms of one forecaster's counts, not randomised: ten bins, even where it is
    calibrated, high at both ends where forecasts are too narrow, in the middle where they are too wide."""

    forecaster: str
    horizon: Annotated[int, unit("days")]
    counts: tuple[float, ...]
    """Forecasts in each bin; each is spread over those that its outcome reaches."""


class Forecast(ResultPart):
    """One forecast of the model beside what came, for the picture through time."""

    origin: Date
    actor: str
    horizon: Annotated[int, unit("days")]
    median: float
    low_50: float
    high_50: float
    low_95: float
    high_95: float
    observed: float | None
    """None where the record ends before the window does."""


class Backtest(Result):
    """Forecasts held against a record."""

    version: ClassVar[int] = 2

    kind: Literal["backtest"] = "backtest"
    schema_version: Literal[2] = 2
    record: str
    """The name of the record."""
    target: str
    """Who answers the others."""
    actors: tuple[str, ...]
    shocks: Literal["unknown", "known"]
    refit: bool = False
    """Whether parameters were learned anew at each origin from what lies before it."""
    learned: dict[Date, dict[str, float]] = Field(default_factory=dict)
    """By origin, the mean score of each parameter that was learned, in standard deviations of its prior."""
    origins: tuple[Date, ...]
    horizons: tuple[int, ...]
    replications: Replications
    scores: tuple[Score, ...]
    by_origin: tuple[OriginScore, ...]
    skills: tuple[Skill, ...]
    waits: tuple[Wait, ...]
    events: tuple[EventScore, ...]
    histograms: tuple[Histogram, ...]
    forecasts: tuple[Forecast, ...]
    left_out: dict[str, Count]
    """Acts of the record that the scenario could not take at the last origin, by reason."""
    failed: Count = 0
    truncated: Count = 0

    @property
    def clean(self) -> bool:
        """True when no replication failed and none was truncated."""
        return not (self.failed or self.truncated)

    def score(self, forecaster: str, horizon: int, actor: str = "") -> Score:
        """Return the score of a forecaster at a horizon, of all actors unless one is named; UnknownName."""
        for entry in self.scores:
            if (entry.forecaster, entry.horizon, entry.actor) == (forecaster, horizon, actor):
                return entry
        known = [
            score.forecaster for score in self.scores if (score.horizon, score.actor) == (horizon, actor)
        ]
        raise UnknownName(f"score of {horizon} days of", forecaster, known)
