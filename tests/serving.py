"""`rukun serve` as a process of its own, asked over the network."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict
    body: bytes

    def json(self):
        return json.loads(self.body)


@dataclass
class Server:
    """A running server; `token`: of a device."""

    port: int
    process: subprocess.Popen
    log: Path
    token: str = ""

    def __call__(self, method, path, body=None, timeout=30, **headers):
        headers = {"Content-Type": "application/json", **headers}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        asked = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, headers, method=method.upper())
        try:
            with urllib.request.urlopen(asked, timeout=timeout) as answer:
                return Answer(answer.status, _lower(answer.headers), answer.read())
        except urllib.error.HTTPError as refused:
            return Answer(refused.code, _lower(refused.headers), refused.read())

    def until(self, true, seconds=20):
        """Wait until it is so; what it then gives."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if given := true():
                    return given
            except OSError:
                pass
            time.sleep(0.1)
        raise AssertionError(f"it didn't come to be in {seconds} s; the log:\n{self.log.read_text()[-3000:]}")

    def children(self, word):
        """Process numbers under the server whose command holds this word, parents first."""
        found, parents = [], {self.process.pid}
        for entry in sorted(int(p.name) for p in Path("/proc").iterdir() if p.name.isdigit()):
            try:
                parent = int(re.sub(r".*\)", "", Path(f"/proc/{entry}/stat").read_text()).split()[1])
                command = Path(f"/proc/{entry}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            except (OSError, ValueError):
                continue
            if parent in parents:
                parents.add(entry)
                if word in command:
                    found.append(entry)
        return found


def _lower(headers):
    return {name.lower(): value for name, value in headers.items()}


@contextmanager
def serving(installation, token="", workers=2, prefix=()):
    """`rukun serve` of an installation on a free port, until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = Path(installation.home) / "log"
    words = ["serve", "--port", str(port), "--workers", str(workers), "--threads", "2"]
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*prefix, sys.executable, "-c", "from rukun.cli import main; main()", *words],
            env=installation.environment, stdout=out, stderr=out, start_new_session=True,
        )  # fmt: skip
    server = Server(port, process, log, token)
    try:
        server.until(lambda: server("get", "/health").status == 200, 60)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
