"""The folder of a tuning: built beside its place trial by trial, and given its name when it is whole.

While it is built it holds `scenario.yaml` (what is tuned), `asked.json` and `trials.jsonl`, a line for
each finished trial; at the end `tuning.json`, the finalists as scenario files and the manifest join them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from escalation.ensemble.code import model_identity
from escalation.ensemble.durable import write_text
from escalation.ensemble.identity import library_version, surroundings
from escalation.ensemble.place import Workshop, hidden_of, shown_of, unwritable
from escalation.errors import InputError
from escalation.scenario.load import load
from escalation.scenario.write import content_hash, dump
from escalation.study.tuning.outcome import KIND, SCHEMA_VERSION, Tuned
from escalation.study.tuning.plan import Asked, TuningPlan, plan_tuning
from escalation.study.tuning.record import Tried

ASKED, TRIALS, FINDING, SCENARIO = "asked.json", "trials.jsonl", "tuning.json", "scenario.yaml"


class TuningStore:
    """Writes one tuning as its trials come in. Raises InputError or EnvironmentFault for a bad place."""

    def __init__(self, workshop: Workshop, asked: Mapping[str, Any]):
        self._workshop, self._asked = workshop, asked
        self.trials = 0

    @property
    def folder(self) -> Path:
        """The name that the tuning will have."""
        return self._workshop.folder

    @classmethod
    def new(cls, folder: Path, plan: TuningPlan, source: str | None) -> TuningStore:
        """Return the store of a new tuning; `source` is the scenario's, as it was named."""
        workshop = Workshop.new(folder)
        asked = _asked(plan, source)
        try:
            write_text(workshop.hidden / SCENARIO, dump(plan.scenario))
            write_text(workshop.hidden / ASKED, _json(asked))
        except OSError as error:
            workshop.discard()
            raise unwritable(folder, error) from error
        return cls(workshop, asked)

    @classmethod
    def reopen(cls, place: Path) -> tuple[TuningStore, TuningPlan, list[Tried]]:
        """Return the store of a tuning that was interrupted, its plan, and its finished trials.

        Raises InputError when another process is at work on it, another model began it, or it is damaged.
        """
        workshop = Workshop.open(shown_of(place))
        try:
            asked = _read(workshop.hidden / ASKED)
            plan = _plan(asked, workshop.hidden / SCENARIO)
            done = _finished(workshop.hidden / TRIALS)
        except BaseException:
            workshop.close()
            raise
        store = cls(workshop, asked)
        store.trials = len(done)
        return store, plan, done

    def trial(self, tried: Tried) -> None:
        """Put a finished trial on the disk. Raises EnvironmentFault."""
        line = json.dumps(tried.to_json(), allow_nan=False)
        try:
            with (self._workshop.hidden / TRIALS).open("a", encoding="utf-8") as file:
                file.write(line + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise unwritable(self.folder, error) from error
        self.trials += 1

    def finish(self, tuned: Tuned, files: Mapping[str, str]) -> Path:
        """Write the finding, further `files` (by name) and the manifest, and give the folder its name."""
        manifest = {key: value for key, value in self._asked.items() if key != "code"} | {
            "status": "complete",
            "trials": tuned.trials,
            "failed": tuned.failed,
            "truncated": tuned.truncated,
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            "seconds": tuned.seconds,
        }
        hidden = self._workshop.hidden
        try:
            for name, text in files.items():
                write_text(hidden / name, text)
            write_text(hidden / FINDING, _json(tuned.to_json()))
            write_text(hidden / "manifest.json", _json(manifest))
            (hidden / ASKED).unlink()
            self._workshop.open_to_view()
        except OSError as error:
            raise unwritable(self.folder, error) from error
        return self.folder

    def close(self) -> Path | None:
        """Leave it unfinished: return the folder's name if any trial of it is kept, else leave nothing."""
        if self.trials:
            self._workshop.close()
            return self.folder
        self._workshop.discard()
        return None


def is_tuning(place: Path) -> bool:
    """Return whether there is a tuning of the name `place`, finished or not."""
    folder = shown_of(place)
    return is_unfinished(place) or _kind(folder / "manifest.json") == KIND


def is_unfinished(place: Path) -> bool:
    """Return whether the tuning of the name `place` can be gone on with."""
    hidden = hidden_of(shown_of(place))
    return _kind(hidden / ASKED) == KIND or (hidden / TRIALS).is_file()


def asked_trials(place: Path) -> int:
    """Return how many trials an unfinished tuning was to have. Raises InputError when it is damaged."""
    return int(_read(hidden_of(shown_of(place)) / ASKED)["trials"])


def open_tuning(folder: Path) -> Tuned:
    """Return the finding of a finished tuning; InputError when there is none, or it is damaged."""
    path = folder / FINDING
    document = _read(path)
    try:
        return Tuned.model_validate(document)
    except ValueError as error:
        raise InputError(f"{path}: damaged: it is not the finding of a tuning") from error


def read_trials(folder: Path) -> list[Tried]:
    """Return the trials of a finished tuning."""
    return _whole_lines(folder / TRIALS)[0]


def _asked(plan: TuningPlan, source: str | None) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": KIND,
        "scenario": {
            "name": plan.name,
            "source": source,
            "title": plan.scenario.title,
            "sha256": content_hash(plan.scenario),
        },
        "overrides": list(plan.overrides),
        "asked": asdict(plan.asked),
        "trials": plan.trials,
        "seed": plan.seed,
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "surroundings": surroundings(),
        "code": _code(),
    }


