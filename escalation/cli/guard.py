"""What a command's failure looks like: one place for messages and exit status."""

from __future__ import annotations

import errno
import traceback
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

from escalation.cli import INTERRUPTED
from escalation.errors import EscalationError
from escalation.present.output import brief
from escalation.present.screen import remark

REPORT = """This is a bug in escalation, not a mistake of yours. Please report it with the command line,
the scenario and the output of the same command with --debug in front: escalation --debug COMMAND …"""


class Guarded(TyperGroup):
    """The group of commands; whatever they raise becomes a message and an exit status."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            remark("interrupted")
            raise typer.Exit(INTERRUPTED) from None
        except EscalationError as error:
            _trace(ctx)
            remark(str(error))
            raise typer.Exit(error.exit_status) from None
        except (PermissionError, FileNotFoundError, NotADirectoryError) as error:
            _trace(ctx)
            remark(f"{error.filename}: {(error.strerror or str(error)).lower()}")
            raise typer.Exit(1) from None
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                remark(f"{brief(Path(error.filename))}: the name is too long; choose a shorter one")
                raise typer.Exit(2) from None
            if _is_typers_own(error) or error.errno != errno.ENOSPC:
                raise
            _trace(ctx)
            remark(f"{error.filename or 'the output'}: no space left on the device")
            raise typer.Exit(1) from None
        except Exception as error:
            if _is_typers_own(error):
                raise
            _trace(ctx)
            remark(f"{type(error).__name__}: {error}\n{REPORT}")
            raise typer.Exit(1) from None


def _is_typers_own(error: Exception) -> bool:
    """True for what Typer itself turns into a message or an exit: usage errors, exits, a closed pipe."""
    return isinstance(error, BrokenPipeError | typer.Exit | typer.Abort) or hasattr(error, "exit_code")


def _trace(ctx: Any) -> None:
    if ctx.params.get("debug"):
        remark(traceback.format_exc().rstrip())
