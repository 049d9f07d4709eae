"""Every method behind one door marks the market and nothing else, sets defaults aside, and says clearly what cannot be judged."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gis.errors import InputError, ShapeError
from gis.grid.neighbours import contiguity
from gis.hotspots import METHODS, Ground, HotCellOptions, HotCells, hot_cells
from gis.hotspots.hot_cells import usual_step
from gis.hotspots.parameter_names import parameter_name

SIDE, ACROSS = 500.0, 8
MARKET = np.array([2250.0, 2250.0])
DAYS = 100.0


def ground(across: int = ACROSS, households: float = 100.0) -> Ground:
    """Squares of 500 m with as many households each."""
    shapes = [
        shapely.box(c * SIDE, r * SIDE, (c + 1) * SIDE, (r + 1) * SIDE) for r in range(across) for c in range(across)
    ]
    cells = gpd.GeoDataFrame({"code": [f"{n:03d}" for n in range(len(shapes))]}, geometry=shapes, crs="EPSG:4545")
    return Ground(cells, contiguity(cells, snap_deg=0.01), shapely.union_all(shapes), np.full(len(shapes), households))


def grid_of(xy: np.ndarray, across: int = ACROSS) -> np.ndarray:
    return (xy[:, 1] // SIDE).astype(int) * across + (xy[:, 0] // SIDE).astype(int)


@pytest.fixture
def town(rng: np.random.Generator) -> np.ndarray:
    """Three hundred reports anywhere and as many around one market."""
    wide = rng.uniform(0, SIDE * ACROSS, (300, 2))
    return np.vstack([wide, np.clip(rng.normal(MARKET, 180, (300, 2)), 1, SIDE * ACROSS - 1)])


def judged(
    method: str, xy: np.ndarray, where: Ground | None = None, days: np.ndarray | None = None, **options: object
) -> HotCells:
    when = np.linspace(0, DAYS - 0.01, len(xy))[np.random.default_rng(3).permutation(len(xy))] if days is None else days
    place = where or ground()
    return hot_cells(
        method, xy, when, grid_of(xy), place, since=0.0, until=DAYS, rng=np.random.default_rng(5),
        options=HotCellOptions(simulations=99, **options),
    )  # fmt: skip


@pytest.mark.parametrize("method", METHODS)
def test_the_market_is_hot_and_the_far_corners_are_not(method: str, town: np.ndarray) -> None:
    found = judged(method, town)
    hot = found.cells.geometry.to_numpy()[np.asarray(found.figures.hot)]
    assert len(hot) > 0
    assert shapely.intersects_xy(shapely.union_all(hot), *MARKET)
    assert not any(shapely.intersects_xy(shape, x, y) for shape in hot for x in (50, 3950) for y in (50, 3950))
    assert np.asarray(found.figures.count).sum() == (found.place >= 0).sum()
    assert np.isfinite(np.asarray(found.figures.p)).all()
    assert found.explanation.text("zh")
    assert all(zh and en for zh, en in found.choices)


@pytest.mark.parametrize("method", METHODS)
def test_a_default_geocode_is_set_aside_unless_it_is_asked_for(method: str, town: np.ndarray) -> None:
    with_default = np.vstack([town, np.tile([3777.0, 333.0], (120, 1))])
    found = judged(method, with_default)
    assert found.geocodes.suspect.sum() == 120
    assert (found.place[-120:] == -1).all()
    assert any("120" in zh for zh, _ in found.choices)
    kept = judged(method, with_default, drop_defaults=False)
    assert (kept.place[-120:] >= 0).all()


@pytest.mark.parametrize("method", [each for each in METHODS if each != "optimized"])
def test_too_few_the_same_everywhere_and_one_grid_are_said_in_both_languages(method: str) -> None:
    with pytest.raises(InputError, match="Only 5 incidents") as few:
        judged(method, np.full((5, 2), 600.0) + np.arange(10).reshape(5, 2))
    assert "至少需要 30 起" in few.value.zh
    even = np.array([[c * SIDE + 250.0 + k, r * SIDE + 250.0 + k] for r in range(8) for c in range(8) for k in (0, 9)])
    with pytest.raises(InputError, match="same count"):
        judged(method, even)
    with pytest.raises(InputError, match="only 1 grids"):
        judged(method, np.full((40, 2), 100.0) + np.arange(80).reshape(40, 2), ground(1))


def test_an_unknown_method_and_arrays_that_do_not_fit_are_refused(town: np.ndarray) -> None:
    with pytest.raises(InputError, match="There is no method 'heat'"):
        judged("heat", town)
    with pytest.raises(ShapeError, match="do not fit"):
        judged("gi_star", town, days=np.zeros(3))


def test_clusters_of_the_scan_stay_apart_and_carry_their_own_p(town: np.ndarray) -> None:
    found = judged("scan", town)
    group = np.asarray(found.figures.group)
    assert ((group >= 0) == np.asarray(found.figures.hot)).all()
    assert np.asarray(found.figures.expected).sum() == pytest.approx(len(town))
    assert "one-sided" in found.p_meaning[1]
    assert "households" in found.choices[1][1]
    unknown = judged("scan", town, ground(households=np.nan))
    assert "by area" in unknown.choices[1][1]


def test_significant_cells_with_too_few_incidents_are_told_and_not_listed(town: np.ndarray) -> None:
    most = int(np.asarray(judged("gi_star", town).figures.count).sum())
    found = judged("gi_star", town, least=most + 1)
    assert not np.asarray(found.figures.hot).any()
    assert f"fewer than {most + 1} incidents" in found.choices[-1][1]


def test_a_step_is_the_longest_usual_one_with_ten_steps_in_the_period() -> None:
    assert [usual_step(days) for days in (5, 69, 70, 92, 280, 1096)] == [1, 1, 7, 7, 28, 91]


def test_a_period_of_three_days_has_no_trend(town: np.ndarray) -> None:
    with pytest.raises(InputError, match="a trend needs 4"):
        hot_cells(
            "emerging", town, np.zeros(len(town)), grid_of(town), ground(), since=0.0, until=3.0,
            rng=np.random.default_rng(1),
        )  # fmt: skip


def test_every_parameter_that_a_method_tells_has_a_name_in_both_languages(town: np.ndarray) -> None:
    for method in METHODS:
        for name in judged(method, town).explanation.parameters:
            assert parameter_name(name, "zh") != name
            assert parameter_name(name, "en")
    assert parameter_name("no_such", "en") == "no_such"
