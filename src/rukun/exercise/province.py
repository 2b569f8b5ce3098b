"""A made province for exercises: villages that exist nowhere, with borders, so that maps and neighbours are real."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from rukun.core.areas import AreaTable, FloatArray

#: Kemendagri's province codes start at 11: "00" can't be mistaken for a place.
PROVINCE = "00"
#: Half the width of the province, in degrees around 0 N 0 E, open sea: no real place can be meant.
REACH = 0.4
KM_PER_DEGREE = 111.32
SUBDISTRICTS_PER_REGENCY = 3
MEAN_POPULATION = 2500.0


def made_province(seed: int, villages: int = 60, regencies: int = 2) -> AreaTable:
    """A province of `villages` villages in `regencies` x 3 subdistricts on one island; the same for the same seed.

    Codes are `00.RR.SS.20VV`, names "Desa Latihan 01" ("latihan" is exercise); shapes are Voronoi cells cut by a coast
    and share their borders exactly. Raises ValueError with fewer villages than subdistricts.
    """
    subdistricts = regencies * SUBDISTRICTS_PER_REGENCY
    if villages < subdistricts:
        raise ValueError(f"{subdistricts} subdistricts need as many villages or more, not {villages}")
    rng = np.random.default_rng([seed, 1])
    coast = _coast(rng)
    points, cells = _villages(rng, coast, villages)
    parent, code = _codes(points, regencies)
    order = np.argsort(code)
    shapes = gpd.GeoSeries(cells[order], crs="EPSG:4326")
    population = np.round(MEAN_POPULATION * rng.lognormal(-0.18, 0.6, villages))
    return AreaTable(
        code=code[order],
        name=np.array([f"Desa Latihan {number:02d}" for number in range(1, villages + 1)]),
        parent=parent[order],
        population=np.maximum(population, 100.0),
        centroid=points[order] * KM_PER_DEGREE * 1000,
        surface=shapely.area(cells[order]) * KM_PER_DEGREE**2,
        shapes=shapes,
    )


def _coast(rng: np.random.Generator) -> shapely.Polygon:
    angle = np.linspace(0, 2 * np.pi, 180, endpoint=False)
    radius = np.full(len(angle), 0.85)
    for wave in range(2, 7):
        radius += 0.18 / wave * rng.normal() * np.cos(wave * angle + rng.uniform(0, 2 * np.pi))
    radius = REACH * np.clip(radius, 0.4, 1.2)
    return shapely.Polygon(np.column_stack([1.25 * radius * np.cos(angle), radius * np.sin(angle)]))


def _villages(rng: np.random.Generator, coast: shapely.Polygon, n: int) -> tuple[FloatArray, np.ndarray]:
    """Points inside the coast and their cells, evened out by moving each point to the middle of its cell (Lloyd)."""
    west, south, east, north = coast.bounds
    points = np.empty((0, 2))
    while len(points) < n:
        drawn = rng.uniform((west, south), (east, north), (4 * n, 2))
        points = np.concatenate([points, drawn[shapely.contains_xy(coast, drawn)]])[:n]
    for _ in range(3):
        cells = _cells(points, coast)
        points = shapely.get_coordinates(shapely.point_on_surface(cells))
        middle = shapely.get_coordinates(shapely.centroid(cells))
        inside = shapely.contains_xy(coast, middle)
        points[inside] = middle[inside]
    return points, _cells(points, coast)


def _cells(points: FloatArray, coast: shapely.Polygon) -> np.ndarray:
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(points), extend_to=coast))
    owner = shapely.STRtree(cells).query(shapely.points(points), predicate="within")
    mine = np.empty(len(points), dtype=object)
    mine[owner[0]] = cells[owner[1]]
    # a millionth of a degree is a tenth of a metre: neighbours keep the same corners
    return shapely.set_precision(shapely.intersection(mine, coast), 1e-6)


def _codes(points: FloatArray, regencies: int) -> tuple[np.ndarray, np.ndarray]:
    """Subdistrict and village codes: regencies are strips from west to east, subdistricts from south to north."""
    parent = np.empty(len(points), dtype="<U8")
    code = np.empty(len(points), dtype="<U13")
    for r, members in enumerate(np.array_split(np.argsort(points[:, 0]), regencies), start=1):
        northward = members[np.argsort(points[members, 1])]
        for s, strip in enumerate(np.array_split(northward, SUBDISTRICTS_PER_REGENCY), start=1):
            parent[strip] = f"{PROVINCE}.{r:02d}.{s:02d}"
            for v, village in enumerate(strip, start=1):
                code[village] = f"{PROVINCE}.{r:02d}.{s:02d}.{2000 + v}"
    return parent, code
