"""Hot spots of the sample: figures that can be counted again, ids that stay, what became of the period before, who knows cameras."""

import numpy as np
import pandas as pd
import pytest
import shapely

from gis.errors import FilterError, InputError, NotFoundError
from gis.hotspots import METHODS, HotCellOptions
from gis.incidents import IncidentFilter
from webmap.downloads import export_table
from webmap.filters import day_filter
from webmap.hotspots.answers import about, cameras_of, features_of, table_of
from webmap.hotspots.exported import COLUMNS, TREND_COLUMNS, HotSpotExport
from webmap.hotspots.found import hot_spots, one_of
from webmap.hotspots.question import HotSpotQuestion, base_of
from webmap.hotspots.trends import trends
from webmap.services import Period, Services
from webmap.store import LOCAL_OPERATOR, Viewer

ZONE = "Asia/Shanghai"
AUTUMN = day_filter("2026-08-01", "2026-10-31", zone=ZONE)
STREET = "150304008000"


@pytest.mark.parametrize("method", METHODS)
def test_every_method_tells_areas_with_their_evidence(method: str, services: Services) -> None:
    found = hot_spots(services, LOCAL_OPERATOR, AUTUMN, HotSpotQuestion(method))
    table = found.table
    assert len(table) > 0
    assert table["id"].is_unique
    assert table["rank"].tolist() == list(range(1, len(table) + 1))
    numbers = table[["count", "expected", "ratio", "p", "pai", "area_km2", "per_km2", "change_p"]].to_numpy(dtype=float)
    assert np.isfinite(numbers).all()
    assert ((table["p"] >= 0) & (table["p"] < 0.05)).all()
    # Counted again from the rows themselves.
    assert pd.Series(found.spot[found.spot != ""]).value_counts().to_dict() == table.set_index("id")["count"].to_dict()
    told = about(services, LOCAL_OPERATOR, found)
    assert told["found_by"] == ["report"]
    assert told["counted"] <= told["incidents"] == services.tally(LOCAL_OPERATOR, found.asked).total
    assert set(table["change"]) <= {"new", "persistent"}
    assert table["count"].min() >= 5
    assert told["explanation"]["means_not_zh"]


def test_the_same_question_has_the_same_ids_and_keys_and_another_period_other_keys(services: Services) -> None:
    question = HotSpotQuestion("gi_star")
    one = hot_spots(services, LOCAL_OPERATOR, AUTUMN, question)
    services._kept.clear()
    again = hot_spots(services, LOCAL_OPERATOR, AUTUMN, question)
    assert one is not again
    assert one.table[["id", "key"]].equals(again.table[["id", "key"]])
    later = hot_spots(
        services, LOCAL_OPERATOR, day_filter("2026-08-02", "2026-10-31", zone=ZONE), HotSpotQuestion("gi_star")
    )
    assert not set(one.table["key"]) & set(later.table["key"])
    assert set(one.table["id"]) & set(later.table["id"])


def test_what_persists_overlaps_the_period_before_and_what_dissolved_is_told_with_both_counts(
    services: Services,
) -> None:
    question = HotSpotQuestion()
    now = hot_spots(services, LOCAL_OPERATOR, AUTUMN, question)
    assert now.before is not None
    assert now.cells.optimized is not None
    summer = day_filter("2026-05-01", "2026-07-31", zone=ZONE)
    cells = now.cells.optimized
    options = HotCellOptions(cell_m=cells.cells.side_m, band_m=cells.band_m)
    before = hot_spots(services, LOCAL_OPERATOR, summer, HotSpotQuestion(options=options, versus="none"))
    old = shapely.union_all(before.table.geometry.to_numpy())
    touching = shapely.area(shapely.intersection(now.table.geometry.to_numpy(), old)) > 0
    assert touching[(now.table["change"] == "persistent").to_numpy()].all()
    assert set(now.gone["id"]) <= set(before.table["id"])
    assert len(now.gone) + sum(len(each.split()) for each in now.table["was"]) == len(before.table)
    told = now.gone.set_index("id")["before"].to_dict()
    assert told == {each: before.table.set_index("id")["count"][each] for each in told}


def test_reports_alone_count_unless_patrol_findings_are_asked_for(services: Services) -> None:
    both = day_filter("2026-08-01", "2026-10-31", zone=ZONE, found_by=("report", "patrol"))
    question = HotSpotQuestion("gi_star")
    reports, all_ = (hot_spots(services, LOCAL_OPERATOR, each, question) for each in (AUTUMN, both))
    assert len(all_.reports.frame) > len(reports.reports.frame)
    assert about(services, LOCAL_OPERATOR, all_)["found_by"] == ["report", "patrol"]


def test_without_data_before_nothing_is_compared_and_the_reason_is_told(services: Services) -> None:
    whole = hot_spots(services, LOCAL_OPERATOR, IncidentFilter(), HotSpotQuestion("gi_star"))
    assert whole.before is None
    assert set(whole.table["change"]) == {""}
    assert whole.before_note is not None
    assert "没有完整数据" in whole.before_note[0]
    assert "against" not in whole.explanation.means[1]


