"""`escalation scores`: backtests of several records together."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from escalation.cli import options
from escalation.errors import InputError
from escalation.present.page import Format, show_page
from escalation.present.screen import as_csv, put


def scores(
    folders: Annotated[list[Path], typer.Argument(metavar="FOLDER...", help="Folders of backtests.")],
    form: options.FormatOption = Format.TABLE,
) -> None:
    """Show how well the model forecasts several records, together and one by one.

    \b
    Example:
      escalation backtest belarus_from_election --record belarus --origins 2021-06:2021-07 -n 50 -o held
      escalation scores held
    """
    from escalation.present.backtest import pooled_page, pooled_rows
    from escalation.study.backtest.pooling import pooled
    from escalation.study.backtest.result import Backtest
    from escalation.study.studies import open_result

    results = []
    for folder in folders:
        result = open_result(folder)
        if not isinstance(result, Backtest):
            raise InputError(f"{folder}: is no backtest, but {result.kind}")
        results.append(result)
    together = pooled(results)
    if form is Format.JSON:
        put(together.model_dump_json(indent=1))
    elif form is Format.CSV:
        put(as_csv(*pooled_rows(together)))
    else:
        show_page(pooled_page(together), form)
