"""`escalation list`: the shipped scenarios, and the actors that they are built from."""

from __future__ import annotations

from typing import Annotated

import typer

from escalation.cli import options
from escalation.present.page import Format, Table, show_table
from escalation.present.screen import harmless, show


def list_scenarios(
    actors: Annotated[
        bool, typer.Option("--actors", help="The actors of the library instead, for `library: NAME`.")
    ] = False,
    form: options.FormatOption = Format.TABLE,
) -> None:
    """List the scenarios that are shipped, each with its question; or the actors of the library.

    \b
    Example:
      escalation list
      escalation list --actors
    """
    if actors:
        _list_actors(form)
        return
    from escalation.scenario.load import shipped_scenarios

    found = shipped_scenarios()
    if form is not Format.TABLE:
        show_table(Table("", ("name", "title", "question"), found), form)
        return
    for header in found:
        show(*map(harmless, (header.name, f"  {header.title}", f"  {header.question}")))


def _list_actors(form: Format) -> None:
    from escalation.scenario.library import library_actors

    show_table(Table("", ("actor", "what it is"), library_actors()), form)
