import numpy as np
import pytest
import shapely

from rukun.exercise.province import MEAN_POPULATION, made_province


def test_villages_tile_the_island_without_gaps_or_overlaps():
    province = made_province(seed=3, villages=40)
    shapes = province.shapes.values
    assert shapely.is_valid(shapes).all()
    island = shapely.union_all(shapes)
    assert island.geom_type == "Polygon"
    assert len(island.interiors) == 0
    assert shapely.area(shapes).sum() == pytest.approx(island.area, rel=1e-6)


def test_every_village_has_a_neighbour_across_a_shared_border():
    shapes = made_province(seed=5).shapes.values
    one, other = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=1e-6)
    assert set(one[one != other]) == set(range(60))


def test_codes_form_a_tree_that_names_no_real_province():
    province = made_province(seed=1, villages=60, regencies=2)
    assert len(set(province.code)) == 60
    assert all(code.startswith(f"{parent}.20") for code, parent in zip(province.code, province.parent, strict=True))
    assert len(set(province.parent)) == 6
    assert {code[:2] for code in province.code} == {"00"}
    assert list(province.code) == sorted(province.code)
    assert all("Latihan" in name for name in province.name)


def test_same_seed_same_province_other_seed_another():
    one, again, other = (made_province(seed).population for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
    assert 0.5 * MEAN_POPULATION < one.mean() < 1.6 * MEAN_POPULATION


def test_fewer_villages_than_subdistricts_are_refused():
    with pytest.raises(ValueError, match="6 subdistricts need as many villages"):
        made_province(seed=1, villages=5)
