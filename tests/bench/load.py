"""A load of field apps on a real server, from this machine: each device syncs over a connection of its own.

    python load.py --devices 500 --rate 160 --seconds 60 [--batch 1] [--kills 20]

Arrivals are open: devices send when their time comes, whether or not others have been answered, so that a slow server
can't slow the load down. A device that gets no answer sends the same batch again until it has one, as the field app
does, and one batch in twenty is sent twice on purpose. With --kills the server is killed (SIGKILL, every process) that
many times in between. Prints one line of JSON. The database is that of DATABASE_URL, or SQLite in a folder of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import datetime as dt
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

HERE = Path(__file__).parent
_PLACES = ("lapangan", "pasar", "pelabuhan", "dermaga", "balai desa", "pertigaan", "kebun", "jembatan")
_EVENTS = (
    ("youth_brawl", "dua kelompok pemuda saling lempar batu setelah pertandingan bola voli"),
    ("land", "terjadi adu mulut antarwarga soal batas kebun jambu mete yang belum diukur ulang"),
    ("theft", "satu unit mesin ketinting milik nelayan hilang dicuri pada dini hari"),
    ("alcohol", "beberapa pemuda mabuk membuat keributan dan mengganggu pengguna jalan"),
    ("traffic", "tabrakan antara sepeda motor dan mobil bak terbuka, dua orang luka ringan"),
)
_MORE = ("Hubungi Pak Rahman 0812-3456-7890.", "Saksi bernama La Ode Hasan.", "", "", "Situasi sudah tenang.")


def a_report(village: str, chance: random.Random) -> dict[str, object]:
    """A report as an officer would write one, about 200 characters, sometimes with personal data."""
    category, what = chance.choice(_EVENTS)
    minute = chance.randrange(600)
    where = f"{chance.choice(_PLACES)} RT {chance.randrange(1, 9)}"
    text = f"Sekitar pukul {8 + minute // 60}.{minute % 60:02d} di {where} {what}. {chance.choice(_MORE)}"
    when = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=minute)
    return {
        "kind": "report", "id": str(uuid.UUID(int=chance.getrandbits(128), version=4)), "village": village,
        "observed_at": when.isoformat(), "category": category, "level": "actual", "text": text.strip(),
        "source": "resident", "source_reliability": "B", "information_reliability": "2",
        "latitude": -4.0, "longitude": 122.5,
    }  # fmt: skip


class Device:
    """One phone: its connection, which it opens anew when it breaks, and what it has sent."""

    def __init__(self, port: int, token: str, village: str, seed: int) -> None:
        self.port, self.token, self.village = port, token, village
        self.chance = random.Random(seed)
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None
        self.cursor: str | None = None

    async def ask(self, body: bytes) -> tuple[int, bytes]:
        """The answer to one sync: status and body. Raises OSError, EOFError or TimeoutError where there is none."""
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        assert self.reader is not None
        head = (
            f"POST /api/v1/sync HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {self.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        try:
            self.writer.write(head.encode() + body)
            received = await self.reader.readuntil(b"\r\n\r\n")
            length = next(
                int(line[15:]) for line in received.lower().split(b"\r\n") if line.startswith(b"content-length:")
            )
            return int(received[9:12]), await self.reader.readexactly(length)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Hang up."""
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None


class Load:
    """What was sent and answered so far."""

    def __init__(self, devices: list[Device], batch: int) -> None:
        self.devices, self.batch = devices, batch
        self.acknowledged: list[str] = []
        self.seconds: list[float] = []
        self.problems: dict[str, int] = {}

    async def sync(self, device: Device) -> None:
        """One batch of a device, until it is acknowledged."""
        items = [a_report(device.village, device.chance) for _ in range(self.batch)]
        body = json.dumps({"items": items, "cursor": device.cursor}).encode()
        started = time.perf_counter()
        for again in range(2 if device.chance.random() < 0.05 else 1):
            answer = await self._until_answered(device, body)
            if answer is None:
                return
            if not again:
                self.seconds.append(time.perf_counter() - started)
            device.cursor = answer["cursor"]
            results = {r["id"]: r["status"] for r in answer["results"]}
            wrong = [status for status in results.values() if status not in ("stored", "known")]
            if wrong or (again and set(results.values()) != {"known"}):
                self._note(f"results {sorted(set(results.values()))}")
        self.acknowledged += [str(item["id"]) for item in items]

    async def _until_answered(self, device: Device, body: bytes) -> dict | None:
        while True:
            try:
                status, content = await asyncio.wait_for(device.ask(body), 30)
            except (OSError, EOFError, TimeoutError) as gone:
                self._note(type(gone).__name__)
                await asyncio.sleep(0.2 + device.chance.random())
                continue
            if status == 200:
                return json.loads(content)
            self._note(f"status {status}")
            if status < 500:
                return None
            await asyncio.sleep(0.2 + device.chance.random())

    def _note(self, what: str) -> None:
        self.problems[what] = self.problems.get(what, 0) + 1

    async def run(self, rate: float, seconds: float) -> float:
        """Batches at `rate` reports a second for so long, each device in its turn; returns how long it all took."""
        started, sent, running = time.perf_counter(), 0, set()
        busy: set[int] = set()
        while (now := time.perf_counter() - started) < seconds:
            while sent * self.batch <= now * rate:
                number = sent % len(self.devices)
                sent += 1
                if number in busy:
                    # it still waits for its last answer, and as one phone it sends one batch at a time
                    self._note("still waiting")
                    continue
                busy.add(number)
                task = asyncio.create_task(self.sync(self.devices[number]))
                running.add(task)
                task.add_done_callback(lambda done, number=number: (running.discard(done), busy.discard(number)))
            await asyncio.sleep(0.002)
        while running:
            await asyncio.wait(running)
        return time.perf_counter() - started