def _code() -> str:
    libraries = ", ".join(f"{name} {library_version(name) or 'absent'}" for name in ("optuna", "cmaes"))
    return f"model {model_identity()}, {libraries}"


def _plan(asked: Mapping[str, Any], file: Path) -> TuningPlan:
    if asked["code"] != _code():
        raise InputError(
            f"{file.parent}: was begun by other code and cannot be gone on with: it has {asked['code']};"
            f" this is {_code()}; go on with those versions, or tune anew"
        )
    scenario = load(file)
    if content_hash(scenario) != asked["scenario"]["sha256"]:
        raise InputError(f"{file}: was changed since the tuning began; its trials would not fit together")
    what = Asked(**asked["asked"])
    return plan_tuning(
        scenario, what, int(asked["seed"]), asked["scenario"]["name"], tuple(asked["overrides"])
    )


def _finished(path: Path) -> list[Tried]:
    """Return the trials whose lines are whole, up to the first one that is not; the rest is done again."""
    trials, lines, torn = _whole_lines(path)
    if torn:
        write_text(path, "".join(line + "\n" for line in lines))
    return trials


def _whole_lines(path: Path) -> tuple[list[Tried], list[str], bool]:
    """Return the trials of a file, their lines, and whether anything stands after them."""
    *lines, last = path.read_bytes().split(b"\n") if path.is_file() else [b""]
    trials: list[Tried] = []
    whole: list[str] = []
    for number, line in enumerate(lines):
        try:
            text = line.decode()
            tried = Tried.from_json(json.loads(text))
        except (ValueError, KeyError, TypeError):
            break
        if tried.number != number:
            break
        trials.append(tried)
        whole.append(text)
    return trials, whole, bool(last) or len(whole) < len(lines)


def _read(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["kind"] != KIND:
            raise ValueError(f"this is a {document['kind']}")
        newer = document["schema_version"] > SCHEMA_VERSION
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: damaged or missing: {type(error).__name__}: {error}") from error
    if newer:
        raise InputError(f"{path}: was written by a newer version of escalation; upgrade to read it")
    return dict(document)


def _kind(path: Path) -> str | None:
    try:
        return str(json.loads(path.read_text(encoding="utf-8")).get("kind"))
    except (OSError, ValueError, AttributeError):
        return None


def _json(document: Any) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
