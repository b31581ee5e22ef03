"""The server of the live page: loopback only, and for this browser only.

It answers GET. A request must name this host exactly, must not come from another site, and must carry the
token of the address that was printed, which the first request turns into a cookie. The page may run its own
script and style alone (a nonce), ask this server alone, and stand in no frame.
"""

from __future__ import annotations

import json
import secrets
import socket
import sys
import threading
import traceback
from collections.abc import Mapping
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from escalation import __version__
from escalation.errors import EnvironmentFault, EscalationError, InputError, system_reason
from escalation.web.live import JSON, Answer, Live, Superseded

LOOPBACK, PORT = "127.0.0.1", 8710
PORTS = 20
"""Ports that are tried one after another."""
LONGEST_PATH, MOST_FIELDS = 16_000, 200
MOST_CONNECTIONS, IDLE = 64, 60
"""Connections at a time; seconds for which one may be silent."""
POLICY = (
    "default-src 'none'; script-src 'nonce-{0}'; style-src 'nonce-{0}'; img-src data: blob:;"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}  # fmt: skip
CLOSED = (
    "This page is open to the browser that has the whole address, with its token, which `escalation serve`"
    " printed."
)


class Unanswered(Exception):
    """A request that is not answered: its status, why, and headers that lead on."""

    def __init__(self, status: HTTPStatus, why: str, headers: Mapping[str, str] | None = None):
        self.status, self.headers = status, headers or {}
        super().__init__(why)


