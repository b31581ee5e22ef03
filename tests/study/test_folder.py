"""The folder that keeps a study while it is played, whatever the study is."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from escalation.errors import EnvironmentFault, InputError
from escalation.scenario.document import Scenario
from escalation.scenario.load import load
from escalation.study.folder import StudyFolder
from escalation.study.kind import Kind

GUESS = Kind(
    name="guess", version=2, command="guess", noun="guess", pieces="hunches", asked="work/asked.json",
    scraps=("work",), code=lambda: "code 1",
)  # fmt: skip
HUNCHES = "hunches.jsonl"


class Guess(StudyFolder):
    kind = GUESS


@dataclass(frozen=True)
class Plan:
    scenario: Scenario
    name: str | None = "minimal"
    overrides: tuple[str, ...] = ()
    seed: int = 3
    replications: int = 20


SCENARIO = load("shipped:minimal")


def begun(folder: Path) -> Guess:
    return Guess.begin(folder, SCENARIO, GUESS.asking(Plan(SCENARIO), "minimal", hunches=[1, 2]))


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_finished_study_shows_its_results_and_nothing_of_the_work(tmp_path: Path) -> None:
    guess = begun(tmp_path / "x")
    guess.append(HUNCHES, 7)
    assert names(tmp_path) == {".x.unfinished"}
    with guess.finishing(1.23456, hunches=1) as folder:
        (folder / "result.txt").write_text("7")
    assert names(tmp_path) == {"x"}
    assert names(tmp_path / "x") == {"scenario.yaml", "manifest.json", "result.txt", HUNCHES}
    manifest = GUESS.read(tmp_path / "x" / "manifest.json")
    assert (manifest["status"], manifest["hunches"], manifest["seconds"]) == ("complete", 1, 1.235)
    assert "code" not in manifest
    assert GUESS.is_one(tmp_path / "x")
    assert not GUESS.is_unfinished(tmp_path / "x")


def test_a_study_whose_results_cannot_be_written_is_gone_on_with(tmp_path: Path) -> None:
    guess = begun(tmp_path / "x")
    guess.append(HUNCHES, 7)
    with pytest.raises(EnvironmentFault, match="x: cannot be written: No space left"), guess.finishing(1.0):
        raise OSError(28, "")
    assert guess.close() == tmp_path / "x"
    with Guess.reopening(tmp_path / "x") as again:
        assert again.appended(HUNCHES, lambda _, value: value) == [7]
    with again.finishing(1.0):
        pass
    assert names(tmp_path) == {"x"}


def test_a_study_without_a_finished_piece_leaves_nothing(tmp_path: Path) -> None:
    assert begun(tmp_path / "x").close() is None
    assert names(tmp_path) == set()


def test_a_study_is_refused_to_other_code_and_left_unlocked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guess = begun(tmp_path / "x")
    with pytest.raises(InputError, match="is at work there"), Guess.reopening(tmp_path / "x"):
        pass
    guess.append(HUNCHES, 7)
    guess.close()
    monkeypatch.setattr(Guess, "kind", Kind(**(vars(GUESS) | {"code": lambda: "code 2"})))
    with pytest.raises(InputError, match="it has code 1; this is code 2"), Guess.reopening(tmp_path / "x"):
        pass
    monkeypatch.undo()
    with Guess.reopening(tmp_path / "x") as again:
        assert again.asked["hunches"] == [1, 2]
    again.release()


def test_a_command_line_that_is_no_unicode_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["escalation", "b\udcfcro.yaml"])
    with begun(tmp_path / "x").finishing(1.0):
        pass
    manifest = json.loads((tmp_path / "x" / "manifest.json").read_text())
    assert manifest["surroundings"]["command"] == sys.argv


def test_documents_of_another_kind_or_a_newer_version_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    for kind, version, said in (("run", 1, "this is a run"), ("guess", 3, "by a newer version")):
        path.write_text(json.dumps({"kind": kind, "schema_version": version}))
        with pytest.raises(InputError, match=said):
            GUESS.read(path)
    assert GUESS.is_one(tmp_path)
    path.write_text("[")
    assert not GUESS.is_one(tmp_path)


def test_a_default_folder_is_named_after_the_scenario_and_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    one, other = (GUESS.new_folder("minimal", Plan(SCENARIO), told) for told in ("a=1", "a=2"))
    assert one.parent == other.parent == Path("results/minimal-guess")
    assert one.name.split("-")[2] != other.name.split("-")[2]


@settings(max_examples=40, deadline=None)  # the disk is waited for
@given(
    hunches=st.lists(st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=5)), max_size=4),
    data=st.data(),
)
def test_wherever_the_file_is_cut_all_whole_lines_are_kept(hunches: list[Any], data: st.DataObject) -> None:
    with TemporaryDirectory() as place:
        guess = Guess.begin(Path(place, "x"), SCENARIO, {})
        for hunch in hunches:
            guess.append(HUNCHES, hunch)
        file = guess.hidden / HUNCHES
        written = file.read_bytes() if hunches else b""
        cut = written[: data.draw(st.integers(0, len(written)))]
        file.write_bytes(cut)
        kept = guess.appended(HUNCHES, lambda _, value: value)
        assert kept == hunches[: cut.count(b"\n")]
        assert guess.kept == len(kept)
        assert file.read_bytes() == cut[: cut.rfind(b"\n") + 1]
        guess.close()