class Server:
    """A server of our own in a process group of its own."""

    def __init__(self, home: str, port: int, workers: int, threads: int) -> None:
        self.command = [
            sys.executable, "-c", "from rukun.cli import main; main()", "serve", "--port", str(port),
            "--workers", str(workers), "--threads", str(threads),
        ]  # fmt: skip
        self.port, self.log = port, Path(home) / "server.log"
        self.start()

    def start(self) -> None:
        """Start it, without waiting."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log, start_new_session=True)

    async def ready(self) -> None:
        """Wait until it answers."""
        for _ in range(600):
            with contextlib.suppress(OSError, EOFError):
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                writer.write(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                said = await reader.read(200)
                writer.close()
                if b" 200 " in said:
                    return
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended: {self.log.read_text()[-2000:]}")
            await asyncio.sleep(0.1)
        raise RuntimeError("the server doesn't answer")

    def kill(self) -> None:
        """End every process of it at once, without a word. Raises RuntimeError where it had ended by itself."""
        if self.process.poll() is not None:
            raise RuntimeError(f"the server ended by itself: {self.log.read_text()[-2000:]}")
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


async def kill_now_and_then(server: Server, times: int, every: float) -> None:
    """Kill it so many times; start it again at once, as a service manager would."""
    chance = random.Random(7)
    for _ in range(times):
        await asyncio.sleep(every * (0.5 + chance.random()))
        server.kill()
        server.start()
        await server.ready()


async def drive(options: argparse.Namespace, server: Server, devices: list[Device]) -> dict[str, object]:
    """Warm up, load, and what it came to."""
    await server.ready()
    warm = Load(devices, options.batch)
    await warm.run(min(options.rate, 50), 4)
    load = Load(devices, options.batch)
    kills = asyncio.create_task(kill_now_and_then(server, options.kills, options.seconds / max(1, options.kills)))
    took = await load.run(options.rate, options.seconds)
    while not kills.done():
        # kills that are left go on under load
        took += await load.run(options.rate, 2)
    await kills
    for device in devices:
        device.close()
    ordered = sorted(load.seconds)
    Path(options.home, "acknowledged").write_text("\n".join(warm.acknowledged + load.acknowledged))
    return {
        "devices": len(devices), "batch": options.batch, "offered": options.rate, "kills": options.kills,
        "reports": len(load.acknowledged), "seconds": round(took, 1),
        "per_second": round(len(load.acknowledged) / took, 1),
        "p50": round(ordered[len(ordered) // 2], 3), "p95": round(ordered[int(len(ordered) * 0.95)], 3),
        "worst": round(ordered[-1], 3), "problems": load.problems,
    }  # fmt: skip


def main() -> None:
    """From an empty folder to a line of JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--devices", type=int, default=500)
    parser.add_argument("--rate", type=float, default=160, help="reports a second that are sent")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--batch", type=int, default=1, help="reports in a batch")
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--threads", type=int, default=4)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rukun-load-") as home, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        options.home = home
        os.environ |= {"RUKUN_HOME": home, "RUKUN_PLAIN_HTTP": "1", "RUKUN_SECRET_KEY": "for this load only " * 4}
        place = [sys.executable, str(HERE / "load_place.py")]
        filled = subprocess.run([*place, "fill", str(options.devices)], capture_output=True, text=True, check=True)
        devices = [Device(port, *line.split(), seed) for seed, line in enumerate(filled.stdout.splitlines())]
        server = Server(home, port, options.workers, options.threads)
        try:
            figures = asyncio.run(drive(options, server, devices))
        finally:
            server.kill()
        counted = subprocess.run(
            [*place, "count", str(Path(home, "acknowledged"))], capture_output=True, text=True, check=True
        )
        database = "PostgreSQL" if os.environ.get("DATABASE_URL", "").startswith("postgres") else "SQLite"
        print(json.dumps({"database": database, **figures, **json.loads(counted.stdout)}))


if __name__ == "__main__":
    main()
