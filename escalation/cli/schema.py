"""`escalation schema`: the formats of scenario files and of summaries, for editors and other programs."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from escalation.present.screen import as_json, put


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
