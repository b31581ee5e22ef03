"""All studies by the kind in their documents, and what works with the folder of any of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from escalation.ensemble.folder import final_of, staging_of
from escalation.errors import InputError
from escalation.study import runner
from escalation.study.backtest.backtest import BACKTEST
from escalation.study.compare.study import COMPARE
from escalation.study.execution import Execution
from escalation.study.runner import Study
from escalation.study.sensitivity.sensitivity import SENSITIVITY
from escalation.study.sweep.sweep import SWEEP
from escalation.study.tune.study import TUNE
from escalation.study.values import Result
from escalation.study.whatif.average import WHATIF
from escalation.study.whatif.check import ATTRIBUTION

STUDIES: dict[str, Study[Any, Any]] = {
    study.kind: study for study in (COMPARE, WHATIF, ATTRIBUTION, SWEEP, SENSITIVITY, TUNE, BACKTEST)
}


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
    return STUDIES.get(kind or "")


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
