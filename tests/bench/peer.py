"""The peer of the endemic-epidemic model, R's package surveillance, run on this machine in the same session."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SCRIPT = Path(__file__).parents[3] / "shared" / "peers" / "hhh4_reference.R"


@dataclass(frozen=True)
class PeerFigures:
    """seconds, log_likelihood by label of a fit; (log score, RPS, seconds) by label of rolling forecasts."""

    seconds: dict[str, float]
    log_likelihood: dict[str, float]
    rolling: dict[str, tuple[float, float, float]]


@cache
def peer_figures() -> PeerFigures | str:
    """Figures of the reference script (about two minutes), or why there are none."""
    if shutil.which("Rscript") is None:
        return (
            "peer skipped: R isn't installed (apt-get install --no-install-recommends r-base-core r-cran-surveillance)"
        )
    if not SCRIPT.exists():
        return f"peer skipped: {SCRIPT} is absent"
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run(
            ["Rscript", str(SCRIPT), folder], capture_output=True, text=True, timeout=1800, check=False
        )
    if run.returncode != 0:
        return f"peer skipped: the reference script failed: {run.stderr.strip().splitlines()[-1:]}"
    fits = re.findall(r"^(.+): fit ([\d.]+) s, logLik (-?[\d.]+)$", run.stdout, re.M)
    rolls = re.findall(
        r"^(.+), one step ahead \(rolling, ([\d.]+) s\): log score ([\d.]+), RPS ([\d.]+)", run.stdout, re.M
    )
    return PeerFigures(
        {label: float(s) for label, s, _ in fits},
        {label: float(value) for label, _, value in fits},
        {label: (float(score), float(rps), float(s)) for label, s, score, rps in rolls},
    )
