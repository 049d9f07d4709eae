"""A thousand patrol findings, imported as such, change no hot spot, no heat and no patrol demand; asked for by name, they do."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from gis.incidents import IncidentFilter
from gis.layers import ReadOptions
from tests.webmap.conftest import NOON, sample_copy
from webmap.config import Config
from webmap.downloads import export_table
from webmap.exposure import exposure_of
from webmap.imports import import_file
from webmap.pages.summaries import heat_legend, heat_picture, summary
from webmap.planning import PlanRequest, wanted_stops
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR, open_store

FINDINGS = 1000
BOTH = IncidentFilter(found_by=("report", "patrol"))
ANY = IncidentFilter()


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """The sample in a store of its own."""
    services = Services(open_store(sample_copy(tmp_path_factory)), Config(), clock=lambda: NOON)
    yield services
    services.close()


def learned(services: Services) -> dict[str, pd.DataFrame]:
    """What the learners make of the data by default: hot grids, heat, the export of both, stops of the next shift."""
    request = PlanRequest(services.today(), "night", sources=("hot_spot",))
    legend, picture = (
        heat_legend(services, LOCAL_OPERATOR, ANY, None, 13),
        heat_picture(services, LOCAL_OPERATOR, ANY, None),
    )
    return {
        "hot": pd.DataFrame(services.hot_grids(LOCAL_OPERATOR, ANY).drop(columns="geometry")),
        "heat": pd.DataFrame([legend["bandwidth_m"], legend["incidents"], picture["image"]]),
        "heat export": pd.DataFrame(
            export_table(services, "heat", viewer=LOCAL_OPERATOR, asked=ANY).drop(columns="geometry")
        ),
        "stops": wanted_stops(services, request, viewer=LOCAL_OPERATOR),
    }


@pytest.fixture(scope="module")
def before_and_after(
    own: Services, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame], str, dict[str, object]]:
    """What was learned, what is learned after a thousand findings in one quiet grid, the grid, and the exposure before."""
    before, told = learned(own), exposure_of(own, LOCAL_OPERATOR, ANY)
    cells = own.cells(LOCAL_OPERATOR).set_index("code")
    quiet = str(before["hot"]["code"].iloc[-1])
    cell = cells.loc[quiet].geometry.representative_point()
    # Of the last weeks, and before the last report: the data end where they ended.
    last = own.date_range(LOCAL_OPERATOR)
    assert last is not None
    minutes = np.random.default_rng(1).integers(120, 60 * 24 * 40, FINDINGS)
    table = pd.DataFrame(
        {
            "id": [f"P{number:04d}" for number in range(FINDINGS)],
            "occurred_at": [(last.until - timedelta(minutes=int(m))).isoformat() for m in minutes],
            "category": "06010",
            "source": "inspection",
            "found_by": "patrol",
            "lon": cell.x,
            "lat": cell.y,
        }
    )
    path: Path = tmp_path_factory.mktemp("found") / "findings.csv"
    table.to_csv(path, index=False)
    done = import_file(own, path, "incidents", viewer=LOCAL_OPERATOR, options=ReadOptions(datum="wgs84", lang="en"))
    assert done.report.rows_ok == FINDINGS
    return before, learned(own), quiet, told


def test_the_thousand_findings_are_in_the_store_as_findings(own: Services, before_and_after: object) -> None:
    found = own.incidents(LOCAL_OPERATOR, IncidentFilter(found_by=("patrol",)))
    assert found["id"].str.startswith("P").sum() == FINDINGS


@pytest.mark.parametrize("learner", ["hot", "heat", "heat export", "stops"])
def test_a_thousand_patrol_findings_change_nothing_that_is_learned(
    learner: str, before_and_after: tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame], str, dict[str, object]]
) -> None:
    before, after, _, _ = before_and_after
    assert len(after[learner])
    assert_frame_equal(before[learner], after[learner])


def test_asked_for_by_name_they_bring_their_grid_to_the_front(
    own: Services, before_and_after: tuple[dict[str, pd.DataFrame], object, str, object]
) -> None:
    """Without this the tests above would hold for findings that nobody counts at all."""
    before, _, quiet, _ = before_and_after
    ranked, was = own.hot_grids(LOCAL_OPERATOR, BOTH), before["hot"]
    place, had = (table["code"].tolist().index(quiet) for table in (ranked, was))
    assert place < 20 < 100 < had
    assert ranked["count"].iloc[place] >= FINDINGS + was["count"].iloc[had]


def test_the_page_is_told_how_exposure_was_treated_and_how_much_was_left_out(
    own: Services, before_and_after: tuple[object, object, str, dict[str, object]]
) -> None:
    before, now = before_and_after[3], summary(own, LOCAL_OPERATOR, ANY)
    assert now["exposure"]["treatment"] == "reports"
    assert now["exposure"]["findings"] == before["findings"] + FINDINGS  # type: ignore[operator]
    assert f"{now['exposure']['findings']:,}" in now["exposure"]["zh"]
    # The total is of what the grids were counted from.
    assert now["counted"] == own.tally(LOCAL_OPERATOR, IncidentFilter(found_by=("report",))).total
    assert now["incidents"] == now["counted"] + now["exposure"]["findings"] == now["of"]
    warned = summary(own, LOCAL_OPERATOR, BOTH)
    assert warned["exposure"]["treatment"] == "naive"
    assert warned["exposure"]["en"].startswith("Warning")
    assert warned["counted"] == warned["incidents"] == now["of"]
