"""Whether areas tile, and what may be mended without a person."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.crs import to_metric
from gis.errors import ColumnError, CrsError
from gis.grid.hierarchy import AreaTree
from gis.grid.tiling import COLUMNS, KINDS, Tolerances, check_areas, repair_areas
from tests.strategies import areas_table, tilings

METRE = 1 / 111_000
COMMUNITY = "150304009008"
G1, G2, G3, G4 = (f"{COMMUNITY}{number:03d}" for number in (1, 2, 3, 4))


def four(**outlines: shapely.Geometry) -> gpd.GeoDataFrame:
    """A community of four square grids (1 2 / 3 4), some with another outline."""
    x, y, side = 106.70, 39.50, 0.01
    boxes = [
        shapely.box(x + c * side, y - r * side, x + (c + 1) * side, y - (r - 1) * side) for r in (0, 1) for c in (0, 1)
    ]
    areas = areas_table(shapely.coverage_union_all(boxes), boxes)
    for name, shape in outlines.items():
        areas.loc[areas["code"] == f"{COMMUNITY}{name[1:]:0>3}", "geometry"] = shape
    return areas


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    """In metres from the middle of the four."""
    x, y = 106.71, 39.50
    return shapely.box(x + west * METRE, y + south * METRE, x + east * METRE, y + north * METRE)


def kinds(areas: gpd.GeoDataFrame, **options: Tolerances) -> list[tuple[str, str, str, bool]]:
    found = check_areas(areas, **options)
    return list(zip(found["kind"], found["code"], found["other"], found["repairable"], strict=True))


def with_special(areas: gpd.GeoDataFrame, shape: shapely.Geometry) -> gpd.GeoDataFrame:
    special = (
        areas[areas["code"] == G1].assign(code=f"{COMMUNITY}901", kind="special").set_geometry([shape], crs=areas.crs)
    )
    return gpd.GeoDataFrame(pd.concat([areas, special], ignore_index=True), crs=areas.crs)


def basic(areas: gpd.GeoDataFrame) -> np.ndarray:
    return areas.loc[(areas["level"] == "grid") & (areas["kind"] == "basic"), "geometry"].to_numpy()


def test_four_squares_tile() -> None:
    found = check_areas(four())
    assert found.empty
    assert tuple(found.columns) == COLUMNS
    assert found.crs == "EPSG:4326"


def test_wuda_tiles_on_every_level(wuda_areas: gpd.GeoDataFrame) -> None:
    assert check_areas(wuda_areas).empty
    repaired, fixed = repair_areas(wuda_areas)
    assert fixed.empty
    assert repaired.equals(wuda_areas)


def test_a_wide_overlap_is_a_persons_decision() -> None:
    one = four().geometry[1]
    areas = four(g1=one.union(box(0, 20, 50, 80)))
    found = check_areas(areas)
    assert kinds(areas) == [("overlap", G1, G2, False)]
    assert found["area_m2"][0] == pytest.approx(50 * 60 * 0.772, rel=0.01)
    assert G1 in found["message_zh"][0]
    assert G2 in found["message_en"][0]
    assert found.geometry[0].symmetric_difference(box(0, 20, 50, 80)).area < 1e-12
    repaired, fixed = repair_areas(areas)
    assert fixed.empty
    assert repaired.equals(areas)


def test_a_wide_gap_names_its_parent() -> None:
    one = four().geometry[1]
    areas = four(g1=one.difference(box(-300, 200, -200, 300)))
    assert kinds(areas) == [("gap", COMMUNITY, "", False)]
    assert check_areas(areas)["area_m2"][0] == pytest.approx(100 * 100 * 0.772, rel=0.01)


def test_slivers_go_to_the_neighbour_with_the_longest_edge() -> None:
    """A gap of 1 m along the border of 1 and 2, an overlap of 1 m along that of 3 and 4."""
    one, three = four().geometry[1], four().geometry[3]
    areas = four(g1=one.difference(box(-1, 100, 5, 700)), g3=three.union(box(0, -700, 1, -100)))
    assert sorted(kinds(areas)) == [("sliver", G1, COMMUNITY, True), ("sliver", G3, G4, True)]
    repaired, fixed = repair_areas(areas)
    assert sorted(fixed["kind"]) == ["sliver", "sliver"]
    assert fixed["message_zh"].str.contains("已并入共边最长的区域").all()
    assert check_areas(repaired).empty
    assert shapely.coverage_is_valid(basic(repaired))
    assert repaired["code"].tolist() == areas["code"].tolist()


def test_the_table_handed_in_is_left_alone() -> None:
    areas = four(g1=four().geometry[1].difference(box(-1, 100, 5, 700)))
    before = areas.copy(deep=True)
    repair_areas(areas)
    assert areas.equals(before)


def test_special_grids_lie_over_basic_ones() -> None:
    assert check_areas(with_special(four(), box(-50, -50, 50, 50))).empty


def test_a_special_grid_outside_its_community_is_found_and_a_strip_cut_off() -> None:
    wide = with_special(four(), box(-100, 900, 100, 1300))
    assert kinds(wide) == [("outside_parent", f"{COMMUNITY}901", COMMUNITY, False)]
    strip = with_special(four(), box(-100, 900, 100, 1111))
    assert kinds(strip) == [("outside_parent", f"{COMMUNITY}901", COMMUNITY, True)]
    repaired, fixed = repair_areas(strip)
    assert fixed["message_en"].str.contains("cut off").all()
    assert check_areas(repaired).empty


def test_a_grid_outside_its_community_is_found_and_a_strip_cut_off() -> None:
    one = four().geometry[1]
    wide, strip = four(g1=one.union(box(-500, 1000, -400, 1200))), four(g1=one.union(box(-500, 1000, -400, 1111)))
    assert kinds(wide) == [("outside_parent", G1, COMMUNITY, False)]
    assert kinds(strip) == [("outside_parent", G1, COMMUNITY, True)]
    repaired, _ = repair_areas(strip)
    assert check_areas(repaired).empty
    assert shapely.coverage_union_all(basic(repaired)).equals(four().geometry[0])


def test_a_border_drawn_a_metre_into_the_next_community_is_mended_on_both_sides() -> None:
    """The strip is outside one community and overlaps a grid of the other."""
    areas = four()
    west, east = (shapely.coverage_union_all(areas.geometry.to_numpy()[rows]) for rows in ([1, 3], [2, 4]))
    other = areas[areas["code"] == COMMUNITY].assign(code="150304009009").set_geometry([east], crs=areas.crs)
    areas.loc[0, "geometry"] = west
    areas.loc[areas["code"].isin([G2, G4]), "parent"] = "150304009009"
    areas = gpd.GeoDataFrame(pd.concat([areas, other], ignore_index=True), crs=areas.crs)
    assert check_areas(areas).empty
    areas.loc[1, "geometry"] = areas.geometry[1].union(box(0, 100, 1, 700))
    assert sorted(kinds(areas)) == [("outside_parent", G1, COMMUNITY, True), ("sliver", G1, G2, True)]
    repaired, fixed = repair_areas(areas)
    assert len(fixed) == 2
    assert check_areas(repaired).empty
    assert repaired.geometry[1].symmetric_difference(four().geometry[1]).area < 1e-12


def test_a_bow_tie_is_made_valid() -> None:
    x, y = 106.70, 39.50
    tie = shapely.Polygon([(x, y), (x + 0.01, y + 0.01), (x + 0.01, y), (x, y + 0.01)])
    areas = four(g1=tie)
    found = check_areas(areas)
    assert [each for each in kinds(areas) if each[0] == "invalid_ring"] == [("invalid_ring", G1, "", True)]
    assert "Self-intersection" in found.loc[found["kind"] == "invalid_ring", "message_en"].iloc[0]
    repaired, fixed = repair_areas(areas)
    assert fixed["kind"].tolist() == ["invalid_ring"]
    assert repaired.geometry.is_valid.all()


def test_lines_and_missing_outlines_are_told_and_left() -> None:
    areas = four(g1=None, g2=shapely.LineString([(106.7, 39.5), (106.8, 39.6)]), g3=shapely.Polygon())
    found = [each for each in kinds(areas) if each[0] != "gap"]
    assert found == [("invalid_ring", G2, "", False), ("empty", G1, "", False), ("empty", G3, "", False)]
    repaired, fixed = repair_areas(areas)
    assert fixed.empty
    assert repaired.geometry[2].geom_type == "LineString"


def test_identical_copies_are_dropped_and_two_outlines_of_one_code_never_touched() -> None:
    areas = four()
    copy = gpd.GeoDataFrame(pd.concat([areas, areas[areas["code"] == G1]], ignore_index=True), crs=areas.crs)
    assert kinds(copy) == [("duplicate_code", G1, "", True)]
    repaired, fixed = repair_areas(copy)
    assert len(repaired) == 5
    assert fixed["kind"].tolist() == ["duplicate_code"]
    assert repaired.equals(areas)

    other = areas[areas["code"] == G1].assign(geometry=[areas.geometry[1].difference(box(-1, 100, 5, 700))])
    double = gpd.GeoDataFrame(pd.concat([areas, other], ignore_index=True), crs=areas.crs)
    assert kinds(double) == [("duplicate_code", G1, "", False)]
    repaired, fixed = repair_areas(double)
    assert fixed.empty
    assert repaired.equals(double)


def test_mending_beside_a_doubtful_code_leaves_that_code_as_it_is() -> None:
    areas = four(g3=four().geometry[3].union(box(0, -700, 1, -100)))
    other = areas[areas["code"] == G1].assign(geometry=[areas.geometry[1].union(box(0, 100, 1, 700))])
    double = gpd.GeoDataFrame(pd.concat([areas, other], ignore_index=True), crs=areas.crs)
    repaired, fixed = repair_areas(double)
    assert fixed["code"].tolist() == [G3]
    assert [each for each in kinds(repaired) if each[0] != "duplicate_code"] == [("sliver", G1, G2, False)]
    ours = double["code"] == G1
    assert repaired[ours].geometry.geom_equals_exact(double[ours].geometry, 0).all()


def test_missing_parents_are_told_where_a_coarser_level_is_there() -> None:
    areas = four()
    areas.loc[areas["code"] == G1, "parent"] = "150304009009"
    areas.loc[areas["code"] == G2, ["code", "parent"]] = ["T7", ""]
    found = check_areas(areas)
    missing = found[found["kind"] == "missing_parent"]
    assert missing[["code", "other"]].to_numpy().tolist() == [[G1, "150304009009"], ["T7", ""]]
    alone = areas[areas["level"] == "grid"]
    assert check_areas(alone).empty


def test_circles_are_told() -> None:
    areas = four()
    areas.loc[areas["code"] == G1, "parent"] = G2
    areas.loc[areas["code"] == G2, "parent"] = G1
    assert ("cycle", G1, "", False) in kinds(areas)
    assert ("cycle", G2, "", False) in kinds(areas)


def test_parts_of_a_grid_tile_the_grid_and_do_not_overlap_it() -> None:
    areas = four()
    whole = areas.geometry[1]
    west, south, east, north = whole.bounds
    halves = [shapely.box(west, south, (west + east) / 2, north), shapely.box((west + east) / 2, south, east, north)]
    parts = pd.concat([areas[areas["code"] == G1]] * 2).assign(code=[f"{G1}01", f"{G1}02"], parent=G1, geometry=halves)
    areas = gpd.GeoDataFrame(pd.concat([areas, parts], ignore_index=True), crs=areas.crs)
    assert check_areas(areas).empty
    assert AreaTree(areas).ancestors(f"{G1}02") == [G1, COMMUNITY]
    areas.loc[len(areas) - 1, "geometry"] = halves[1].difference(box(-300, 200, -200, 300))
    assert kinds(areas) == [("gap", G1, "", False)]


def test_grids_without_parents_are_checked_among_themselves() -> None:
    """Four quarters round a hole, and nothing said about what lies outside."""
    areas = four()
    areas = areas[areas["level"] == "grid"].assign(parent="")
    hole = box(-30, -30, 30, 30)
    areas = areas.set_geometry(areas.geometry.difference(hole))
    assert kinds(areas) == [("gap", "", "", False)]


def test_ended_versions_are_not_looked_at() -> None:
    areas = four()
    old = areas[areas["code"] == G1].assign(valid_to="2026-04-01", geometry=[box(-3000, 0, 3000, 3000)])
    both = gpd.GeoDataFrame(pd.concat([old, areas], ignore_index=True), crs=areas.crs)
    assert check_areas(both).empty


def test_noise_does_not_count() -> None:
    """Half a centimetre, the rounding of seven decimals."""
    areas = four(g1=four().geometry[1].union(box(0, 100, 0.005, 700)))
    assert check_areas(areas).empty
    assert kinds(areas, limits=Tolerances(noise_m=0.001)) == [("sliver", G1, G2, True)]


def test_nothing_is_mended_that_would_eat_up_an_area() -> None:
    """A grid one metre wide lies in a sliver's width of another."""
    areas = four(g2=box(0, 100, 1, 700), g1=four().geometry[1].union(box(0, 100, 1, 700)))
    found = [each for each in kinds(areas) if each[0] == "sliver"]
    assert found == [("sliver", G1, G2, False)]
    repaired, _ = repair_areas(areas)
    assert repaired.geometry[2].equals(areas.geometry[2])


