"""Scenario simulation of sanctions escalation: who does what to whom next, how sure, and why.

An ensemble and one of its figures, from Python:

    import escalation
    run = escalation.run("minimal", replications=50, seed=1)
    print(run.summary.figures["runaway"].probability.value)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from escalation.api import (
        brief,
        calibrate,
        compare,
        discover,
        explain,
        export,
        given,
        load,
        open,  # noqa: A004 - escalation.open, as gzip.open
        open_run,
        plot,
        policies,
        report,
        resume,
        run,
        sensitivity,
        summarise,
        sweep,
        tune,
        whatif,
        why_not,
    )

__all__ = [
    "__version__", "brief", "calibrate", "compare", "discover", "explain", "export", "given", "load", "open",
    "open_run", "plot", "policies", "report", "resume", "run", "sensitivity", "summarise", "sweep", "tune",
    "whatif", "why_not",
]  # fmt: skip

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name in __all__:
        from escalation import api  # noqa: PLC0415 - asking for the version should cost nothing

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
