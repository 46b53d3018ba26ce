"""A headless Chromium driven over a pipe by the DevTools protocol; no package but its own."""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import select
import shutil
import signal
import time

PROGRAM = next(
    (p for n in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(n))), None
)

_FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-default-apps", "--disable-extensions", "--mute-audio", "--hide-scrollbars",
    "--autoplay-policy=no-user-gesture-required", "--remote-debugging-pipe",
)  # fmt: skip


class Browser:
    """One page at a time. What it logs and what it asks the network for is kept in ``events``."""

    def __init__(self, profile):
        to_read, self._out = os.pipe()
        self._in, to_write = os.pipe()
        # Chromium listens on descriptor 3 and answers on 4; ours must not stand in the way there.
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in (to_read, to_write)]
        self._process = os.posix_spawn(
            PROGRAM,
            [PROGRAM, *_FLAGS, f"--user-data-dir={profile}"],
            os.environ,
            file_actions=[
                *((os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1, 2)),
                (os.POSIX_SPAWN_DUP2, ends[0], 3),
                (os.POSIX_SPAWN_DUP2, ends[1], 4),
            ],
        )
        for end in (to_read, to_write, *ends):
            os.close(end)
        self._buffer = b""
        self._last = 0
        self._target = self._session = None
        self.events = []
        self._new_page()

    def _new_page(self):
        """A page of its own: what the last one still does or throws is nothing to this one."""
        last = self._target
        self._target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=self._target, flatten=True)[
            "sessionId"
        ]
        self.events.clear()
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")
        if last is not None:
            self.call("Target.closeTarget", targetId=last)

    def close(self):
        with contextlib.suppress(OSError, TimeoutError):
            self.call("Browser.close")
        end = time.monotonic() + 10
        while not os.waitpid(self._process, os.WNOHANG)[0]:
            if time.monotonic() > end:
                os.kill(self._process, signal.SIGKILL)
            time.sleep(0.05)
        os.close(self._in)
        os.close(self._out)

    def call(self, method, **params):
        self._last += 1
        message = {"id": self._last, "method": method, "params": params}
        if self._session is not None and not method.startswith(("Target.", "Browser.")):
            message["sessionId"] = self._session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._out, data) :]
        while True:
            answer = self._message()
            if answer.get("id") == self._last:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            if answer.get("sessionId") == self._session:
                self.events.append(answer)

    def _message(self, seconds=60):
        end = time.monotonic() + seconds
        while b"\0" not in self._buffer:
            if not select.select([self._in], [], [], max(0, end - time.monotonic()))[0]:
                raise TimeoutError("the browser does not answer")
            chunk = os.read(self._in, 1 << 20)
            if not chunk:
                raise OSError("the browser is gone")
            self._buffer += chunk
        text, _, self._buffer = self._buffer.partition(b"\0")
        return json.loads(text)

    def open(self, path, *, dark=False, width=1280, height=900):
        """Open a file in a new page and wait until its script is through."""
        self._new_page()
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=False,
        )  # fmt: skip
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.call("Page.navigate", url=path.as_uri())
        self.wait(
            f"location.href === {json.dumps(path.as_uri())}"
            " && document.documentElement.dataset.ready === 'true'"
        )
        self.frame()

    def js(self, code):
        """The value of an expression in the page; promises are waited for."""
        found = self.call(
            "Runtime.evaluate", expression=code, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in found:
            raise RuntimeError(found["exceptionDetails"]["exception"]["description"])
        return found["result"].get("value")

    def wait(self, condition, seconds=30):
        end = time.monotonic() + seconds
        while True:
            try:
                if self.js(condition):
                    return
            except RuntimeError:
                pass  # the page is being replaced
            if time.monotonic() > end:
                raise TimeoutError(f"{condition}: {self.complaints()}")
            time.sleep(0.02)

    def frame(self):
        """Wait until what has been asked for has been drawn."""
        self.js("new Promise(r => requestAnimationFrame(() => requestAnimationFrame(() => r(1))))")

    def complaints(self):
        """Errors, warnings and refusals of the page."""
        found = []
        for e in self.events:
            p = e.get("params", {})
            if e.get("method") == "Runtime.exceptionThrown":
                found.append(p["exceptionDetails"]["exception"].get("description", "?"))
            elif e.get("method") == "Log.entryAdded" and p["entry"]["level"] in {
                "error",
                "warning",
            }:
                found.append(p["entry"]["text"])
            elif e.get("method") == "Runtime.consoleAPICalled" and p["type"] in {
                "error",
                "warning",
            }:
                found.append(str(p["args"]))
        return found

    def requests(self):
        """Addresses the page asked for."""
        return [
            e["params"]["request"]["url"]
            for e in self.events
            if e.get("method") == "Network.requestWillBeSent"
        ]

    def place(self, selector):
        """The middle of an element, scrolled into view."""
        found = (
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            " e.scrollIntoView({block: 'center'}); const r = e.getBoundingClientRect();"
            " return [r.x + r.width / 2, r.y + r.height / 2]; })()"
        )
        # Blocks that come into sight take their true height in the next frame.
        self.js(found)
        self.frame()
        return self.js(found)

    def click(self, selector):
        self.click_at(*self.place(selector))

    def click_at(self, x, y):
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            self.mouse(kind, x, y)
        self.frame()

    def mouse(self, kind, x, y, button="left"):
        pressed = kind != "mouseMoved"
        self.call(
            "Input.dispatchMouseEvent",
            type=kind, x=x, y=y, button=button if pressed else "none", clickCount=int(pressed),
        )  # fmt: skip

    def drag(self, x, y, dx):
        self.mouse("mousePressed", x, y)
        for step in range(1, 6):
            self.call(
                "Input.dispatchMouseEvent",
                type="mouseMoved", x=x + dx * step / 5, y=y, button="left", buttons=1,
            )  # fmt: skip
        self.mouse("mouseReleased", x + dx, y)
        self.frame()

    def wheel(self, x, y, dy, *, ctrl=False):
        self.call(
            "Input.dispatchMouseEvent",
            type="mouseWheel", x=x, y=y, deltaX=0, deltaY=dy, modifiers=2 if ctrl else 0,
        )  # fmt: skip
        self.frame()

    def key(self, key):
        text = key if len(key) == 1 else {"Enter": "\r"}.get(key)
        press = {"key": key, **({"text": text} if text else {})}
        self.call("Input.dispatchKeyEvent", type="keyDown", **press)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key)
        self.frame()

    def shot(self, path, *, full=True):
        found = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=full)
        path.write_bytes(base64.b64decode(found["data"]))
