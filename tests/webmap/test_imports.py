"""Imports find the datum, locate in the boundaries of the day, lose no good row, and change nothing the second time."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from gis.crs import wgs84_to_gcj02
from gis.errors import InputError
from gis.incidents import IncidentFilter
from gis.layers import ReadOptions
from webmap.config import Config
from webmap.imports import import_file, locate_incidents
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR, open_store

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "layers"


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 4, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def wuda(tmp_path: Path, clock: Clock) -> Iterator[Services]:
    """A store with Wuda's areas."""
    store = open_store(f"sqlite:///{tmp_path / 'wuda.db'}", create=True)
    services = Services(store, Config(), clock=clock)
    import_file(services, SAMPLE / "areas.geojson", "areas", viewer=LOCAL_OPERATOR, options=ReadOptions())
    yield services
    store.close()


@pytest.fixture
def gcj_file(tmp_path: Path, wuda_areas: gpd.GeoDataFrame, rng: np.random.Generator) -> Path:
    """Sixty reports in GCJ-02 that say nothing of their datum but declare their grid, two of them wrongly."""
    grids = wuda_areas[wuda_areas["kind"] == "basic"].sample(60, random_state=1)
    inside = grids.geometry.representative_point()
    lon, lat = wgs84_to_gcj02(inside.x, inside.y)
    declared = grids["code"].to_numpy().copy()
    declared[:2] = declared[2:4]
    table = pd.DataFrame({"工单编号": [f"T{k:03d}" for k in range(60)], "上报时间": "2026年10月3日 9时30分", "事件类别": "暴露垃圾",
                          "网格编码": declared, "经度": lon, "纬度": lat, "联系电话": "13800138000"})  # fmt: skip
    path = tmp_path / "12345.csv"
    table.to_csv(path, index=False, encoding="gbk")
    return path


def bring(services: Services, path: Path, **options: object) -> object:
    return import_file(services, path, "incidents", viewer=LOCAL_OPERATOR, options=ReadOptions(**options))


def test_the_datum_is_found_by_the_declared_grids_and_said(wuda: Services, gcj_file: Path) -> None:
    outcome = bring(wuda, gcj_file)
    assert outcome.report.datum.datum == "gcj02"
    assert outcome.report.datum.sure > 0.9
    kept = wuda.incidents(LOCAL_OPERATOR, IncidentFilter())
    assert len(kept) == 60
    assert (kept["grid"] == kept["declared_area"]).sum() == 58
    assert set(kept["datum"]) == {"gcj02"}
    assert abs(kept["x_orig"] - kept["lon"]).min() > 0.003


def test_nothing_personal_is_stored_and_the_report_says_what_was_dropped(wuda: Services, gcj_file: Path) -> None:
    outcome = bring(wuda, gcj_file)
    assert outcome.report.dropped_personal == ["联系电话"]
    stored = wuda.incidents(LOCAL_OPERATOR, IncidentFilter()).astype(str)
    assert not stored.apply(lambda column: column.str.contains("13800138000")).any().any()


def test_the_same_file_twice_changes_nothing(wuda: Services, gcj_file: Path) -> None:
    first = bring(wuda, gcj_file)
    version = wuda.version()
    again = bring(wuda, gcj_file)
    assert (first.stored.inserted, again.stored.inserted, again.stored.unchanged) == (60, 0, 60)
    assert wuda.version().split(".")[0] == version.split(".")[0]
    assert len(wuda.incidents(LOCAL_OPERATOR, IncidentFilter())) == 60


def test_a_dry_run_stores_nothing(wuda: Services, gcj_file: Path) -> None:
    outcome = import_file(wuda, gcj_file, "incidents", viewer=LOCAL_OPERATOR, options=ReadOptions(), dry_run=True)
    assert outcome.stored is None
    assert outcome.report.rows_ok == 60
    assert wuda.incidents(LOCAL_OPERATOR, IncidentFilter()).empty


def test_a_boundary_change_does_not_rewrite_history(
    wuda: Services, wuda_areas: gpd.GeoDataFrame, tmp_path: Path, clock: Clock
) -> None:
    """Two grids swap their outlines in 2027: an incident of 2026 keeps its grid, one of 2027 gets the new one."""
    first, second = wuda_areas[wuda_areas["kind"] == "basic"].index[:2]
    point = wuda_areas.geometry[first].representative_point()
    clock.now = datetime(2027, 1, 1, 4, tzinfo=UTC)
    changed = wuda_areas.copy()
    changed.loc[[first, second], "geometry"] = wuda_areas.geometry[[second, first]].to_numpy()
    changed.to_file(tmp_path / "areas.geojson", driver="GeoJSON")
    import_file(wuda, tmp_path / "areas.geojson", "areas", viewer=LOCAL_OPERATOR, options=ReadOptions())
    table = pd.DataFrame({"id": ["old", "new"], "time": ["2026-12-31 23:59", "2027-01-01 00:00"], "category": "06010",
                          "scheme": "wangge", "lon": point.x, "lat": point.y})  # fmt: skip
    table.to_csv(tmp_path / "two.csv", index=False)
    bring(wuda, tmp_path / "two.csv", datum="wgs84")
    grid = wuda.incidents(LOCAL_OPERATOR, IncidentFilter()).set_index("id")["grid"]
    assert grid["old"] == wuda_areas.code[first]
    assert grid["new"] == wuda_areas.code[second]
    assert locate_incidents(wuda, LOCAL_OPERATOR) == 0


def test_areas_that_come_after_the_incidents_locate_them(tmp_path: Path, gcj_file: Path, clock: Clock) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'late.db'}", create=True)
    services = Services(store, Config(), clock=clock)
    bring(services, gcj_file, datum="gcj02")
    assert (services.incidents(LOCAL_OPERATOR, IncidentFilter())["grid"] == "").all()
    import_file(services, SAMPLE / "areas.geojson", "areas", viewer=LOCAL_OPERATOR, options=ReadOptions())
    assert (services.incidents(LOCAL_OPERATOR, IncidentFilter())["grid"] != "").all()
    store.close()


def test_streets_alone_do_not_wipe_the_grids(wuda: Services, wuda_areas: gpd.GeoDataFrame, tmp_path: Path) -> None:
    only = wuda_areas[wuda_areas["level"] == "street"]
    only.to_file(tmp_path / "streets.geojson", driver="GeoJSON")
    import_file(wuda, tmp_path / "streets.geojson", "areas", viewer=LOCAL_OPERATOR, options=ReadOptions())
    assert len(wuda.areas(LOCAL_OPERATOR)) == len(wuda_areas)


def test_an_unknown_layer_is_refused(wuda: Services, gcj_file: Path) -> None:
    with pytest.raises(InputError, match="choose one of"):
        import_file(wuda, gcj_file, "people", viewer=LOCAL_OPERATOR, options=ReadOptions())
