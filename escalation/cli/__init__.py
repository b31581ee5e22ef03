"""The command line: one thin module for each command or for a few, errors and exit status in one place."""

from __future__ import annotations

import os
import signal
import sys

from escalation.ensemble.interrupts import interrupt
from escalation.errors import system_reason
from escalation.present.screen import APPROXIMATED

CUT_OFF = 141
"""Exit status where whoever reads standard output has gone, as that of a process ended by SIGPIPE."""
PARTLY, INTERRUPTED = 3, 130
"""Exit status where some replications failed or were truncated, and where Ctrl-C or SIGTERM ended it."""


def main() -> None:
    """Run the command `escalation` with the arguments of the process, and exit."""
    try:
        signal.signal(signal.SIGTERM, interrupt)
        _main()
    except KeyboardInterrupt:  # outside a command: while modules are imported, or at the end
        sys.exit(INTERRUPTED)


def _main() -> None:
    # importing the package stays free of Typer
    from escalation.cli.app import app

    _replace_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=APPROXIMATED)
    try:
        app(prog_name="escalation")
    except SystemExit as stop:
        sys.exit(_status(stop.code))
    except OSError as error:  # while it says how it is called: not a command's
        sys.exit(f"standard output: cannot be written: {system_reason(error)}")


def _replace_closed_streams() -> None:
    """Put the null device in the place of closed streams, so that no other file gets their number."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            device = os.open(os.devnull, os.O_RDWR)
            if device != number:
                os.dup2(device, number)
            setattr(sys, name, os.fdopen(number, "w" if number else "r", encoding="utf-8", closefd=False))


def _status(code: str | int | None) -> str | int | None:
    """Return the exit status, once everything is written, or it shows that it cannot be."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        code = CUT_OFF
    except OSError as error:
        sys.stderr.write(f"standard output: cannot be written: {system_reason(error)}\n")
        code = code or 1
    else:
        if type(sys.stdout).__name__ != "PacifyFlushWrapper":  # what Typer leaves of a broken pipe
            return code
        code = CUT_OFF
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left is not written at exit
    return code
