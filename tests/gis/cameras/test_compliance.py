"""The register check: every rule on its border days, unknown kept apart from wrong, and denominators that add up."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.cameras.compliance import RULES, RegisterCheck, RegisterRules, check_register

ON = date(2026, 11, 24)
GOOD = {
    "id": "c1", "device_id": "15030400001326000001", "camera_type": "fixed", "azimuth": 90.0, "angle": 60.0, "range_m": 50.0,
    "place": "road", "notice": "yes", "filing_no": "WD1", "filed_on": "2025-05-01", "used_since": "2025-04-20",
    "retention_days": 30.0, "owner": "乌达区公安分局",
}  # fmt: skip


def check(*changes: dict[str, object], **told: object) -> RegisterCheck:
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


def test_a_camera_that_can_watch_excluded_ground_is_told_with_its_area() -> None:
    seen = np.array([shapely.box(0, 0, 10, 10)], dtype=object)
    yard = np.array([shapely.box(8, 0, 20, 10)], dtype=object)
    found = check({}, seen=seen, excluded_ground=yard).findings
    assert found[["rule", "value"]].to_numpy().tolist() == [["excluded", "20 m2"]]
    assert check({}, seen=seen, excluded_ground=np.array([shapely.box(50, 0, 60, 10)], dtype=object)).findings.empty


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
