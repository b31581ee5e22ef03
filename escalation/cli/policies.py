"""`escalation policies`: the ways an actor can choose."""

from __future__ import annotations

from typing import Annotated

import typer

from escalation.cli import options
from escalation.errors import InputError, nearest
from escalation.present.page import Format, Table, show_table
from escalation.present.screen import as_json, put, show


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
        near = nearest(name, tuple(policies))
        hint = f" (did you mean {near}?)" if near else ""
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
