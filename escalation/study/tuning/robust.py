"""Many cases (opponents, uncertain numbers) made one figure: the mean, the worst, a quantile, the regret."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from escalation.errors import InputError, nearest

Array = npt.NDArray[np.float64]

KINDS = ("mean", "worst", "regret", "quantile")
_FORM = "allowed are mean, worst, regret and quantile=SHARE, such as quantile=0.9"


@dataclass(frozen=True)
class Robust:
    """How losses in several cases become one; `share` is that of `quantile`.

    `worst` is Wald's criterion (1950), `regret` Savage's (1951): in each case the loss beyond the smallest
    that any policy tried has there, and of these the largest.
    """

    kind: str = "mean"
    share: float | None = None

    def __str__(self) -> str:
        return self.kind if self.share is None else f"{self.kind}={self.share:g}"

    @property
    def has_regret(self) -> bool:
        """True when the best of each case is subtracted first."""
        return self.kind == "regret"

    def of_losses(self, losses: Array, best: Array | None = None) -> Array:
        """Return one loss for float64[..., cases, k]: float64[..., k]; `best` is float64[cases, k]."""
        if self.has_regret:
            losses = losses - (np.min(losses, axis=-2, keepdims=True) if best is None else best)
        return self._made(losses)

    def of_gaps(self, gaps: Array) -> Array:
        """Return by how much limits are missed, at most 0 where kept: in the mean, the worst, a quantile."""
        return self._made(gaps)

    def _made(self, values: Array) -> Array:
        if self.kind == "mean":
            return np.asarray(np.mean(values, axis=-2))
        if self.share is not None:
            return np.asarray(np.quantile(values, self.share, axis=-2))
        return np.asarray(np.max(values, axis=-2))

    def words(self, cases: int) -> str:
        """Return what a figure is of: `mean of 3 cases`; nothing for a single case without regret."""
        if cases == 1 and not self.has_regret:
            return ""
        of = f"of {cases} cases"
        share = f"what {self.share or 0:.0%} {of} keep to"
        return {"mean": f"mean {of}", "worst": f"worst {of}", "regret": f"largest regret {of}"}.get(
            self.kind, share
        )


def robust_of(text: str, option: str = "--robust") -> Robust:
    """Return what `mean`, `worst`, `regret` or `quantile=0.9` says. Raises InputError."""
    kind, equals, rest = text.strip().partition("=")
    if kind not in KINDS:
        near = nearest(kind, KINDS)
        raise InputError(f"{option}: found {text!r}; {_FORM}" + (f" (did you mean {near}?)" if near else ""))
    if kind != "quantile":
        if equals:
            raise InputError(f"{option}: found {text!r}; {kind} takes no number; {_FORM}")
        return Robust(kind)
    try:
        share = float(rest)
    except ValueError:
        share = -1.0
    if not 0 < share < 1:
        raise InputError(f"{option}: found {text!r}; the share lies above 0 and below 1, as in quantile=0.9")
    return Robust(kind, share)
