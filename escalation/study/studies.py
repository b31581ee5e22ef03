"""All studies by the kind in their documents, and what works with the folder of any of them."""

from __future__ import annotations

from pathlib import Path
from pkgutil import resolve_name
from typing import Any

from escalation.ensemble.folder import final_of, staging_of
from escalation.errors import InputError
from escalation.study import runner
from escalation.study.execution import Execution
from escalation.study.runner import Study
from escalation.study.values import Result

STUDIES = {
    "attribution": "escalation.study.whatif.check:ATTRIBUTION",
    "backtest": "escalation.study.backtest.backtest:BACKTEST",
    "calibrate": "escalation.study.calibrate.study:CALIBRATE",
    "compare": "escalation.study.compare.study:COMPARE",
    "discover": "escalation.study.discover.discover:DISCOVER",
    "sensitivity": "escalation.study.sensitivity.sensitivity:SENSITIVITY",
    "sweep": "escalation.study.sweep.sweep:SWEEP",
    "tune": "escalation.study.tune.study:TUNE",
    "whatif": "escalation.study.whatif.average:WHATIF",
}
"""Where each study is, by the kind in its documents: it is imported when it is asked for."""


def study_at(folder: Path) -> Study[Any, Any] | None:
    """Return the study that a folder holds, finished or not; None for any other folder, such as a run's.

    Raises InputError where what was asked is there and damaged.
    """
    kind, _ = runner.kind_at(folder)
    asked = staging_of(final_of(folder)) / runner.ASKED
    if kind is None and asked.is_file():
        raise InputError(
            f"{asked}: damaged: it does not say what was asked; remove that folder, and begin anew"
        )
    return resolve_name(STUDIES[kind]) if kind and kind in STUDIES else None


def is_unfinished(folder: Path) -> bool:
    """Return whether the study in a folder can be resumed."""
    return runner.kind_at(folder)[1] == "unfinished"


def open_result(folder: Path) -> Result:
    """Return the result of a finished study. Raises InputError."""
    result: Result = runner.open_result(_required(folder), folder)
    return result


def resume(folder: Path, execution: Execution) -> Result:
    """Finish a study that was interrupted; return the result of one that is complete. Raises InputError."""
    study = _required(folder)
    if not is_unfinished(folder):
        return open_result(folder)
    result: Result = runner.resume(study, folder, execution)
    return result


def _required(folder: Path) -> Study[Any, Any]:
    study = study_at(folder)
    if study is None:
        raise InputError(f"{folder}: is not the folder of a study; `escalation runs` lists what is stored")
    return study
