"""Identical work is not done twice: what a stored run answers, and what has to be played all the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from escalation import api
from escalation.scenario.load import load
from escalation.scenario.write import content_hash
from tests.cli.conftest import Escalation

N = "-n 4 --workers 1 --clock simpy --until 2020-12-01"
RUN = f"run minimal {N}"
TAKEN = "was played before and is taken from"


def stored() -> list[str]:
    """The folders of runs below results."""
    return sorted(str(path.parent) for path in Path("results").rglob("manifest.json"))


@pytest.fixture
def first(escalation: Escalation) -> Path:
    """A stored run, the only one."""
    assert escalation(RUN).exit_code == 0
    (folder,) = stored()
    return Path(folder)


def test_the_same_run_is_taken_from_its_folder_and_says_so(escalation: Escalation, first: Path) -> None:
    summary = escalation(f"summary {first}").stdout
    done = escalation(RUN)
    assert (done.exit_code, done.stdout) == (0, summary)
    assert done.stderr == f"minimal: {TAKEN} {first}; --fresh plays it anew\n"
    assert escalation(f"{RUN} -q").stderr == ""
    assert stored() == [str(first)]
    again = escalation(f"{RUN} --fresh --format json")
    assert len(stored()) == 2
    taken, played = json.loads(escalation(f"{RUN} --format json").stdout), json.loads(again.stdout)
    assert taken.pop("run")["folder"] == played.pop("run")["folder"] != str(first)
    assert taken == played


@pytest.mark.parametrize(
    "other",
    ["--seed 2", "-n 5", "--set actors.eu.policy=hardline", "--until 2020-12-02", "--acts all",
     "--assumptions 0.2", "--precision 0.9 --outcome concession.eu", "-o results/named"],
)  # fmt: skip
def test_anything_else_is_played(escalation: Escalation, first: Path, other: str) -> None:
    done = escalation(f"{RUN} {other}")
    assert done.exit_code == 0
    assert TAKEN not in done.stderr
    assert len(stored()) == 2
    if "-o" not in other:
        assert TAKEN in escalation(f"{RUN} {other}").stderr


def test_more_acts_than_are_asked_for_serve_as_well(escalation: Escalation) -> None:
    escalation(f"{RUN} --acts all -o results/all")
    assert f"{TAKEN} results/all" in escalation(RUN).stderr
    assert f"{TAKEN} results/all" in escalation(f"{RUN} --acts none").stderr


def a_shard_less(folder: Path) -> None:
    next((folder / "outcomes").iterdir()).unlink()


def another_scenario(folder: Path) -> None:
    (folder / "scenario.yaml").write_text("extends: shipped:minimal\n")


def no_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_text("{")


def says(**changes: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / "manifest.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | changes))

    return change


@pytest.mark.parametrize(
    "spoil",
    [a_shard_less, another_scenario, no_manifest, says(status="interrupted"), says(identity=""),
     says(clock="compiled"), says(replications={"asked": 4, "finished": 4, "failed": 1, "truncated": 0}),
     says(replications={"asked": 4, "finished": 4, "failed": 0, "truncated": 1})],
)  # fmt: skip
def test_what_is_damaged_interrupted_or_partial_answers_nothing(
    escalation: Escalation, first: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(first)
    done = escalation(RUN)
    assert done.exit_code == 0
    assert TAKEN not in done.stderr


def test_what_other_code_made_answers_nothing(
    escalation: Escalation, first: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("escalation.study.run.code", lambda: "another version")
    assert TAKEN not in escalation(RUN).stderr


def test_a_file_and_the_same_changes_by_options_are_one_identity(escalation: Escalation) -> None:
    Path("mine.yaml").write_text(
        "extends: minimal\ntitle: Mine\nquestion: And now?\n"
        "actors: {eu: {policy: {preset: hardline, reciprocity: {value: 0.9, source: me}}}}\n"
    )
    sets = ["actors.eu.policy=hardline", "actors.eu.policy.reciprocity=0.9"]
    assert content_hash(load("mine.yaml")) == content_hash(load("minimal", sets))
    assert content_hash(load("mine.yaml")) != content_hash(load("minimal", [*sets, "actors.eu.name=E"]))
    escalation(f"{RUN} --set {sets[0]} --set {sets[1]}")
    done = escalation(f"run mine.yaml {N}")
    (folder,) = stored()
    assert f"mine: {TAKEN} {folder}" in done.stderr
    assert done.stdout.startswith("Mine\nWith: until=2020-12-01\nAnd now?\n")
    assert sets[0] not in done.stdout


def test_comparisons_and_pictures_take_what_is_called_the_same(escalation: Escalation, first: Path) -> None:
    Path("mine.yaml").write_text("extends: minimal\ntitle: Mine\n")
    compared = escalation(f"compare minimal mine.yaml {N} --format json")
    assert compared.stderr.count(TAKEN) == 1
    fresh = escalation(f"compare minimal mine.yaml {N} --format json --fresh")
    assert TAKEN not in fresh.stderr
    assert json.loads(compared.stdout)["contrasts"] == json.loads(fresh.stdout)["contrasts"]
    assert TAKEN not in escalation(f"compare minimal mine.yaml {N} -o kept").stderr
    pytest.importorskip("altair", reason="needs the extra report")
    assert TAKEN in escalation(f"plot minimal {N} -w when -o when.svg").stderr


def test_python_never_takes_a_run_unasked(escalation: Escalation, first: Path) -> None:
    assert api.run("minimal", 4, until="2020-12-01", clock="simpy").folder is None


def test_a_run_is_a_crate_whose_files_are_there_and_whose_action_names_what_made_them(first: Path) -> None:
    graph = json.loads((first / "ro-crate-metadata.json").read_text())["@graph"]
    named = {one["@id"]: one for one in graph}
    assert len(named) == len(graph)
    assert named["ro-crate-metadata.json"]["about"] == {"@id": "./"}
    files = [part["@id"] for part in named["./"]["hasPart"]]
    assert {"scenario.yaml", "summary.json", "outcomes/00000.parquet"} <= set(files)
    for name in files:
        content = (first / name).read_bytes()
        assert named[name]["contentSize"] == str(len(content))
        assert named[name]["sha256"] == hashlib.sha256(content).hexdigest()
    action = named[named["./"]["mentions"]["@id"]]
    for part in (action["instrument"], *action["object"], *action["result"]):
        assert part["@id"] in named


def test_a_stored_result_ends_with_the_command_that_gave_it(
    escalation: Escalation, monkeypatch: pytest.MonkeyPatch
) -> None:
    for words in (RUN, f"sweep minimal --vary actors.eu.policy.reciprocity=0.2:1:2 {N}"):
        folder = words.split()[0]
        monkeypatch.setattr("sys.argv", ["/bin/escalation", *words.split(), "-q", "--out", folder])
        done = escalation(f"{words} -q --out {folder}")
        assert done.stdout.splitlines()[-1] == f"Again: escalation {words}"
        assert escalation(f"summary {folder}").stdout.splitlines()[-1] == f"Again: escalation {words}"
