"""Incidents come back as they went in, to the asked part, on both stores alike."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis.errors import ColumnError, GeometryError, InputError, ScopeError
from gis.incidents.filter import IncidentFilter
from gis.schemas import INCIDENTS
from tests.webmap.store.conftest import BOTH, DISTRICT, GRIDS, NOW, SETTINGS, STREET_A, SUPERVISOR_A, located_reports
from webmap.store import LOCAL_OPERATOR, Store, Upserted, Viewer, init_store

ZONE = "Asia/Shanghai"


def test_what_went_in_comes_back_with_types_and_microseconds(store: Store, reports: pd.DataFrame) -> None:
    reports.loc[0, "occurred_at"] += timedelta(microseconds=1)
    reports.loc[1, "occurred_to"] = reports.loc[1, "occurred_at"] + timedelta(hours=3)
    store.incidents.upsert(reports, viewer=LOCAL_OPERATOR, now=NOW)
    found = store.incidents.read(LOCAL_OPERATOR)
    assert list(found.columns) == INCIDENTS.names
    pd.testing.assert_frame_equal(found[list(reports.columns)], reports)
    assert (found["department"] == "").all()


def test_an_empty_store_answers_with_an_empty_table_of_the_right_types(store: Store) -> None:
    found = store.incidents.read(LOCAL_OPERATOR)
    assert found.empty
    assert str(found["occurred_at"].dtype) == "datetime64[us, UTC]"
    assert str(found["grid"].dtype) == "str"


def test_the_same_table_twice_changes_nothing(wuda: Store, reports: pd.DataFrame) -> None:
    before = wuda.change_seq()
    assert wuda.incidents.upsert(reports, viewer=LOCAL_OPERATOR, now=NOW) == Upserted(0, 0, 9)
    assert wuda.change_seq() == before


def test_new_changed_and_same_rows_are_told_apart(wuda: Store, reports: pd.DataFrame) -> None:
    reports.loc[2, "status"] = "closed"
    reports.loc[0, "x_orig"] = 106.7
    more = pd.concat([reports.fillna({"status": ""}), located_reports(12).iloc[9:].assign(status="")])
    assert wuda.incidents.upsert(more, viewer=LOCAL_OPERATOR, now=NOW) == Upserted(3, 2, 7)
    assert wuda.changes.since(wuda.change_seq() - 1)[0].count == 5


def test_of_one_id_twice_in_a_table_the_last_row_counts(store: Store, reports: pd.DataFrame) -> None:
    twice = pd.concat([reports, reports.iloc[[3]].assign(category="0909")])
    assert store.incidents.upsert(twice, viewer=LOCAL_OPERATOR, now=NOW) == Upserted(9, 0, 1)
    assert store.incidents.read(LOCAL_OPERATOR).set_index("id").loc["r000003", "category"] == "0909"


def test_a_table_without_locations_keeps_those_of_unmoved_points_and_clears_those_of_moved_ones(
    wuda: Store, reports: pd.DataFrame
) -> None:
    again = reports.drop(columns=["grid", "community", "street", "district"])
    again.loc[1, "lon"] += 0.001
    assert wuda.incidents.upsert(again, viewer=LOCAL_OPERATOR, now=NOW) == Upserted(0, 1, 8)
    grids = wuda.incidents.read(LOCAL_OPERATOR)["grid"].tolist()
    assert grids[:3] == [GRIDS[0], "", GRIDS[2]]


def test_locations_are_written_by_id_and_only_what_differs_counts(wuda: Store) -> None:
    located = pd.DataFrame(
        {
            "id": ["r000000", "r000001", "nobody"],
            "grid": [GRIDS[0], GRIDS[3], GRIDS[3]],
            "community": ["150304009008", "150304010001", "150304010001"],
            "street": [STREET_A, "150304010000", "150304010000"],
            "district": DISTRICT,
        }
    )
    assert wuda.incidents.set_located(located, viewer=LOCAL_OPERATOR, now=NOW) == 1
    assert wuda.incidents.read(LOCAL_OPERATOR)["grid"].tolist()[:2] == [GRIDS[0], GRIDS[3]]
    before = wuda.change_seq()
    assert wuda.incidents.set_located(located, viewer=LOCAL_OPERATOR, now=NOW) == 0
    assert wuda.change_seq() == before


def test_few_columns_come_alone_and_in_the_asked_order(wuda: Store) -> None:
    asked = IncidentFilter(hours=(23,))
    assert list(wuda.incidents.read(LOCAL_OPERATOR, asked, columns=["lat", "lon"]).columns) == ["lat", "lon"]


def test_progress_ends_at_all_rows(store: Store, reports: pd.DataFrame) -> None:
    told: list[tuple[int, int]] = []
    store.incidents.upsert(
        reports, viewer=LOCAL_OPERATOR, now=NOW, progress=lambda done, total: told.append((done, total))
    )
    assert told[-1] == (9, 9)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_an_unknown_column_is_refused(wuda: Store) -> None:
    with pytest.raises(ColumnError, match="no column shoe_size"):
        wuda.incidents.read(LOCAL_OPERATOR, columns=["id", "shoe_size"])


@pytest.mark.parametrize(
    ("column", "value", "error", "words"),
    [
        ("lon", 206.7, GeometryError, "off the earth"),
        ("lat", float("inf"), GeometryError, "off the earth"),
        ("lon", np.nan, ColumnError, "missing in 1 rows"),
        ("category", "", ColumnError, "missing in 1 rows"),
        ("address", "a\x00b", ColumnError, "NUL"),
    ],
)
def test_rows_that_no_store_should_hold_are_refused_and_nothing_is_kept(
    store: Store, reports: pd.DataFrame, column: str, value: object, error: type[Exception], words: str
) -> None:
    reports.loc[4, column] = value
    with pytest.raises(error, match=words):
        store.incidents.upsert(reports, viewer=LOCAL_OPERATOR, now=NOW)
    assert store.incidents.count(LOCAL_OPERATOR) == 0
    assert store.change_seq() == 0


def test_numbers_in_a_text_column_are_refused(store: Store, reports: pd.DataFrame) -> None:
    with pytest.raises(ColumnError, match=r"grid .* must be text"):
        store.incidents.upsert(reports.assign(grid=150304009008001), viewer=LOCAL_OPERATOR, now=NOW)


def test_times_without_zone_are_refused(store: Store, reports: pd.DataFrame) -> None:
    naive = reports.assign(occurred_at=reports["occurred_at"].dt.tz_localize(None))
    with pytest.raises(ColumnError, match=r"occurred_at .* must be time"):
        store.incidents.upsert(naive, viewer=LOCAL_OPERATOR, now=NOW)


def test_a_missing_column_is_named(store: Store, reports: pd.DataFrame) -> None:
    with pytest.raises(ColumnError, match="lacks occurred_at"):
        store.incidents.upsert(reports.drop(columns="occurred_at"), viewer=LOCAL_OPERATOR, now=NOW)


def test_a_now_without_zone_is_refused(store: Store, reports: pd.DataFrame) -> None:
    with pytest.raises(InputError, match="time zone"):
        store.incidents.upsert(reports, viewer=LOCAL_OPERATOR, now=datetime(2026, 1, 1))


def test_a_supervisor_reads_and_counts_their_street_alone(wuda: Store) -> None:
    found = wuda.incidents.read(SUPERVISOR_A)
    assert set(found["street"]) == {STREET_A}
    assert len(found) == wuda.incidents.count(SUPERVISOR_A) == 4
    asked = IncidentFilter(area="150304010000")
    assert wuda.incidents.read(SUPERVISOR_A, asked).empty
    assert wuda.incidents.count(SUPERVISOR_A, asked) == 0


def test_a_supervisor_writes_inside_their_street_alone(wuda: Store, reports: pd.DataFrame) -> None:
    own = reports[reports["street"] == STREET_A].assign(status="closed")
    assert wuda.incidents.upsert(own, viewer=SUPERVISOR_A, now=NOW).updated == 4
    for foreign in (reports, own.assign(grid="", community="", street="", district="")):
        with pytest.raises(ScopeError, match="nothing was kept"):
            wuda.incidents.upsert(foreign.assign(status="open"), viewer=SUPERVISOR_A, now=NOW)
    stolen = reports.iloc[[2]].assign(grid=GRIDS[0], community=GRIDS[0][:12], street=STREET_A)
    with pytest.raises(ScopeError, match="nothing was kept"):
        wuda.incidents.upsert(stolen, viewer=SUPERVISOR_A, now=NOW)


def test_a_supervisor_does_not_relocate(wuda: Store, reports: pd.DataFrame) -> None:
    with pytest.raises(ScopeError):
        wuda.incidents.set_located(reports, viewer=SUPERVISOR_A, now=NOW)


def test_areas_without_code_logic_hold_what_hangs_below_them(store: Store, two_streets: pd.DataFrame) -> None:
    """Codes of other cities: only the parent says what lies inside."""
    names = dict(zip(two_streets["code"], [f"area-{n}" for n in range(9)], strict=True))
    renamed = two_streets.assign(
        code=two_streets["code"].map(names), parent=two_streets["parent"].map(names).fillna("")
    )
    store.areas.replace(renamed, viewer=LOCAL_OPERATOR, now=NOW)
    reports = located_reports(9)
    reports["grid"] = reports["grid"].map(names).fillna("")
    bare = reports.assign(community="", street="", district="")
    store.incidents.upsert(bare, viewer=LOCAL_OPERATOR, now=NOW)
    viewer = Viewer("li", "supervisor", (names[STREET_A],))
    assert set(store.incidents.read(viewer)["grid"]) == {names[GRIDS[0]], names[GRIDS[1]]}


@pytest.fixture(scope="module", params=BOTH)
def standing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store that is only read, with codes of every level and of no level."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('standing') / 'wuda.db'}"
    else:
        url = request.getfixturevalue("postgres_cluster").new_database()
    store = init_store(url, SETTINGS)
    reports = located_reports(400)
    rng = np.random.default_rng(3)
    codes = ["", *GRIDS, "150304009008", "150304010001", STREET_A, "150304010000", DISTRICT, "150302001001001", "D51"]
    for level in ("grid", "community", "street", "district"):
        reports[level] = rng.choice(codes, len(reports))
    store.incidents.upsert(reports, viewer=LOCAL_OPERATOR, now=NOW)
    yield store
    store.close()


MOMENTS = st.datetimes(datetime(2026, 3, 1), datetime(2026, 3, 12), timezones=st.just(UTC))
AREAS = st.sampled_from(["", "150300000000", DISTRICT, STREET_A, "150304009008", *GRIDS, "D51", "999"])


@st.composite
def questions(draw: st.DrawFn) -> IncidentFilter:
    since, until = sorted([draw(MOMENTS), draw(MOMENTS)])
    some = draw(st.booleans())
    return IncidentFilter(
        since=since if draw(st.booleans()) and since < until else None,
        until=until if draw(st.booleans()) else None,
        categories=draw(st.sampled_from([(), ("0102",), ("井盖", "0601")])),
        sources=draw(st.sampled_from([(), ("grid",)])),
        found_by=draw(st.sampled_from([(), ("report",)])),
        area=draw(AREAS),
        hours=(7, 8, 23) if some else (),
        weekdays=draw(st.sampled_from([(), (0, 6)])),
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=questions())
def test_the_store_answers_exactly_what_the_filter_keeps(standing: Store, asked: IncidentFilter) -> None:
    everything = standing.incidents.read(LOCAL_OPERATOR)
    wanted = everything[asked.mask(everything, ZONE)].reset_index(drop=True)
    pd.testing.assert_frame_equal(standing.incidents.read(LOCAL_OPERATOR, asked), wanted)
    assert standing.incidents.count(LOCAL_OPERATOR, asked) == len(wanted)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(areas=st.lists(AREAS.filter(bool), min_size=1, max_size=3), asked=questions())
def test_a_viewer_sees_what_lies_in_their_areas_by_code(
    standing: Store, areas: list[str], asked: IncidentFilter
) -> None:
    everything = standing.incidents.read(LOCAL_OPERATOR)
    seen = np.any([IncidentFilter(area=area).mask(everything, ZONE) for area in areas], axis=0)
    wanted = everything[seen & asked.mask(everything, ZONE)].reset_index(drop=True)
    pd.testing.assert_frame_equal(standing.incidents.read(Viewer("v", "viewer", tuple(areas)), asked), wanted)
