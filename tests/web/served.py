"""A live page served in this process, and what one asks of it over HTTP."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from escalation.study.execution import Execution, Request
from escalation.study.source import open_scenario
from escalation.web.live import Live
from escalation.web.server import Server, opened

PATIENCE = 300.0
"""Seconds after which an answer that does not come is a failure: the rules may have to be compiled first."""


class Reply(NamedTuple):
    """A response: its status, its headers, its body."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@contextmanager
def served(scenario: str | Path, **request: Any) -> Iterator[Server]:
    source = open_scenario(str(scenario), Request(**request))
    with Live(source, Execution(workers=1)) as live, opened(live, port=8800) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def get(server: Server, path: str, method: str = "GET", **headers: str | None) -> Reply:
    """Ask as the page does; a header that is None is left out, others take the place of the page's own."""
    port = server.server_port
    usual = {"Host": f"127.0.0.1:{port}", "Cookie": f"escalation-{port}={server.token}"}
    sent = usual | {name.replace("_", "-"): value for name, value in headers.items()}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.putrequest(method, path, skip_host=True)
        for name, value in sent.items():
            if value is not None:
                connection.putheader(name, value)
        connection.endheaders()
        response = connection.getresponse()
        return Reply(response.status, response.headers, response.read())
    finally:
        connection.close()