class Server(ThreadingHTTPServer):
    """The live page on one address; `first_url` is what is printed."""

    daemon_threads, block_on_close = True, False

    def __init__(self, live: Live, host: str = LOOPBACK, port: int = PORT):
        self.live, self.token = live, secrets.token_urlsafe(24)
        self.connections = threading.BoundedSemaphore(MOST_CONNECTIONS)
        if ip_address(host).version == 6:
            self.address_family = socket.AF_INET6
        super().__init__((host, port), Handler)
        shown = f"[{host}]" if ":" in host else host
        self.authority = f"{shown}:{self.server_port}"
        names = (shown, "localhost") if ip_address(host).is_loopback else (shown,)
        self.hosts = frozenset(f"{name}:{self.server_port}" for name in names)

    @property
    def first_url(self) -> str:
        """The address with its token."""
        return f"http://{self.authority}/?token={self.token}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a connection that the browser gave up."""

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer on a thread of its own, or close what is too much."""
        if not self.connections.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer, and let the next connection in."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.connections.release()


def opened(live: Live, host: str = LOOPBACK, port: int = PORT) -> Server:
    """Return a server on the first free port from `port` on.

    Raises InputError for a host that is no single address, EnvironmentFault where no port can be had.
    """
    try:
        if ip_address(host).is_unspecified:
            raise InputError(f"--host: found {host}, every address of this machine; name one of them")
    except ValueError:
        raise InputError(f"--host: found {host!r}; allowed is an address, such as {LOOPBACK}") from None
    fault: OSError | None = None
    for candidate in range(port, min(port + PORTS, 65_536)):
        try:
            return Server(live, host, candidate)
        except OSError as error:
            fault = error
    why = system_reason(fault) if fault else "no port"
    raise EnvironmentFault(f"{host}:{port}: cannot be opened, nor the {PORTS - 1} ports after it: {why}")


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version, server_version, sys_version = "HTTP/1.1", f"escalation/{__version__}", ""
    timeout = IDLE
    server: Server

    def do_GET(self) -> None:
        """Answer one request."""
        try:
            self._send(self._answer(), HTTPStatus.OK)
        except Unanswered as why:
            self._send(Answer(str(why).encode(), "text/plain"), why.status, why.headers)
        except Superseded:
            self._send(Answer(b"", JSON), HTTPStatus.NO_CONTENT)
        except InputError as error:
            self._send(_failure(str(error)), HTTPStatus.UNPROCESSABLE_ENTITY)
        except EscalationError as error:
            self._send(_failure(str(error)), HTTPStatus.INTERNAL_SERVER_ERROR)
        except ConnectionError:
            raise
        except Exception as error:  # noqa: BLE001 - the page says that it is a bug, the terminal where
            sys.stderr.write(traceback.format_exc())
            text = f"{type(error).__name__}: {error}\nThis is a bug in escalation, not a mistake of yours."
            self._send(_failure(text), HTTPStatus.INTERNAL_SERVER_ERROR)

    def _answer(self) -> Answer:
        self._check()
        url = urlsplit(self.path)
        if url.path in ASSETS:
            return asset(url.path)
        route = self.server.live.routes.get(url.path)
        if route is None:
            raise Unanswered(HTTPStatus.NOT_FOUND, "There is nothing here.")
        try:
            asked = parse_qs(url.query, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
        except ValueError:
            raise Unanswered(HTTPStatus.BAD_REQUEST, "The parameters cannot be read.") from None
        return route(asked)

    def _check(self) -> None:
        """Refuse what another site, another name or another user may have sent. Raises Unanswered."""
        if len(self.path) > LONGEST_PATH:
            raise Unanswered(HTTPStatus.REQUEST_URI_TOO_LONG, "The address is too long.")
        if self.headers.get_all("Host", []) not in [[host] for host in self.server.hosts]:
            raise Unanswered(HTTPStatus.MISDIRECTED_REQUEST, "This is another host.")
        if self.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
            raise Unanswered(HTTPStatus.FORBIDDEN, "Another site asked for this.")
        url = urlsplit(self.path)
        fields = parse_qsl(url.query, keep_blank_values=True)
        token = next((value for name, value in fields if name == "token"), None)
        if url.path == "/" and token is not None and self._is_token(token):
            rest = urlencode([(name, value) for name, value in fields if name != "token"])
            cookie = f"{self._cookie_name}={self.server.token}; HttpOnly; SameSite=Strict; Path=/"
            where = {"Location": f"/?{rest}" if rest else "/", "Set-Cookie": cookie}
            raise Unanswered(HTTPStatus.SEE_OTHER, "", where)
        if not self._is_token(self._cookie()):
            raise Unanswered(HTTPStatus.FORBIDDEN, CLOSED)

    def _is_token(self, text: str) -> bool:
        return secrets.compare_digest(text.encode(), self.server.token.encode())

    @property
    def _cookie_name(self) -> str:
        return f"escalation-{self.server.server_port}"

    def _cookie(self) -> str:
        try:
            cookie = SimpleCookie(self.headers.get("Cookie", "")).get(self._cookie_name)
        except CookieError:
            return ""
        return cookie.value if cookie else ""

    def _send(self, answer: Answer, status: HTTPStatus, more: Mapping[str, str] | None = None) -> None:
        nonce = secrets.token_urlsafe(16)
        body, is_page = answer.body, answer.type == "text/html" and not answer.saved_as
        if is_page:
            body = body.replace(b"NONCE", nonce.encode())
        self.send_response(status)
        headers = HEADERS | {
            "Content-Type": f"{answer.type}; charset=utf-8", "Content-Length": str(len(body)),
            "Content-Security-Policy": POLICY.format(nonce) if is_page else "default-src 'none'; sandbox",
        }  # fmt: skip
        if answer.saved_as:
            headers["Content-Disposition"] = f'attachment; filename="{answer.saved_as}"'
        for name, value in (headers | dict(more or {})).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
        """Keep the terminal quiet."""


REPORT, WEB = "escalation.present.report", "escalation.web"
ASSETS = {
    "/": ("text/html", [(WEB, "page.html")]),
    "/script.js": ("text/javascript", [(WEB, "script.js")]),
    "/style.css": ("text/css", [(REPORT, "style.css"), (WEB, "style.css")]),
}
"""The files of the page, with their types; its style is the report's, and what it needs beside that."""


def asset(path: str) -> Answer:
    """Return a file of the page."""
    kind, parts = ASSETS[path]
    return Answer(b"\n".join(files(package).joinpath(name).read_bytes() for package, name in parts), kind)


def _failure(text: str) -> Answer:
    return Answer(json.dumps({"error": text}, ensure_ascii=False).encode(), JSON)
