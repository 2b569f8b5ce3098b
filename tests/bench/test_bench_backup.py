"""Backup and restore of 100,000 reports with 2,000 photos, on each database: seconds and peak memory.

Without a peer: what counts is that it fits into a small server. Memory is that of the process that does it.
"""

import os
import subprocess
import sys
import time

import pytest

import installations
from installations import KINDS

pytestmark = pytest.mark.bench
REPORTS, PHOTOS = int(os.environ.get("BENCH_REPORTS", "100000")), int(os.environ.get("BENCH_PHOTOS", "2000"))
#: Megabytes: a third of a small server's, of which the records may take no part that grows with them.
MOST_MEMORY = 600


def measured(there, *words):
    """Seconds and megabytes that a command takes."""
    code = (
        "import resource; from rukun.cli.app import app\n"
        "try: app(standalone_mode=False)\n"
        "finally: print('PEAK', resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)"
    )
    begun = time.monotonic()
    ended = subprocess.run(
        [sys.executable, "-c", code, *map(str, words)], env=there.environment, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stderr
    return time.monotonic() - begun, int(ended.stdout.split("PEAK")[1])


@pytest.mark.parametrize("kind", KINDS)
def test_backup_and_restore(tmp_path, kind, capsys):
    there, new = (installations.make(tmp_path / name, kind) for name in ("old", "new"))
    there("fill_many", reports=REPORTS, pictures=PHOTOS)
    before = there("show")
    file = tmp_path / "backup.tar.gz"
    (took, memory), size = measured(there, "backup", file), file.stat().st_size
    back, held = measured(new, "restore", file)
    after = new("show")
    assert after["exports"] == before["exports"] and after["photos"] == before["photos"]
    assert new("verified", anchor=before["anchor"]) == []
    with capsys.disabled():
        print(
            f"\n{kind}: {REPORTS:,} reports, {PHOTOS:,} photos, {size / 2**20:,.0f} MB: "
            f"backup {took:.0f} s, {memory} MB; restore {back:.0f} s, {held} MB"
        )
    assert max(memory, held) < MOST_MEMORY