def test_a_period_that_reaches_beyond_the_data_is_judged_by_the_days_that_have_some(services: Services) -> None:
    wide = day_filter("0001-02-01", "9998-12-31", zone=ZONE)
    whole, found = (
        hot_spots(services, LOCAL_OPERATOR, each, HotSpotQuestion("emerging")) for each in (IncidentFilter(), wide)
    )
    assert found.reports.period.days == 1096
    assert found.table["id"].tolist() == whole.table["id"].tolist()
    with pytest.raises(FilterError):
        hot_spots(services, LOCAL_OPERATOR, day_filter("1990-01-01", "1990-12-31", zone=ZONE), HotSpotQuestion())
    short = HotSpotQuestion("emerging", HotCellOptions(step_days=1.0))
    with pytest.raises(InputError, match="at most 500"):
        hot_spots(services, LOCAL_OPERATOR, IncidentFilter(), short)


def test_the_period_before_is_as_long_and_a_year_ago_has_the_same_weekdays() -> None:
    data = Period(pd.Timestamp("2023-11-01", tz=ZONE), pd.Timestamp("2026-11-01", tz=ZONE))
    period = Period(AUTUMN.since, AUTUMN.until)
    base, note = base_of(AUTUMN, period, data, versus="previous", zone=ZONE)
    assert note is None
    assert (base.since.date().isoformat(), base.until.date().isoformat()) == ("2026-05-01", "2026-08-01")
    year, _ = base_of(AUTUMN, period, data, versus="year", zone=ZONE)
    assert (AUTUMN.since - year.since).days == 364
    assert base_of(AUTUMN, period, data, versus="none", zone=ZONE) == (None, None)
    long = Period(pd.Timestamp("2025-06-01", tz=ZONE), AUTUMN.until)
    wide, note = base_of(AUTUMN, long, data, versus="year", zone=ZONE)
    assert wide is None
    assert "overlaps" in note[1]


def test_questions_that_make_no_sense_are_refused_and_few_incidents_are_told(services: Services) -> None:
    for bad in ({"method": "heat"}, {"versus": "tomorrow"}, {"options": HotCellOptions(cell_m=1.0)}):
        with pytest.raises(FilterError):
            HotSpotQuestion(**bad)
    day = day_filter("2026-10-30", "2026-10-30", zone=ZONE)
    with pytest.raises(InputError) as error:
        hot_spots(services, LOCAL_OPERATOR, day, HotSpotQuestion())
    assert "至少需要" in error.value.zh
    found = hot_spots(services, LOCAL_OPERATOR, AUTUMN, HotSpotQuestion("gi_star"))
    with pytest.raises(NotFoundError, match="no hot spot 'HS-x'"):
        one_of(found, "HS-x")


def test_a_viewer_of_one_street_gets_that_street_alone(services: Services) -> None:
    theirs = Viewer("fenxi", "analyst", (STREET,))
    table = table_of(services, theirs, hot_spots(services, theirs, AUTUMN, HotSpotQuestion()))
    assert len(table) > 0
    assert table.intersects(services.window(theirs)).all()
    assert all(code.startswith(STREET[:9]) for each in table["grids"] for code, _ in each)


def test_trends_class_every_grid_and_agree_with_the_areas(services: Services) -> None:
    table, told = trends(services, LOCAL_OPERATOR, AUTUMN, HotSpotQuestion())
    assert len(table) == len(services.cells(LOCAL_OPERATOR))
    assert sum(each["grids"] for each in told["classes"]) == len(table)
    assert len(told["edges"]) - 1 == len(table["z"].iloc[0]) == len(table["counts"].iloc[0]) == 13
    assert (table["counts"].map(sum).sum() + told["left_out"]) == told["counted"] == table["count"].sum()
    areas = hot_spots(services, LOCAL_OPERATOR, AUTUMN, HotSpotQuestion("emerging"))
    hot = set(table.loc[table["class"].between(1, 7), "code"])
    listed = set(np.asarray(areas.cells.figures.code)[np.asarray(areas.cells.figures.hot)])
    assert listed <= hot
    assert (table.set_index("code").loc[sorted(hot - listed), "count"] < 5).all()


def test_cameras_are_told_by_number_id_and_share_to_whom_they_may_be(services: Services) -> None:
    question = HotSpotQuestion("gi_star")
    told = cameras_of(services, LOCAL_OPERATOR, AUTUMN, question, LOCAL_OPERATOR)
    found = hot_spots(services, LOCAL_OPERATOR, AUTUMN, question)
    assert set(told) == {*found.table["id"], *found.gone["id"]}
    assert any(each["cameras"] == len(each["ids"]) > 0 and 0 < each["seen_share"] <= 1 for each in told.values())
    assert not {"cameras", "camera_ids"} & set(features_of(table_of(services, LOCAL_OPERATOR, found)).columns)


def test_exports_have_the_same_columns_everywhere_and_cameras_for_those_who_may_alone(services: Services) -> None:
    question = HotSpotQuestion("gi_star")
    plain = export_table(
        services, "hotspot_areas", viewer=LOCAL_OPERATOR, asked=AUTUMN, spots=HotSpotExport(question)
    )  # fmt: skip
    assert tuple(plain.columns) == (*COLUMNS, "geometry")
    with_cameras = export_table(
        services, "hotspot_areas", viewer=LOCAL_OPERATOR, asked=AUTUMN, spots=HotSpotExport(question, LOCAL_OPERATOR)
    )
    assert {"cameras", "camera_ids", "seen_share"} <= set(with_cameras.columns)
    rows = export_table(services, "hotspot_trends", viewer=LOCAL_OPERATOR, asked=AUTUMN)
    assert tuple(rows.columns) == (*TREND_COLUMNS, "geometry")
