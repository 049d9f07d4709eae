"""Each fault of the streets is found, named once, and keeps nobody from using the rest."""

from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from gis.errors import ColumnError
from gis.roads import StreetCheck, check_streets
from tests.gis.roads.street_maker import CRS, EAST, NORTH, Line, streets

A, B, C, D = (0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 100.0)
SQUARE: Line = [A, B, C, D, A]


def check(lines: list[Line], *, district: shapely.Geometry | None = None, **columns: object) -> StreetCheck:
    table = streets(lines, kind=columns.pop("kind", None), oneway=columns.pop("oneway", None))  # type: ignore[arg-type]
    if district is not None:
        district = gpd.GeoSeries([district], crs=CRS).to_crs(4326).iloc[0]
    return check_streets(table.assign(**columns), crs=CRS, district=district)


def kinds(found: StreetCheck) -> list[tuple[str, str, str]]:
    table = found.findings
    return list(zip(table["kind"], table["street_ids"], table["mode"], strict=True))


def test_sound_streets_have_no_finding_and_a_report_a_mode() -> None:
    found = check([SQUARE])
    assert len(found.findings) == 0
    assert {name: told.components for name, told in found.reports.items()} == {"foot": 1, "ebike": 1, "car": 1}
    assert found.text("en").count("1 of 1 streets used") == 3
    assert found.text("zh").startswith("步行:1 条道路中用了 1 条")


def test_a_line_without_length_is_named_and_the_rest_is_used() -> None:
    found = check([SQUARE, [A, A]])
    assert kinds(found) == [("unusable", "s1", "")]
    assert found.reports["foot"].used == 1


def test_a_missing_line_is_named_and_the_rest_is_used() -> None:
    table = streets([SQUARE, [A, B]])
    table.loc[1, "geometry"] = None
    assert kinds(check_streets(table, crs=CRS)) == [("unusable", "s1", "")]


def test_a_line_that_crosses_itself_is_named() -> None:
    loop: Line = [A, C, B, (100.0, -50.0), (0.0, 50.0), A]
    assert kinds(check([loop, SQUARE]))[0] == ("self_crossing", "s0", "")


def test_a_street_that_comes_back_to_its_own_vertex_is_sound() -> None:
    """The loop at the end of a cul-de-sac, drawn as one line."""
    assert kinds(check([[A, B, C, D, B], SQUARE])) == []


def test_a_street_that_lies_on_another_is_named_in_either_direction() -> None:
    assert kinds(check([SQUARE, [A, C], [C, A]])) == [("duplicate", "s2", "")]


def test_a_part_cut_off_is_named_for_each_mode_that_uses_it() -> None:
    far: Line = [(500.0, 0.0), (600.0, 0.0)]
    found = check([SQUARE, far], kind=["residential", "footway"])
    assert kinds(found) == [("separate", "s1", "foot"), ("separate", "s1", "ebike")]
    assert found.findings["length_m"].tolist() == pytest.approx([100, 100], abs=0.1)
    place = found.findings.to_crs(CRS).geometry.iloc[0].bounds
    assert place == pytest.approx((EAST + 500, NORTH, EAST + 600, NORTH), abs=0.01)


def test_a_street_that_can_only_be_entered_is_a_trap_for_cars_alone() -> None:
    found = check([SQUARE, [C, (200.0, 200.0)]], oneway=[False, True])
    assert kinds(found) == [("one_way_trap", "s1", "car")]


def test_streets_far_outside_are_one_finding_and_all_outside_says_so() -> None:
    district = shapely.box(EAST, NORTH, EAST + 100, NORTH + 100)
    away: Line = [(3000.0, 0.0), (3100.0, 0.0)]
    near: Line = [B, (900.0, 0.0)]
    some = check([SQUARE, near, away], district=district)
    assert ("outside", "s2", "") in kinds(some)
    assert "1 streets (0.1 km)" in some.text("en")
    assert "check the file and its datum" in check([away], district=district).text("en")


def test_no_street_for_a_mode_is_a_finding_and_the_others_are_reported() -> None:
    found = check([SQUARE], kind=["footway"])
    assert kinds(found) == [("unusable", "", "car")]
    assert set(found.reports) == {"foot", "ebike"}
    assert "No street can be used by car" in found.text("en")


def test_closures_count_as_the_graph_counts_them() -> None:
    found = check([SQUARE, [B, (200.0, 0.0), (300.0, 0.0)], [(300.0, 0.0), (400.0, 0.0)]], closed_to=["", "car", ""])
    assert kinds(found) == [("separate", "s2", "car")]


def test_a_table_without_ids_is_refused() -> None:
    with pytest.raises(ColumnError, match="id"):
        check_streets(streets([SQUARE]).drop(columns="id"), crs=CRS)


@pytest.mark.real
def test_a_real_town_keeps_its_counts_together(shared_data: Path) -> None:
    from gis.layers import read_layer

    table = read_layer(shared_data / "patrol/streets/monaco.osm.gz", "streets").frame
    found = check_streets(table, crs="EPSG:32632")
    apart = found.findings[(found.findings["kind"] == "separate") & (found.findings["mode"] == "foot")]
    assert len(apart) == found.reports["foot"].components - 1
    assert apart["length_m"].sum() < 0.1 * found.reports["foot"].length_m