def test_columns_and_degrees_are_asked_for() -> None:
    with pytest.raises(ColumnError, match="kind"):
        check_areas(four().drop(columns="kind"))
    with pytest.raises(CrsError):
        check_areas(to_metric(four()))


def test_an_empty_table_has_no_findings() -> None:
    assert check_areas(four().iloc[:0]).empty
    repaired, fixed = repair_areas(four().iloc[:0])
    assert repaired.empty
    assert fixed.empty


@pytest.mark.real
@pytest.mark.parametrize(("file", "slivers"), [("neighbourhoods", 0), ("police_divisions", 2)])
def test_torontos_boundaries_tile_but_for_two_slivers(shared_data: Path, file: str, slivers: int) -> None:
    """Neighbourhoods are a valid coverage; two pairs of divisions overlap by 1.8 and 1.7 m2."""
    outlines = gpd.read_file(shared_data / "incidents" / "toronto" / f"{file}.geojson").to_crs("EPSG:4326").geometry
    areas = areas_table(outlines[0], list(outlines))
    areas = areas[areas["level"] == "grid"].assign(parent="", kind="").reset_index(drop=True)
    found = check_areas(areas)
    assert found["kind"].tolist() == ["sliver"] * slivers
    assert found["area_m2"].max() == pytest.approx(1.8, abs=0.1) if slivers else shapely.coverage_is_valid(outlines)
    repaired, fixed = repair_areas(areas)
    assert len(fixed) == slivers
    assert shapely.coverage_is_valid(repaired.geometry.to_numpy())
    change = repaired.to_crs("EPSG:32617").area - areas.to_crs("EPSG:32617").area
    assert change.abs().max() < 2


