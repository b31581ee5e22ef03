"""`escalation list`: the shipped scenarios."""

from __future__ import annotations

from escalation.cli import options
from escalation.present.page import Format, Table, show_table
from escalation.present.screen import harmless, show


def list_scenarios(form: options.FormatOption = Format.TABLE) -> None:
    """List the scenarios that are shipped, each with its question.

    \b
    Example:
      escalation list
    """
    from escalation.scenario.load import shipped_scenarios  # noqa: PLC0415

    found = shipped_scenarios()
    if form is not Format.TABLE:
        show_table(Table("", ("name", "title", "question"), found), form)
        return
    for header in found:
        show(*map(harmless, (header.name, f"  {header.title}", f"  {header.question}")))
