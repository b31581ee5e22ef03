"""The application: its commands, the options before a command, and what a failure of one looks like."""

from __future__ import annotations

import errno
import traceback
from pathlib import Path
from pkgutil import resolve_name
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from escalation import __version__
from escalation.cli import INTERRUPTED
from escalation.cli.completion import complete
from escalation.errors import EscalationError, system_reason
from escalation.present.output import brief
from escalation.present.screen import remark

COMMANDS = {
    "run": "run:run", "resume": "run:resume", "summary": "run:summary", "explain": "explain:explain",
    "compare": "compare:compare", "whatif": "explain:whatif", "plot": "report:plot",
    "report": "report:report", "export": "export:export", "sweep": "levers:sweep",
    "sensitivity": "levers:sensitivity", "discover": "levers:discover", "tune": "levers:tune",
    "serve": "serve:serve", "backtest": "records:backtest", "scores": "records:scores", "runs": "runs:runs",
    "list": "listing:list_scenarios", "validate": "scenario:validate", "new": "scenario:new",
    "calibrate": "records:calibrate", "schema": "scenario:schema", "policies": "listing:policies",
    "record": "records:app", "import": "records:import_",
}  # fmt: skip
"""The function of each command, or the group of its own, below `escalation.cli`."""
SETTINGS: dict[str, Any] = {"rich_markup_mode": None, "pretty_exceptions_enable": False}

REPORT = """This is a bug in escalation, not a mistake of yours. Please report it with the command line,
the scenario and the output of the same command with --debug in front: escalation --debug COMMAND …"""


class Commands(TyperGroup):
    """The commands, each imported when it is asked for; what they raise becomes a message and exit status."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - it is the same for all
        """Return their names, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command; None, with all of them at hand for a suggestion, for an unknown one."""
        for name in [cmd_name] if cmd_name in COMMANDS else COMMANDS:
            if name not in self.commands:
                self.commands[name] = _imported(name)
        return super().get_command(ctx, cmd_name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return a command and its arguments; Typer knows of no option whose value may be left out."""
        from escalation.cli.options import with_spread

        return super().resolve_command(ctx, list(with_spread(args)))

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
            remark(f"{error.filename}: {system_reason(error)}")
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


def _imported(name: str) -> Any:
    command = resolve_name(f"escalation.cli.{COMMANDS[name]}")
    if isinstance(command, typer.Typer):
        return complete(typer.main.get_command(command))
    alone = typer.Typer(**SETTINGS, add_completion=False, context_settings=app.info.context_settings)
    alone.command(name)(command)
    return complete(typer.main.get_command(alone))


app = typer.Typer(
    name="escalation",
    cls=Commands,
    no_args_is_help=True,
    context_settings={"help_option_names": ["--help", "-h"]},
    **SETTINGS,
)


def _version(context: typer.Context, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:  # as it is while a word is completed
        typer.echo(f"escalation {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show a traceback with every error.")] = False,
) -> None:
    """Simulate the escalation of sanctions: who does what to whom next, how sure, and why.

    \b
    Example:
      escalation run minimal --replications 50
    """
