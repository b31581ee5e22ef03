"""The folder of a tuning.

While it is built, `asked.json` says what was asked for; `trials.jsonl` has a line for each finished trial,
and stays. At the end `tuning.json` and the finalists as scenario files join it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from escalation.ensemble.code import model_identity
from escalation.ensemble.durable import write_text
from escalation.ensemble.place import hidden_of, shown_of
from escalation.errors import InputError
from escalation.study.folder import StudyFolder
from escalation.study.kind import Kind, text_of
from escalation.study.tuning.outcome import KIND, SCHEMA_VERSION, Tuned
from escalation.study.tuning.plan import Asked, TuningPlan, plan_tuning
from escalation.study.tuning.record import Tried

ASKED, TRIALS, FINDING = "asked.json", "trials.jsonl", "tuning.json"
TUNING = Kind(
    name=KIND, version=SCHEMA_VERSION, command="tune", noun="tuning", pieces="trials", asked=ASKED,
    scraps=(ASKED,), code=lambda: f"model {model_identity()}", libraries=("optuna", "cmaes"),
)  # fmt: skip


class TuningStore(StudyFolder):
    """Keeps one tuning as its trials come in."""

    kind = TUNING

    @classmethod
    def new(cls, folder: Path, plan: TuningPlan, source: str | None) -> TuningStore:
        """Return the store of a new tuning; `source` is the scenario's, as it was named."""
        asked = TUNING.asking(plan, source, asked=asdict(plan.asked), trials=plan.trials)
        return cls.begin(folder, plan.scenario, asked)

    @classmethod
    def reopen(cls, place: Path) -> tuple[TuningStore, TuningPlan, list[Tried]]:
        """Return the store of a tuning that was interrupted, its plan, and its finished trials.

        Raises InputError when another process is at work on it, another model began it, or it is damaged.
        """
        with cls.reopening(place) as store:
            plan = _plan(store.asked, store.hidden)
            done = store.appended(TRIALS, _tried)
        return store, plan, done

    def trial(self, tried: Tried) -> None:
        """Put a finished trial on the disk. Raises EnvironmentFault."""
        self.append(TRIALS, tried.to_json())

    def finish(self, tuned: Tuned, files: Mapping[str, str]) -> Path:
        """Write the finding, further `files` (by name) and the manifest, and give the folder its name."""
        counts = {"trials": tuned.trials, "failed": tuned.failed, "truncated": tuned.truncated}
        with self.finishing(tuned.seconds, **counts) as folder:
            for name, text in files.items():
                write_text(folder / name, text)
            write_text(folder / FINDING, text_of(tuned.to_json(), ascii_only=False))
        return self.folder


def new_folder(name: str, plan: TuningPlan) -> Path:
    """Return a new folder's name below `results/` for a tuning of the scenario `name`."""
    return TUNING.new_folder(name, plan, str(plan.asked))


def is_unfinished(place: Path) -> bool:
    """Return whether there is a tuning of the name `place` that is not finished, be it damaged."""
    return TUNING.is_unfinished(place) or (hidden_of(shown_of(place)) / TRIALS).is_file()


def asked_trials(place: Path) -> int:
    """Return how many trials an unfinished tuning was to have. Raises InputError when it is damaged."""
    return int(TUNING.read(hidden_of(shown_of(place)) / ASKED)["trials"])


def open_tuning(folder: Path) -> Tuned:
    """Return the finding of a finished tuning; InputError when there is none, or it is damaged."""
    path = folder / FINDING
    document = TUNING.read(path)
    try:
        return Tuned.model_validate(document)
    except ValueError as error:
        raise InputError(f"{path}: damaged: it is not the finding of a tuning") from error


def _plan(asked: Mapping[str, Any], folder: Path) -> TuningPlan:
    what = Asked(**asked["asked"])
    scenario = TUNING.scenario_in(folder, asked)
    return plan_tuning(
        scenario, what, int(asked["seed"]), asked["scenario"]["name"], tuple(asked["overrides"])
    )


def _tried(number: int, plain: Any) -> Tried:
    tried = Tried.from_json(plain)
    if tried.number != number:
        raise ValueError(f"trial {tried.number} stands in the place of trial {number}")
    return tried
