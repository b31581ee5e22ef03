"""A headless Chromium that is driven over its pipe (the DevTools protocol), with no network but loopback."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.present.chromium import chromium

FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-sync", "--hide-scrollbars", "--disable-dev-shm-usage", "--remote-debugging-pipe"),
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
PATIENCE = 300.0
"""Seconds after which something that is waited for is a failure: the rules may have to be compiled first."""


class Browser:
    """One page of a browser; `console` are its messages, `requested` the addresses that it asked for."""

    def __init__(self, width: int = 1280, height: int = 900, dark: bool = False):
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        ours_in, theirs_out = os.pipe()
        theirs_in, ours_out = os.pipe()
        far_in, far_out = (fcntl.fcntl(end, fcntl.F_DUPFD, 20) for end in (theirs_in, theirs_out))

        def as_chromium_wants() -> None:
            os.dup2(far_in, 3)
            os.dup2(far_out, 4)

        command = [str(chromium()), *FLAGS, f"--user-data-dir={self._profile.name}", "about:blank"]
        self._process = subprocess.Popen(
            command, preexec_fn=as_chromium_wants, pass_fds=(3, 4),  # noqa: PLW1509 - the only thread
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        for end in (theirs_in, theirs_out, far_in, far_out):
            os.close(end)
        self._in, self._out, self._rest, self._number = ours_in, ours_out, b"", 0
        self.console: list[str] = []
        self.requested: list[str] = []
        self.statuses: dict[str, int] = {}
        self._session = ""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")
        self.look(width, height, dark)

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(PATIENCE)
        os.close(self._in)
        os.close(self._out)
        self._profile.cleanup()

    # ---- the protocol

    def call(self, method: str, **parameters: Any) -> Any:
        """Return what a method of the protocol gives."""
        self._number += 1
        number = self._number
        message = {"id": number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            for one in self._messages(until - time.monotonic()):
                if one.get("id") == number:
                    assert "error" not in one, one["error"]
                    return one["result"]
        raise AssertionError(f"no answer to {method}")

    def _messages(self, seconds: float) -> list[dict[str, Any]]:
        if not select.select([self._in], [], [], max(0.0, seconds))[0]:
            return []
        *whole, self._rest = (self._rest + os.read(self._in, 1 << 20)).split(b"\0")
        found = [json.loads(one) for one in whole]
        for one in found:
            self._note(one.get("method", ""), one.get("params", {}))
        return found

    def _note(self, method: str, of: dict[str, Any]) -> None:
        if method == "Runtime.exceptionThrown":
            self.console.append(json.dumps(of["exceptionDetails"])[:500])
        elif method == "Log.entryAdded" and of["entry"]["level"] in ("error", "warning"):
            self.console.append(of["entry"]["text"])
        elif method == "Runtime.consoleAPICalled":
            self.console.append(json.dumps(of["args"])[:500])
        elif method == "Network.requestWillBeSent":
            self.requested.append(of["request"]["url"])
        elif method == "Network.responseReceived":
            self.statuses[of["response"]["url"]] = of["response"]["status"]

    # ---- what one does

    def look(self, width: int, height: int = 900, dark: bool = False) -> None:
        """Look through a window of this size, in light or dark."""
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
            mobile=width < 600,
        )  # fmt: skip
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])

    def open(self, url: str) -> None:
        """Open an address."""
        self.call("Page.navigate", url=url)

    def run(self, script: str) -> Any:
        """Return the value of an expression, awaited."""
        found = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in found, json.dumps(found["exceptionDetails"])[:1000]
        return found["result"].get("value")

    def wait(self, condition: str) -> Any:
        """Wait until an expression is true, and return it."""
        return self.until(lambda: self.run(condition), condition)

    def until(self, condition: Callable[[], Any], what: str) -> Any:
        """Wait until a condition holds, and return it."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if found := condition():
                return found
            self._messages(0.02)
        raise AssertionError(f"never came: {what}")

    def press(self, key: str, times: int = 1) -> None:
        """Press a key that has a name (`Tab`, `ArrowRight`)."""
        code = {"Tab": 9, "ArrowRight": 39, "ArrowLeft": 37, "Enter": 13, " ": 32, "Escape": 27}[key]
        text = {"Enter": "\r", " ": " "}.get(key, "")
        for _ in range(times):
            for kind in ("keyDown", "keyUp"):
                self.call(
                    "Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code,
                    **({"text": text} if kind == "keyDown" and text else {}),
                )  # fmt: skip

    def picture(self, file: Path, whole: bool = True) -> None:
        """Write what is seen as a PNG, the whole page or the window."""
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=whole)
        file.write_bytes(base64.b64decode(shot["data"]))
