"""Gaussian kernels over areas: how much of what happens in one place is felt in others."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.spatial import cKDTree

from rukun.core.areas import FloatArray
from rukun.core.panel import Panel

#: Bandwidths tried, in distances to the nearest neighbour; 0 is the area alone.
BANDWIDTHS = (0.0, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0)
#: Areas within reach of an area on average, at the most: larger bandwidths aren't tried.
MOST_IN_REACH = 120.0


def kernel_matrix(panel: Panel, bandwidth: float) -> sparse.csr_array:
    """(n, n) Gaussian kernel cut at three bandwidths, each column (a place of events) with sum 1.

    bandwidth: in median distances to the nearest neighbour; distances between centroids, or neighbourhood orders.
    """
    n = panel.n_areas
    if bandwidth <= 0.0 or n == 1:
        return sparse.csr_array(sparse.eye_array(n))
    centroid = panel.areas.centroid
    if centroid is not None:
        unit = spacing(centroid)
        distance = cKDTree(centroid).sparse_distance_matrix(
            cKDTree(centroid), 3.0 * bandwidth * unit, output_type="ndarray"
        )
        i, j, d = distance["i"], distance["j"], distance["v"] / unit
    else:
        rows = np.repeat(np.arange(n), np.diff(panel.neighbours.start))
        near = panel.neighbours.order <= 3.0 * bandwidth
        i = np.concatenate([np.arange(n), rows[near]])
        j = np.concatenate([np.arange(n), panel.neighbours.index[near]])
        d = np.concatenate([np.zeros(n), panel.neighbours.order[near]])
    weight = np.exp(-0.5 * (d / bandwidth) ** 2)
    matrix = sparse.csr_array((weight, (i, j)), shape=(n, n))
    return sparse.csr_array(matrix / np.asarray(matrix.sum(axis=0))[None, :])


def usable_bandwidths(panel: Panel) -> list[float]:
    """Bandwidths of `BANDWIDTHS` that reach `MOST_IN_REACH` areas or fewer, on the average of a sample."""
    n, centroid = panel.n_areas, panel.areas.centroid
    if n == 1:
        return [0.0]
    if centroid is None:
        counts = [float((panel.neighbours.order <= 3.0 * b).sum()) / n for b in BANDWIDTHS]
    else:
        tree, unit = cKDTree(centroid), spacing(centroid)
        sample = centroid[:: max(1, n // 500)]
        counts = [
            float(np.mean(tree.query_ball_point(sample, 3.0 * b * unit, return_length=True))) if b else 1.0
            for b in BANDWIDTHS
        ]
    return [b for b, near in zip(BANDWIDTHS, counts, strict=True) if b == 0.0 or near <= MOST_IN_REACH]


def spacing(centroid: FloatArray) -> float:
    """Median distance to the nearest other area, in metres; 1.0 where all areas are at one point."""
    nearest = np.asarray(cKDTree(centroid).query(centroid, 2)[0])[:, 1]
    apart = nearest[nearest > 0]
    return float(np.median(apart)) if len(apart) else 1.0
