"""`escalation plot`: a picture of a run, or those of another study, as a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from escalation.cli import options
from escalation.cli.options import Work
from escalation.cli.views import Overwrite, exit_if_partial, opened
from escalation.errors import InputError
from escalation.present.output import (
    PictureForm,
    PictureName,
    form_of,
    need_pictures,
    require_new,
    write,
)
from escalation.present.screen import put

if TYPE_CHECKING:
    from collections.abc import Sequence

    from escalation.present.page import Picture
    from escalation.study.view import RunView


@options.simulating(without=("acts", "out", "form", "full"))
def plot(
    work: Work,
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN...",
            help="The folder of a run or study, or a scenario; several runs are drawn over one another.",
        ),
    ],
    what: Annotated[
        PictureName | None, typer.Option("--what", "-w", help="What to draw of a run; else the fan.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="New file, .svg or .png; else RUN-WHAT.svg here."),
    ] = None,
    overwrite: Overwrite = False,
    fresh: options.Fresh = False,
) -> None:
    """Draw one picture of a run, or of a scenario played for it; or all pictures of another study.

    Of several runs, what lies along time is drawn over one another; of the rest each has its own.

    \b
    fan       tension, and acts of each actor added up: median, 50%, 95%
    when      by when each act has happened, in which share of the futures
    timeline  the most typical replication on real dates
    ladder    the share of runs on each rung, by actor and month
    flywheel  who answers whom how often; R through time
    tree      what caused what in the most typical replication
    forest    how other runs differ from the first one

    \b
    Example:
      escalation plot results/first --what ladder -o ladder.png
      escalation plot belarus_2020 belarus_hardline -n 50 --what when
    """
    from escalation.study.studies import study_at

    study = study_at(Path(sources[0])) if len(sources) == 1 else None
    name = study.kind if study else what or PictureName.FAN
    path = out or Path(f"{Path(sources[0]).name.removesuffix('.yaml')}-{name}.svg")
    form = form_of(PictureForm, path)
    if study and what:
        raise InputError(f"--what {what}: {sources[0]} is a {study.kind}; leave it out, all is drawn")
    if name == PictureName.FOREST and len(sources) < 2:
        raise InputError(
            "--what forest: found one run; give two or more, the others are compared with the first"
        )
    require_new(path, overwrite)
    need_pictures()
    if study:
        _write(_pictures_of_study(Path(sources[0])), path, form, overwrite)
        return
    with opened(sources, work, fresh) as views:
        _write(_pictures(views, PictureName(name)), path, form, overwrite)
    exit_if_partial(views)


def _write(pictures: Sequence[Picture], path: Path, form: PictureForm, overwrite: bool) -> None:
    from escalation.present.charts import png, svg

    write(path, png(pictures) if form is PictureForm.PNG else svg(pictures).encode(), overwrite)
    put(f"{path} written: {pictures[0].title}")


def _pictures_of_study(folder: Path) -> list[Picture]:
    from escalation.present.charts import pictures_of
    from escalation.study.studies import open_result

    if pictures := pictures_of(open_result(folder)):
        return pictures
    raise InputError(f"{folder}: too little is known to draw anything")


def _pictures(views: Sequence[RunView], what: PictureName) -> list[Picture]:
    from escalation.present.charts import NOTHING, pictures_of_runs
    from escalation.study.view import names_of

    pictures = pictures_of_runs(dict(zip(names_of(views), views, strict=True)), what)
    if not pictures:
        raise InputError(f"{views[0].name}: {NOTHING[what]}")
    return pictures
