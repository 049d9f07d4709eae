"""The register check: every rule on its border days, unknown kept apart from wrong, and denominators that add up."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.cameras.compliance import RULES, RegisterCheck, RegisterRules, Sight, check_register
from gis.cameras.private_ground import PrivateGround
from gis.errors import ShapeError

ON = date(2026, 11, 24)
GOOD = {
    "id": "c1", "device_id": "15030400001326000001", "camera_type": "fixed", "azimuth": 90.0, "angle": 60.0, "range_m": 50.0,
    "place": "road", "notice": "yes", "filing_no": "WD1", "filed_on": "2025-05-01", "used_since": "2025-04-20",
    "retention_days": 30.0, "owner": "乌达区公安分局",
}  # fmt: skip


def check(*changes: dict[str, object], **told: object) -> RegisterCheck:
    """A check of cameras that watch nothing private, unless told."""
    clear = np.array([shapely.box(0, 0, 1, 1)] * len(changes), dtype=object)
    none = np.array([], dtype=object)
    told.setdefault("sight", Sight(clear, clear, PrivateGround(none, none)))
    return check_register(
        pd.DataFrame(
            [
                GOOD | {"id": f"c{n}", "device_id": f"1503040000132600{n:04d}"} | each
                for n, each in enumerate(changes, 1)
            ]
        ),
        on=ON,
        **told,
    )  # type: ignore[arg-type]


def state(rule: str, change: dict[str, object], **told: object) -> str:
    found = check(change, **told).findings
    mine = found.loc[found["rule"] == rule, "state"].tolist()
    return mine[0] if mine else "in_order"


def test_a_whole_entry_is_in_order_by_every_rule() -> None:
    found = check({})
    assert found.findings.empty
    assert found.summary["in_order"].tolist() == [1] * len(RULES)


@pytest.mark.parametrize(
    ("used", "filed", "expected"),
    [
        ("2025-04-01", "2025-05-01", "in_order"), ("2025-04-01", "2025-05-02", "wrong"), ("2025-03-31", "2025-07-01", "in_order"),
        ("2025-03-31", "2025-07-02", "wrong"), ("2019-01-01", "2025-06-30", "in_order"), ("2026-11-20", "", "in_order"),
        ("2026-10-24", "", "unknown"), ("", "2025-05-01", "unknown"),
    ],
)  # fmt: skip
def test_filing_is_due_after_thirty_days_and_for_old_systems_on_the_first_of_july(
    used: str, filed: str, expected: str
) -> None:
    assert state("filed_in_time", {"used_since": used, "filed_on": filed}) == expected


@pytest.mark.parametrize(
    ("days", "expected"),
    [(29.0, "wrong"), (30.0, "in_order"), (365.0, "in_order"), (366.0, "wrong"), (np.nan, "unknown")],
)
def test_retention_has_a_least_and_a_most(days: float, expected: str) -> None:
    assert state("retention", {"retention_days": days}) == expected


@pytest.mark.parametrize(
    ("kind", "expected"), [("road", "in_order"), ("toilet", "wrong"), ("", "unknown"), ("moon", "unknown")]
)
def test_only_public_places_are_in_order(kind: str, expected: str) -> None:
    assert state("place", {"place": kind}) == expected


def shapes(*boxes: tuple[float, float, float, float]) -> np.ndarray:
    return np.array([shapely.box(*each) for each in boxes] or [], dtype=object)


def sight(seen: np.ndarray, *, excluded: np.ndarray, homes: np.ndarray, may: np.ndarray | None = None) -> Sight:
    return Sight(seen, seen if may is None else may, PrivateGround(excluded, homes))


def test_a_camera_that_watches_excluded_ground_is_told_with_its_share_and_overlaps_count_once() -> None:
    watched = sight(shapes((0, 0, 10, 10)), excluded=shapes((8, 0, 20, 10), (8, 0, 9, 10)), homes=shapes())
    found = check({}, sight=watched).findings
    assert found[["rule", "state", "value"]].to_numpy().tolist() == [["excluded", "wrong", "20 m2, 20.0%"]]
    clear = sight(shapes((0, 0, 10, 10)), excluded=shapes((50, 0, 60, 10)), homes=shapes())
    assert check({}, sight=clear).findings.empty


@pytest.mark.parametrize(("wide", "expected"), [(1, "in_order"), (2, "wrong")])
def test_ground_before_homes_is_wrong_above_a_share_of_what_is_seen(wide: int, expected: str) -> None:
    watched = sight(shapes((0, 0, 10, 10)), excluded=shapes(), homes=shapes((10 - wide, 0, 12, 10)))
    assert state("homes", {}, sight=watched) == expected


def test_where_the_direction_is_not_known_what_may_be_watched_is_unknown_and_not_wrong() -> None:
    nothing = np.array([shapely.Polygon()], dtype=object)
    watched = sight(nothing, excluded=shapes((0, 0, 5, 10)), homes=shapes(), may=shapes((0, 0, 10, 10)))
    assert state("excluded", {}, sight=watched) == "unknown"


def test_visible_areas_are_one_a_camera() -> None:
    with pytest.raises(ShapeError):
        check({}, {}, sight=sight(shapes((0, 0, 1, 1)), excluded=shapes(), homes=shapes()))


def test_strips_lie_before_homes_and_excluded_buildings_and_round_places_without_one() -> None:
    houses = shapes((0, 0, 10, 10), (20, 0, 30, 10), (40, 0, 50, 10), (60, 0, 70, 10))
    ground = PrivateGround.of(
        houses, ["apartments", "Toilets", "commercial", "school"], places=np.array([[45.0, 5.0], [100.0, 100.0], [65.0, 5.0]]),
        place_kinds=["bathhouse", "toilet", "school"], strip_m=2,
    )  # fmt: skip
    assert shapely.area(ground.homes) == pytest.approx([4 * 20 + np.pi * 4], rel=0.01)
    assert [
        shapely.intersects(ground.excluded, shapely.Point(x, y)).any()
        for x, y in ((31, 5), (51, 5), (104, 100), (71, 5))
    ] == [
        True,
        True,
        True,
        False,
    ]
    assert not shapely.intersects(ground.excluded, shapely.Point(25, 5)).any(), "the building itself is no ground"


def test_angle_and_range_are_held_against_the_kind_of_place() -> None:
    assert state("reach", {"place": "residential_entrance", "range_m": 61.0}) == "wrong"
    assert state("reach", {"place": "residential_entrance", "range_m": 60.0}) == "in_order"
    assert state("reach", {"azimuth": np.nan}) == "unknown"
    assert state("reach", {"azimuth": np.nan, "camera_type": "dome"}) == "in_order"


@pytest.mark.parametrize(("answer", "expected"), [("yes", "in_order"), ("no", "wrong"), ("", "unknown")])
def test_the_notice_is_there_or_not_or_not_written_down(answer: str, expected: str) -> None:
    assert state("notice", {"notice": answer}) == expected


@pytest.mark.parametrize(
    ("owner", "expected"),
    [
        ("乌达区公安分局", "in_order"),
        ("张三", "wrong"),
        ("王小明 13812345678", "wrong"),
        ("金桥公司", "in_order"),
        ("", "unknown"),
    ],
)
def test_a_unit_is_responsible_and_no_person(owner: str, expected: str) -> None:
    found = check({"owner": owner}).findings
    assert (found["state"].tolist() or ["in_order"]) == [expected]
    assert owner == "" or not found.astype(str).apply(lambda column: column.str.contains(owner[:2])).any().any()


def test_no_filing_number_is_wrong_only_in_a_register_that_holds_some() -> None:
    assert check({"filing_no": ""}).findings["state"].tolist() == ["unknown"]
    both = check({}, {"filing_no": ""}).findings
    assert both[["camera", "rule", "state"]].to_numpy().tolist() == [["c2", "filing", "wrong"]]


def test_two_cameras_with_one_code_are_both_told() -> None:
    found = check({}, {"device_id": "15030400001326000001"}).findings
    assert found[found["rule"] == "code"]["camera"].tolist() == ["c1", "c2"]


def test_a_register_of_ids_alone_is_unknown_and_never_wrong() -> None:
    found = check_register(pd.DataFrame({"id": ["a", "b"]}), on=ON)
    assert set(found.findings["state"]) == {"unknown"}
    assert found.summary["wrong"].sum() == 0


@settings(max_examples=60, deadline=None)
@given(st.lists(st.fixed_dictionaries({
    "place": st.sampled_from(["road", "toilet", "", "x"]), "notice": st.sampled_from(["yes", "no", ""]),
    "retention_days": st.sampled_from([10.0, 30.0, np.nan]), "used_since": st.sampled_from(["2020-01-01", "2025-06-01", "", "bad"]),
    "filed_on": st.sampled_from(["2025-06-20", "2026-01-01", ""]), "owner": st.sampled_from(["公安局", "张三", ""]),
    "azimuth": st.sampled_from([0.0, np.nan]), "filing_no": st.sampled_from(["A", ""]),
}), min_size=1, max_size=6))  # fmt: skip
def test_in_order_wrong_and_unknown_add_up_to_the_cameras(changes: list[dict[str, object]]) -> None:
    found = check(*changes)
    assert (found.summary[["in_order", "wrong", "unknown"]].sum(axis=1) == len(changes)).all()
    assert len(found.findings) == found.summary[["wrong", "unknown"]].to_numpy().sum()


def test_the_district_may_want_more_days() -> None:
    assert state("retention", {"retention_days": 60.0}, rules=RegisterRules(retention_days=90)) == "wrong"


def test_without_visible_areas_the_kind_of_place_alone_is_checked() -> None:
    assert state("excluded", {}, sight=None) == "in_order"
    assert state("excluded", {"place": "toilet"}, sight=None) == "wrong"
    assert state("homes", {}, sight=None) == "unknown"


def test_without_a_kind_of_place_a_clear_view_does_not_settle_the_excluded_places() -> None:
    clear = sight(shapes((0, 0, 10, 10)), excluded=shapes((50, 0, 60, 10)), homes=shapes())
    assert state("excluded", {"place": ""}, sight=clear) == "unknown"
    watching = sight(shapes((0, 0, 10, 10)), excluded=shapes((8, 0, 20, 10)), homes=shapes())
    assert state("excluded", {"place": ""}, sight=watching) == "wrong"
