"""A nation of villages: the time and memory of a fit and four weeks ahead. No peer is known that does this."""

import resource
import time

import numpy as np
import pytest
from nation import made_nation

from rukun.core.forecast.endemic_epidemic import EndemicEpidemic

pytestmark = pytest.mark.bench


def test_nation():
    panel = made_nation()
    EndemicEpidemic().fit(made_nation(areas=2_000, periods=60)).forecast(1)  # kernels compiled and cached
    started = time.perf_counter()
    fit = EndemicEpidemic().fit(panel)
    fitted = time.perf_counter()
    forecast = fit.forecast(4)
    seconds, memory = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"\nnation, {panel.n_areas} areas x {panel.n_periods} weeks, {(panel.counts > 0).mean():.2%} of cells above 0: "
        f"fit {fitted - started:.1f} s ({fit.estimate.iterations} iterations), with 4 weeks ahead {seconds:.1f} s, "
        f"peak {memory:.2f} GiB; must reach 120 s, 6 GiB; aim 30 s"
    )
    assert fit.estimate.converged and np.isfinite(forecast.mean).all()
    assert seconds <= 120 and memory <= 6