def damaged(areas: gpd.GeoDataFrame, shake: np.ndarray) -> gpd.GeoDataFrame:
    """Every grid's vertices moved on their own, so that nothing meets any more."""
    areas = areas.copy()
    grids = np.flatnonzero(areas["level"] == "grid")
    for row in grids:
        ring = shapely.get_coordinates(areas.geometry[row])[:-1]
        moved = ring + shake[row % len(shake), : len(ring)] * METRE
        areas.loc[row, "geometry"] = shapely.Polygon(np.round(moved, 7))
    return areas


SHAKES = st.integers(0, 2**32 - 1).map(lambda seed: np.random.default_rng(seed).uniform(-0.7, 0.7, (25, 4, 2)))


@settings(deadline=None, max_examples=40)
@given(tilings(), SHAKES)
def test_a_shaken_tiling_is_whole_again_after_the_repair(areas: gpd.GeoDataFrame, shake: np.ndarray) -> None:
    """shapely is the judge: valid coverage, nothing outside the community, nothing left free."""
    broken = damaged(areas, shake)
    repaired, fixed = repair_areas(broken)
    assert set(fixed["kind"]) <= set(KINDS)
    assert check_areas(repaired).empty
    grids = basic(repaired)
    assert shapely.is_valid(grids).all()
    assert shapely.coverage_is_valid(grids)
    whole = shapely.coverage_union_all(grids)
    assert whole.symmetric_difference(repaired.geometry[0]).area < METRE**2
    moved = shapely.hausdorff_distance(grids, basic(areas))
    assert moved.max() < 3 * METRE
    again, more = repair_areas(repaired)
    assert more.empty
    assert again.equals(repaired)


