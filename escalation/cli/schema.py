"""`escalation schema`: the file format, for editors."""

from __future__ import annotations

from escalation.present.screen import put
from escalation.present.table import as_json


def schema() -> None:
    """Print the JSON Schema of scenario files, for completion and checks in an editor.

    \b
    Example:
      escalation schema > schema.json
    """
    from escalation.scenario.jsonschema import json_schema  # noqa: PLC0415

    put(as_json(json_schema()))
