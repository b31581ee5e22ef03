"""`escalation list` and `escalation policies`: the shipped scenarios, the library's actors, the policies."""

from __future__ import annotations

from typing import Annotated

import typer

from escalation.cli import options
from escalation.errors import InputError, did_you_mean
from escalation.present.page import Format, Page, Passage, Table, section, show_page, show_table
from escalation.present.screen import as_json, put, show

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


def policies(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="One policy, in full.")] = None,
    form: options.FormatOption = Format.TABLE,
) -> None:
    """List the policies, or show every parameter of one.

    \b
    Example:
      escalation policies
      escalation policies graduated
    """
    from escalation.present.policies import known

    policies = known()
    if name is None:
        rows = [(policy, *about) for policy, about in policies.items()]
        show_table(Table("", ("policy", "meaning", "after"), rows), form)
    elif name in policies:
        _show_one(name, *policies[name], form)
    else:
        hint = did_you_mean(name, tuple(policies))
        raise InputError(f"{name}: no such policy; allowed are {', '.join(policies)}{hint}")


def _show_one(name: str, meaning: str, citation: str, form: Format) -> None:
    from escalation.present.policies import Parameter, parameters

    rows = parameters(name)
    if form is Format.JSON:
        about = {"policy": name, "meaning": meaning, "after": citation}
        put(as_json(about | {"parameters": [row._asdict() for row in rows]}))
        return
    if form is Format.TABLE:
        show(f"{name}: {meaning}" + (f" ({citation})" if citation else ""), "")
    show_table(Table(name, Parameter._fields, rows, frozenset({1})), form)