@settings(deadline=None, max_examples=30)
@given(tilings(), SHAKES, st.randoms())
def test_the_order_of_rows_does_not_change_the_findings(
    areas: gpd.GeoDataFrame, shake: np.ndarray, random: st.DrawFn
) -> None:
    broken = damaged(areas, shake)
    rows = list(range(len(broken)))
    random.shuffle(rows)
    one, other = check_areas(broken), check_areas(broken.iloc[rows])
    names = ["kind", "code", "other", "repairable"]
    assert sorted(one[names].to_numpy().tolist()) == sorted(other[names].to_numpy().tolist())
    assert one["area_m2"].sum() == pytest.approx(other["area_m2"].sum())


@settings(deadline=None, max_examples=30)
@given(tilings(), st.integers(0, 15), st.integers(0, 15))
def test_overlaps_are_those_that_shapely_finds(areas: gpd.GeoDataFrame, which: int, grow: int) -> None:
    """One grid blown up by some metres: every pair and its area as by plain intersection."""
    rows = np.flatnonzero(areas["level"] == "grid")
    row = rows[which % len(rows)]
    areas.loc[row, "geometry"] = shapely.buffer(areas.geometry[row], (grow + 3) * METRE, join_style="mitre")
    found = check_areas(areas)
    found = found[found["kind"].isin(["overlap", "sliver"]) & (found["other"] != COMMUNITY)]
    metric = to_metric(areas)
    expected = {}
    for other in rows:
        area = metric.geometry[row].intersection(metric.geometry[other]).area
        if other != row and area > 1:
            expected[tuple(sorted((areas["code"][row], areas["code"][other])))] = area
    by_pair = found.groupby(["code", "other"])["area_m2"].sum()
    assert {pair: pytest.approx(area, rel=1e-3, abs=0.5) for pair, area in expected.items()} == by_pair[
        by_pair > 1
    ].to_dict()
