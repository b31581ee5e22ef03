"""`escalation validate`: every mistake in scenario files."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from escalation.cli import options
from escalation.errors import InputError, ScenarioError
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
        put(as_csv(HEADINGS, [[problem[name] for name in HEADINGS] for problem in _problems(reports)]))
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


def _problems(reports: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [problem for report in reports for problem in report["problems"]]


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
