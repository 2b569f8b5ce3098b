"""A web process starts in seconds: what only jobs and imports need isn't loaded by it."""

import os
import subprocess
import sys

#: Each takes a second or more on an office's machine.
HEAVY = ("scipy", "pandas", "geopandas", "numba", "openpyxl", "lightgbm")


def test_the_web_part_loads_no_science(tmp_path):
    said = f"import rukun.server.wsgi, sys; print([m for m in {HEAVY} if m in sys.modules])"
    environment = {**os.environ, "RUKUN_SECRET_KEY": "for tests only", "RUKUN_HOME": str(tmp_path)}
    environment["DJANGO_SETTINGS_MODULE"] = "rukun.server.settings"
    run = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True, env=environment)
    assert run.stdout.strip() == "[]"
