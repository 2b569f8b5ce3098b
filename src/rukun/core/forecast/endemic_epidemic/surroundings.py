"""The rate around each area, which its own long-run rate is expected to resemble.

An area with few events says little of its own rate; its neighbourhood says more. The log of the rate around enters the
endemic part with an estimated coefficient, so that area effects are shrunk towards what is around instead of towards
the region's mean. The area itself is left out: what it adds is its effect's to say.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from rukun.core.areas import FloatArray
from rukun.core.forecast.kernel import kernel_matrix, usable_bandwidths
from rukun.core.panel import Panel

#: With fewer areas a neighbourhood is most of the region.
LEAST_SURROUNDED = 30


def log_rate_around(panel: Panel, events: FloatArray) -> FloatArray:
    """(n_areas,) log of the kernel-smoothed rate around each area relative to the region's, itself left out.

    events: (n_areas,) of the whole panel, corrected for effort. The bandwidth is the one under which the rates around
    predict the areas' own events best (Poisson likelihood). What little is around is filled up with one event's worth
    of the region's rate.
    """
    region = float(events.sum()) / float(panel.exposure.sum())
    if region <= 0.0:
        return np.zeros(panel.n_areas)
    best, chosen = -np.inf, np.zeros(panel.n_areas)
    for bandwidth in usable_bandwidths(panel):
        if bandwidth < 0.5:  # reaches nothing but the area itself
            continue
        kernel = kernel_matrix(panel, bandwidth)
        around = sparse.csr_array(kernel - sparse.diags_array(kernel.diagonal()))
        nearest = np.maximum(around.max(axis=1).toarray().ravel(), 1e-12)
        rate = (around @ events + nearest) / (around @ panel.exposure + nearest / region)
        value = float(events @ np.log(rate) - rate @ panel.exposure)
        if value > best:
            best, chosen = value, np.log(rate / region)
    return chosen
