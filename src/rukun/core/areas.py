"""Areas and how far they are from each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import geopandas as gpd

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
StrArray = npt.NDArray[Any]


@dataclass(frozen=True)
class AreaTable:
    """The areas of one panel, in the order of its rows.

    code: (n,) str, unique; name: (n,) str; parent: (n,) str, "" where there is none (a code one level up, whether or
    not that code is itself a row); population: (n,) > 0, or None when it isn't known.
    centroid: (n, 2) metres in a local metric projection, or None; surface: (n,) km2, or None.
    shapes: (n,) row-aligned GeoSeries in WGS84, or None.
    """

    code: StrArray
    name: StrArray
    parent: StrArray
    population: FloatArray | None = None
    centroid: FloatArray | None = None
    surface: FloatArray | None = None
    shapes: gpd.GeoSeries | None = None

    def __len__(self) -> int:
        return len(self.code)


@dataclass(frozen=True)
class Neighbours:
    """Which areas are near which, as a sparse symmetric matrix in CSR form without the diagonal.

    start: (n + 1,) int; index: (m,) int, the neighbours of area i are index[start[i]:start[i + 1]], ascending;
    order: (m,) float >= 1: neighbourhood order (1 shares a border, 2 is a neighbour's neighbour, ...) or, with
    kind "distance", distance divided by the median distance to the nearest neighbour, floored at 1, so that a power law reads both.
    kind: "order" | "distance" | "tree"; source: in words, for reports ("given", "shared borders", ...).
    """

    start: IntArray
    index: IntArray
    order: FloatArray
    kind: str = "order"
    source: str = "given"

    def __len__(self) -> int:
        return len(self.start) - 1
