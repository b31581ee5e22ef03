"""How every command that simulates an ensemble ends: its summary, remarks, and the exit status."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from escalation.cli.guard import INTERRUPTED, PARTLY
from escalation.present.table import Format

if TYPE_CHECKING:
    from escalation.study.finished import Finished


def conclude(finished: Finished, form: Format, quiet: bool, debug: bool, full: bool = False) -> None:
    """Show what came out, say what went wrong, and exit with the status for it.

    With `full`, every section of the summary is shown. With `debug`, the first failed replication is played
    again for its traceback.
    """
    from escalation import api  # noqa: PLC0415 - heavy imports only where work is done
    from escalation.present.screen import remark  # noqa: PLC0415
    from escalation.present.summary.summary import Ending, show_summary  # noqa: PLC0415

    ensemble, reached = finished.ensemble, finished.reached
    precision = reached.as_dict() if reached else None
    ending = Ending(
        ensemble.seconds, finished.folder, ensemble.interrupted, precision, finished.overrides
    )  # fmt: skip
    show_summary(finished.summary, ending, form, full)
    if debug and (trace := api.failure_trace(finished)):
        remark(trace)
    if finished.fault:
        left = finished.kept or "The run was not stored; the summary above is all there is of it."
        remark(f"{finished.fault}\n{left}")
        raise typer.Exit(finished.fault.exit_status)
    if ensemble.interrupted:
        if not quiet:
            remark(f"`escalation resume {finished.folder}` goes on with it")
        raise typer.Exit(INTERRUPTED)
    if not finished.summary.clean:
        raise typer.Exit(PARTLY)


def wants_debug(context: typer.Context) -> bool:
    """Return whether `--debug` was given before the command."""
    return bool(context.find_root().params.get("debug"))
