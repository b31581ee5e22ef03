"""The Python face: what the command line calls, and what others call from Python.

Imports are made where they are used, so that asking for the version costs nothing.
"""

from escalation.api.futures import (
    average_whatif,
    check_attribution,
    compare,
    contest,
    hold,
    parting,
    replications_of,
    whatif,
)
from escalation.api.pictures import (
    exhibit,
    report,
)
from escalation.api.runs import (
    asked_of,
    default_out,
    explain,
    export,
    failure_trace,
    load,
    open_run,
    resume,
    run,
    summarise,
)
from escalation.api.studies import (
    open_study,
    plan_sensitivity,
    plan_sweep,
    resume_study,
    sensitivity,
    sweep,
)
from escalation.api.terms import (
    LARGEST_SEED,
    LIMIT,
    MOST_REPLICATIONS,
    REPLICATIONS,
    require_whole,
    scenario_name,
)
from escalation.api.tunings import (
    asked_of_tuning,
    is_tuning,
    open_tuning,
    plan_tuning,
    resume_tuning,
    tune,
    tuning_out,
)

__all__ = [
    "LARGEST_SEED",
    "LIMIT",
    "MOST_REPLICATIONS",
    "REPLICATIONS",
    "asked_of",
    "asked_of_tuning",
    "average_whatif",
    "check_attribution",
    "compare",
    "contest",
    "default_out",
    "exhibit",
    "explain",
    "export",
    "failure_trace",
    "hold",
    "is_tuning",
    "load",
    "open_run",
    "open_study",
    "open_tuning",
    "parting",
    "plan_sensitivity",
    "plan_sweep",
    "plan_tuning",
    "replications_of",
    "report",
    "require_whole",
    "resume",
    "resume_study",
    "resume_tuning",
    "run",
    "scenario_name",
    "sensitivity",
    "summarise",
    "sweep",
    "tune",
    "tuning_out",
    "whatif",
]
