"""The application: its commands and the options before a command."""

from __future__ import annotations

from typing import Annotated

import typer

from escalation import __version__
from escalation.cli import (
    backtest,
    compare,
    explain,
    export,
    listing,
    new,
    plot,
    policies,
    record,
    report,
    resume,
    run,
    runs,
    schema,
    scores,
    sensitivity,
    summary,
    sweep,
    tune,
    validate,
    whatif,
)
from escalation.cli.guard import Guarded

app = typer.Typer(
    name="escalation",
    cls=Guarded,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["--help", "-h"]},
)


def _version(wanted: bool) -> None:
    if wanted:
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


app.command("run")(run.run)
app.command("resume")(resume.resume)
app.command("summary")(summary.summary)
app.command("explain")(explain.explain)
app.command("compare")(compare.compare)
app.command("whatif")(whatif.whatif)
app.command("plot")(plot.plot)
app.command("report")(report.report)
app.command("export")(export.export)
app.command("sweep")(sweep.sweep)
app.command("sensitivity")(sensitivity.sensitivity)
app.command("tune")(tune.tune)
app.command("backtest")(backtest.backtest)
app.command("scores")(scores.scores)
app.command("runs")(runs.runs)
app.command("list")(listing.list_scenarios)
app.command("validate")(validate.validate)
app.command("new")(new.new)
app.command("schema")(schema.schema)
app.command("policies")(policies.policies)
app.add_typer(record.app, name="record")
app.command("import")(record.import_)
