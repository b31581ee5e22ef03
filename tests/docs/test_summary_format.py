"""The format of a summary: real summaries of every kind keep to it, and it says nothing that never occurs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

import escalation
from docs.write import rewritten, schema
from escalation.clocks import simpy_clock
from escalation.study.summary import Summary, json_schema
from tests.docs.pages import DOCS, blocks, cells, page
from tests.ensemble import clocks

SCHEMA = json_schema()
PEACE = ("shocks.secret_inauguration=null", "history.eu_list=null", "history.us_list=null")
Make = Callable[[pytest.MonkeyPatch], Any]


def run(**options: Any) -> Make:
    return lambda _: escalation.run("shipped:minimal", **{"replications": 40, **options})


def on_a_clock(name: str, **options: Any) -> Make:
    def make(changed: pytest.MonkeyPatch) -> Any:
        changed.setattr(simpy_clock, "simulate", getattr(clocks, name))
        return run(**options)(changed)

    return make


RUNS: dict[str, Make] = {
    "plain": run(replications=150, sets=["title=Another"]),
    "of one replication": run(replications=1),
    "without any act": run(sets=PEACE),
    "truncated": run(sets=["model.event_limit=3"]),
    "to a precision": run(replications=300, precision=0.2, outcome="prob(concession.belarus)"),
    "that failed in part": on_a_clock("failing_each_third"),
    "that failed altogether": on_a_clock("always_failing", replications=4),
    "interrupted": on_a_clock("interrupted_at_twenty"),
    "with objectives": run(sets=["outcomes.objectives={calm: prob(runaway) <= 0.05, turns: R}"]),
    "over its assumptions": run(assumptions=0.0),
    "that failed in part over its assumptions": on_a_clock("failing_each_third", assumptions=0.0),
    "that failed altogether over its assumptions": on_a_clock(
        "always_failing", replications=4, assumptions=0.0
    ),
    "of many actors": lambda _: escalation.run("shipped:belarus_2020", 30),
}


@pytest.fixture(scope="module")
def documents() -> dict[str, Any]:
    """Summaries of every kind, each as it is printed, and one as it is in the file."""
    found = {}
    for name, make in RUNS.items():
        with pytest.MonkeyPatch.context() as changed:
            changed.setattr("escalation.clocks.choice.pays", lambda world, replications: False)
            done = make(changed)
        run = done.run.model_copy(update={"folder": Path("run")})
        found[name] = json.loads(done.summary.model_copy(update={"run": run}).model_dump_json())
    found["in the file"] = {key: value for key, value in found["plain"].items() if key != "run"}
    return found


@pytest.mark.parametrize("name", [*RUNS, "in the file"])
def test_a_summary_keeps_to_its_schema(documents: dict[str, Any], name: str) -> None:
    deepest = best_match(Draft202012Validator(SCHEMA).iter_errors(documents[name]))
    assert deepest is None, f"{deepest.json_path}: {deepest.message[:500]}"


@pytest.mark.parametrize(
    "wrong",
    [{"extra": 1}, {"seed": "1"}, {"schema_version": 2}, {"answer": None}, {"run": {}}, {"outcomes": [{}]}],
)
def test_what_is_no_summary_does_not_keep_to_it(documents: dict[str, Any], wrong: dict[str, Any]) -> None:
    assert not Draft202012Validator(SCHEMA).is_valid(documents["plain"] | wrong)


@pytest.mark.parametrize("name", RUNS)
def test_a_document_is_read_back_as_the_summary_that_wrote_it(documents: dict[str, Any], name: str) -> None:
    again = Summary.model_validate_json(json.dumps(documents[name]))
    assert json.loads(again.model_dump_json()) == documents[name]


def mappings() -> dict[str, Any]:
    return {"Summary": SCHEMA} | {name.removesuffix("Part"): part for name, part in SCHEMA["$defs"].items()}


def test_every_field_is_described_and_no_mapping_takes_others() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    for name, part in mappings().items():
        assert part["additionalProperties"] is False, name
        for key, entry in part["properties"].items():
            assert len(entry["description"]) > 5, (name, key)


def seen(schema: Any, value: Any) -> Iterator[tuple[str, str]]:
    """Yield each mapping of the schema that a document holds, with each of its fields that is not null."""
    while "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        schema = SCHEMA["$defs"][name] | {"name": name}
    for option in schema.get("anyOf", ()):
        if Draft202012Validator({**option, "$defs": SCHEMA["$defs"]}).is_valid(value):
            yield from seen(option, value)
    if isinstance(value, list):
        for item in value:
            yield from seen(schema.get("items", {}), item)
    elif isinstance(value, dict) and "properties" in schema:
        for key, inner in value.items():
            if inner is not None:
                yield schema.get("name", "Summary"), key
            yield from seen(schema["properties"][key], inner)


def test_every_field_occurs_in_a_real_summary(documents: dict[str, Any]) -> None:
    found = {pair for one in documents.values() for pair in seen(SCHEMA, one)}
    wanted = {("Summary", key) for key in SCHEMA["properties"]} | {
        (name, key) for name, part in SCHEMA["$defs"].items() for key in part["properties"]
    }
    assert wanted - found == set()


def test_the_page_and_the_file_are_what_the_code_says(tmp_path: Path) -> None:
    advice = "python docs/write.py docs/summary-format.md writes them"
    assert rewritten("docs/summary-format.md", tmp_path) == page("summary-format.md"), advice
    assert (DOCS / "summary.schema.json").read_text(encoding="utf-8") == schema("", tmp_path), advice


def test_the_page_has_a_row_for_every_field() -> None:
    text = page("summary-format.md")
    for name, part in mappings().items():
        (body,) = [one for one in text.split("\n### ") if one.startswith(f"{name}\n")]
        rows = [cells(line) for line in body.splitlines() if line.startswith("| `")]
        assert [row[0] for row in rows] == list(part["properties"]), name
        assert all(len(row) == 4 for row in rows), name


def test_the_version_of_the_page_is_that_of_the_code() -> None:
    assert SCHEMA["properties"]["schema_version"]["const"] == Summary.version
    assert f"\n| {Summary.version} | " in page("summary-format.md")


def test_the_example_reads_a_run(tmp_path: Path) -> None:
    escalation.run("shipped:minimal", replications=8, out=tmp_path / "FOLDER")
    (code,) = blocks(page("summary-format.md"), "python")
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=True
    )
    assert len(done.stdout.splitlines()) == 4


def test_the_command_prints_the_schema(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "escalation", "schema", "--of", "summary"]
    source = str(DOCS.parent)
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, cwd=tmp_path, env={"PYTHONPATH": source}
    )
    assert json.loads(done.stdout) == SCHEMA
