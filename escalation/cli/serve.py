"""`escalation serve`: the live page of a scenario, on loopback."""

from __future__ import annotations

import threading
import webbrowser
from typing import Annotated

import typer

from escalation.cli import options
from escalation.cli.options import Work
from escalation.present.screen import put, remark

WITHOUT = ("replications", "engine", "acts", "out", "form", "full")


@options.simulating(without=WITHOUT)
def serve(
    work: Work,
    scenario: options.Scenario,
    host: Annotated[
        str, typer.Option("--host", metavar="ADDRESS", help="Where to listen; anything else is not private.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", metavar="N", min=1, max=65_535, help="The first port to try.")
    ] = 8710,
    show: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
) -> None:
    """Open a page on which a scenario is changed by hand, and its futures answer at once.

    It is for this machine alone: the address that is printed has a token in it. What is set stands in the
    address; nothing is stored. Ctrl-C ends it.

    \b
    Example:
      escalation serve belarus_2020
    """
    from escalation.study.source import open_scenario, require_scenario
    from escalation.web.live import Live
    from escalation.web.server import LOOPBACK, opened

    require_scenario(scenario)
    with (
        Live(open_scenario(scenario, work.request()), work.execution()) as live,
        opened(live, host, port) as server,
    ):
        if server.server_port != port and not work.quiet:
            remark(f"port {port} is taken; this is port {server.server_port}")
        if host != LOOPBACK:
            remark(f"{host}: whoever reaches this address and has the token can use the page, unencrypted")
        threading.Thread(target=live.prepare, daemon=True).start()
        try:
            put(server.first_url)
            if show:
                webbrowser.open(server.first_url)
            server.serve_forever()
        except KeyboardInterrupt:
            if not work.quiet:
                remark("ended")
