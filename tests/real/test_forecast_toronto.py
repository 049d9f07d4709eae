"""Toronto and Chicago 2019: models and settings chosen on what lay before, the year scored once, against printed bars.

The bars are those of the plan: weekly rounds, cells of 250 m, the top 1 % of the area, ties by expected hits. They were met in
the first look at 2019; nothing was tuned afterwards (docs/methods/forecast.md tells what was looked at).
"""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from gis.forecast import Cells, History, Rounds, backtest, choose_model, lattice_cells, make_history, rounds_between
from gis.forecast.counts import CountModel, DecayModel, KernelModel

pytestmark = pytest.mark.real

BARS = {
    "": 17.8,
    "Assault": 22.2,
    "Break and Enter": 16.9,
    "Auto Theft": 12.9,
    "Robbery": 21.8,
    "Theft Over": 22.2,
}
EPOCH = pd.Timestamp("1970-01-01")


def day_of(text: str) -> float:
    return float((pd.Timestamp(text) - EPOCH).days)


@pytest.fixture(scope="module")
def weeks_of_2019() -> Rounds:
    return rounds_between(day_of("2019-01-01"), day_of("2019-12-31"))


@pytest.fixture(scope="module")
def toronto(shared_data: Path) -> tuple[History, Cells]:
    folder = shared_data / "incidents" / "toronto"
    district = gpd.read_file(folder / "neighbourhoods.geojson").to_crs(32617).union_all()
    rows = pd.read_csv(folder / "toronto_mci_2014_2021.csv.gz")
    rows = rows[(rows["date"] >= "2014-01-01") & (rows["date"] < "2020-01-01")]
    at = gpd.GeoSeries(gpd.points_from_xy(rows["lon"], rows["lat"]), crs=4326).to_crs(32617)
    day = (pd.to_datetime(rows["date"]) - EPOCH).dt.days.to_numpy() + rows["hour"].to_numpy() / 24
    history = make_history(np.column_stack([at.x, at.y]), day, rows["category"].to_numpy(str))
    return history, lattice_cells(district, 250.0)


@pytest.fixture(scope="module")
def chicago(shared_data: Path) -> tuple[History, Cells]:
    folder = shared_data / "incidents" / "chicago_agg"
    shapes = gpd.read_file(folder / "chicago_police_districts.kml").to_crs(32616).geometry
    rows = pd.read_csv(folder / "chicago_aggravated_assaults.csv.gz")
    at = gpd.GeoSeries(gpd.points_from_xy(rows["longitude"], rows["latitude"]), crs=4326).to_crs(32616)
    day = ((pd.to_datetime(rows["date"]) - EPOCH) / pd.Timedelta(days=1)).to_numpy()
    district = shapes.force_2d().make_valid().union_all()
    return make_history(np.column_stack([at.x, at.y]), day), lattice_cells(district, 250.0)


def test_cells_are_those_of_the_printed_figures(toronto: tuple[History, Cells], chicago: tuple[History, Cells]) -> None:
    assert (len(toronto[1]), len(chicago[1])) == (10_283, 9_691)


@pytest.mark.parametrize("category", BARS)
def test_a_model_chosen_before_2019_meets_its_bar_in_2019(
    category: str, toronto: tuple[History, Cells], weeks_of_2019: Rounds
) -> None:
    history, cells = toronto[0].of(category), toronto[1]
    choice = choose_model(history, cells, weeks_of_2019.start[0])
    mine = backtest(choice.model, history, cells, weeks_of_2019, shares=[0.01])
    usual = backtest(KernelModel(300, 52), history, cells, weeks_of_2019, shares=[0.01])
    assert mine.area_km2[0] / cells.area_km2[0] == 103
    assert mine.pai()[0] >= BARS[category]
    assert usual.pai()[0] < 0.87 * mine.pai()[0]


def test_chicago_meets_its_bar_with_the_same_code_and_no_new_tuning(
    chicago: tuple[History, Cells], weeks_of_2019: Rounds
) -> None:
    history, cells = chicago
    choice = choose_model(history, cells, weeks_of_2019.start[0])
    assert backtest(choice.model, history, cells, weeks_of_2019, shares=[0.01]).pai()[0] >= 10.2


@pytest.mark.parametrize(
    ("category", "decayed", "counted"),
    [("Break and Enter", (11.88, 14.10), (10.87, 13.80)), ("Robbery", (19.76, 22.62), (19.58, 21.85))],
)
def test_baselines_reproduce_the_survey_in_2017_and_2018(
    category: str, decayed: tuple[float, float], counted: tuple[float, float], toronto: tuple[History, Cells]
) -> None:
    """Its weeks start on another weekday, so figures agree to a few tenths."""
    history, cells = toronto[0].of(category), toronto[1]
    for k, year in enumerate((2017, 2018)):
        rounds = rounds_between(day_of(f"{year}-01-01"), day_of(f"{year}-12-31"))
        for model, printed in ((DecayModel(730, 100), decayed), (CountModel(104), counted)):
            found = backtest(model, history, cells, rounds, shares=[0.01]).pai()[0]
            assert found == pytest.approx(printed[k], abs=0.15)
