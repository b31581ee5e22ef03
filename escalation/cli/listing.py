"""`escalation list`: the shipped scenarios, and the actors that they are built from."""

from __future__ import annotations

from typing import Annotated

import typer

from escalation.cli import options
from escalation.present.page import Format, Page, Passage, Table, section, show_page, show_table

HINT = "Answers are of 1,000 futures, seed 1; `escalation run NAME` plays them again."


def list_scenarios(
    actors: Annotated[
        bool, typer.Option("--actors", help="The actors of the library instead, for `library: NAME`.")
    ] = False,
    form: options.FormatOption = Format.TABLE,
) -> None:
    """List the scenarios that are shipped, each with its question and answer; or the actors of the library.

    \b
    Example:
      escalation list
      escalation list --actors
    """
    if actors:
        _list_actors(form)
        return
    from escalation.scenario.load import Listed, shipped_scenarios

    scenarios = shipped_scenarios()
    if form in (Format.JSON, Format.CSV):
        show_table(Table("", Listed._fields, scenarios), form)
        return
    shown = [Passage(name, tuple(filter(None, words))) for name, *words in scenarios]
    show_page(Page("The shipped scenarios", (section("", *shown, HINT),)), form)


def _list_actors(form: Format) -> None:
    from escalation.scenario.layers import library_actors

    show_table(Table("", ("actor", "what it is"), library_actors()), form)
