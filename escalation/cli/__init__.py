"""The command line: one thin module per command, errors and exit status in one place."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command `escalation` with the arguments of the process, and exit."""
    from escalation.cli.app import app  # noqa: PLC0415 - importing the package stays free of Typer

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    app(prog_name="escalation")
