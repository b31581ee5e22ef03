"""`escalation validate`, `new` and `schema`: scenario files, their mistakes, a first one, their format."""

from __future__ import annotations

import re
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from escalation.cli import options
from escalation.errors import EnvironmentFault, InputError, ScenarioError
from escalation.present.page import Format, markdown
from escalation.present.screen import as_csv, as_json, harmless, put, remark

HEADINGS = ("file", "line", "column", "path", "found", "allowed", "nearest")


def validate(
    sources: Annotated[
        list[str], typer.Argument(metavar="SCENARIO...", help="Scenario files, or names of shipped ones.")
    ],
    sets: options.Sets = None,
    form: options.FormatOption = Format.TABLE,
) -> None:
    """Check scenarios and show every mistake, with its line and column.

    What is allowed and probably not meant is remarked on: an actor that cannot act, and why.

    \b
    Example:
      escalation validate minimal belarus_2020
    """
    reports = [_report(source, sets or []) for source in sources]
    if form is Format.JSON:
        put(as_json(reports))
    elif form is Format.CSV:
        problems = [problem for report in reports for problem in report["problems"]]
        put(as_csv(HEADINGS, [[problem[name] for name in HEADINGS] for problem in problems]))
    else:
        _show(reports, form)
    if not all(report["ok"] for report in reports):
        raise typer.Exit(InputError.exit_status)


def _report(source: str, sets: list[str]) -> dict[str, Any]:
    from escalation.scenario.load import load_with_past

    try:
        scenario, left_out = load_with_past(source, sets)
    except ScenarioError as error:
        problems = [asdict(problem) | {"text": str(problem)} for problem in error.problems]
        return {"source": source, "ok": False, "title": None, "problems": problems, "remarks": []}
    if left_out:
        from escalation.present.format import left_out_words

        remark(f"{source}: {left_out_words(left_out)}")
    from escalation.scenario.remarks import remarks

    said = [entry._asdict() for entry in remarks(scenario)]
    return {"source": source, "ok": True, "title": scenario.title, "problems": [], "remarks": said}


def _show(reports: list[dict[str, Any]], form: Format) -> None:

    for report in reports:
        if report["ok"]:
            line = f"ok {report['source']}: {report['title']}"
            put(f"- {markdown(line)}" if form is Format.MD else harmless(line))
        for entry in report["remarks"]:
            remark(f"{report['source']}: {entry['path']}: {entry['text']}.")
        for problem in report["problems"]:
            if form is Format.MD:
                put(f"- {markdown(problem['text'])}")
            else:
                remark(problem["text"])


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the scenario; it makes NAME.yaml.")],
    title: Annotated[str | None, typer.Option("--title", help="Its title.")] = None,
) -> None:
    """Write NAME.yaml in the current folder: a scenario that runs, to be changed.

    \b
    Example:
      escalation new my_case --title "My case"
    """
    from escalation.scenario.write import template

    stem = name.removesuffix(".yaml")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}", stem):
        raise InputError(f"{name}: is not a name for a scenario; use letters, digits, _ and -")
    path = Path(f"{stem}.yaml")
    text = template(stem, title or stem.replace("_", " ").capitalize())
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError as error:
        raise InputError(f"{path}: exists already and is not overwritten; choose another name") from error
    except OSError as error:
        raise EnvironmentFault(f"{path}: cannot be written: {error.strerror}") from error
    put(f"{path} written; try: escalation run {path}")


class Of(StrEnum):
    """What has a schema."""

    SCENARIO = "scenario"
    SUMMARY = "summary"


def schema(
    of: Annotated[Of, typer.Option("--of", help="Scenario files, or summary.json.")] = Of.SCENARIO,
) -> None:
    """Print the JSON Schema of scenario files, for an editor, or of the summary of a run.

    \b
    Example:
      escalation schema > schema.json
      escalation schema --of summary > summary.schema.json
    """
    if of is Of.SUMMARY:
        from escalation.study.summary import json_schema as of_summary

        put(as_json(of_summary()))
        return
    from escalation.scenario.write import json_schema

    put(as_json(json_schema()))
