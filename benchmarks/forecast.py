"""Forecasts of Toronto's six series and of Chicago, 2019, beside the baselines and scikit-learn's kernel, in one run.

Weekly rounds, cells of 250 m, the top 1 % of the area, ties by expected hits. Models and settings are chosen on the two years
before 2019; 2019 is scored. ``peer`` are the decayed count (730 days, 100 m), the count of 104 weeks and the usual default
(300 m kernel over 52 weeks); intervals are of the paired difference over blocks of 13 weeks, 95 %. ``moved_origins`` is the
range of our PAI over this lattice and two moved ones, ``tuned_kernel`` the PAI of a kernel whose bandwidth and weeks were
chosen likewise, ``delay_14_d`` our PAI where incidents become known two weeks late. The challenge of NIJ (Portland, 2017-03-01
on) is scored by its own rules at two cell sizes: one quarter, a comparison of methods and no more; no claim is made on
burglary, of which there are too few. Reads ``../shared/data/incidents``. ``--quick`` leaves scikit-learn, Chicago, Portland
and the three years pooled out.

Usage: python benchmarks/forecast.py [--quick]
"""

import argparse
import json
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from sklearn.neighbors import KernelDensity

from gis.forecast import (
    Cells,
    History,
    Hits,
    Model,
    Rounds,
    backtest,
    choose_model,
    compare,
    lattice_cells,
    make_history,
    rounds_between,
    score,
    warm,
)
from gis.forecast.backtest import counts_in
from gis.forecast.choose import KERNELS
from gis.forecast.counts import CountModel, DecayModel, KernelModel

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "incidents"
EPOCH = pd.Timestamp("1970-01-01")
SHARE = 0.01
PEERS: tuple[tuple[str, Model], ...] = (
    ("decayed count 730 d, 100 m", DecayModel(730, 100)),
    ("count of 104 weeks", CountModel(104)),
    ("usual default: kernel 300 m, 52 weeks", KernelModel(300, 52)),
)
FOOT, MILE2_KM2 = 0.3048, 2.589988


def day_of(text: str) -> float:
    return float((pd.Timestamp(text) - EPOCH).days)


def days_of(times: pd.Series) -> np.ndarray:
    return ((pd.to_datetime(times) - EPOCH) / pd.Timedelta(days=1)).to_numpy()


def grounds_of(district: shapely.Geometry) -> list[Cells]:
    """The cells that are scored, and the same under two moved origins."""
    return [lattice_cells(district, 250.0, shift=shift) for shift in ((0, 0), (0.5, 0.0), (0.25, 0.5))]


def toronto() -> tuple[History, list[Cells]]:
    folder = DATA / "toronto"
    rows = pd.read_csv(folder / "toronto_mci_2014_2021.csv.gz")
    rows = rows[(rows["date"] >= "2014-01-01") & (rows["date"] < "2020-01-01")]
    at = gpd.GeoSeries(gpd.points_from_xy(rows["lon"], rows["lat"]), crs=4326).to_crs(32617)
    day = days_of(rows["date"]) + rows["hour"].to_numpy() / 24
    district = gpd.read_file(folder / "neighbourhoods.geojson").to_crs(32617).union_all()
    history = make_history(np.column_stack([at.x, at.y]), day, rows["category"].to_numpy(str))
    return history, grounds_of(district)


def chicago() -> tuple[History, list[Cells]]:
    folder = DATA / "chicago_agg"
    rows = pd.read_csv(folder / "chicago_aggravated_assaults.csv.gz")
    at = gpd.GeoSeries(gpd.points_from_xy(rows["longitude"], rows["latitude"]), crs=4326).to_crs(32616)
    shapes = gpd.read_file(folder / "chicago_police_districts.kml").to_crs(32616).geometry
    district = shapes.force_2d().make_valid().union_all()
    return make_history(np.column_stack([at.x, at.y]), days_of(rows["date"])), grounds_of(district)


def line(name: str, n: int, ours: float, peer_name: str, peer: float, unit: str, **more: Any) -> None:
    above, below = (peer, ours) if unit.endswith("s") else (ours, peer)
    figures = {
        "name": name,
        "n": n,
        "ours": round(ours, 3),
        "peer_name": peer_name,
        "peer": round(peer, 3),
        "unit": unit,
    }
    print(json.dumps({**figures, "ratio": round(above / below, 3) if below else None, **more}), flush=True)


def series(city: str, history: History, grounds: list[Cells], categories: tuple[str, ...], year: Rounds) -> None:
    """Choice on the past, then 2019 once, beside every peer."""
    cells, *moved = grounds
    scored: list[tuple[str, Model, Hits]] = []
    started, cpu = time.perf_counter(), time.process_time()
    for category in categories:
        of = history.of(category)
        chosen = choose_model(of, cells, float(year.start[0])).model
        scored.append((category, chosen, backtest(chosen, of, cells, year)))
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    for category, chosen, mine in scored:
        of = history.of(category)
        origins = [backtest(chosen, of, each, year).pai()[1] for each in moved] + [mine.pai()[1]]
        kernel = choose_model(of, cells, float(year.start[0]), among=KERNELS).model
        tuned = backtest(kernel, of, cells, year).pai()[1]
        delayed = backtest(chosen, of, cells, year, delay_days=14).pai()[1]
        for peer_name, peer in PEERS:
            theirs = backtest(peer, of, cells, year)
            gap = compare(mine, theirs, against=(peer_name, peer_name), block=13, rng=np.random.default_rng(1))[1]
            interval = [round(gap.interval.low, 2), round(gap.interval.high, 2)] if gap.interval else None
            line(
                f"PAI at 1 %, 250 m, {city} {category or 'all'} 2019",
                int(mine.n.sum()),
                mine.pai()[1],
                peer_name,
                theirs.pai()[1],
                "PAI",
                difference=interval,
                better=gap.better,
                cells=round(mine.area_km2[1] / cells.area_km2[0]),
                hit_rate=round(float(mine.hit_rate()[1]), 4),
                pei=round(float(mine.pei()[1]), 3),
                rri=round(float(mine.rri()[1]), 3),
                moved_origins=[round(float(min(origins)), 2), round(float(max(origins)), 2)],
                tuned_kernel=round(float(tuned), 2),
                delay_14_d=round(float(delayed), 2),
                model=chosen.key,
                settings=chosen.settings,
            )
    if len(categories) == 6:
        # CPU seconds of both cores: what a machine that others use does not change.
        name = "52 weeks x 6 categories with choice"
        line(
            name,
            len(cells),
            cpu,
            "bar of the plan",
            60.0,
            "CPU s",
            wall_s=round(seconds, 1),
            load=round(os.getloadavg()[0], 1),
        )


def three_years(history: History, cells: Cells) -> None:
    """2017 to 2019 pooled, chosen anew before each year; candidates and rule were fixed on 2017 and 2018, so only 2019 is new."""
    for category in ("", *history.categories):
        of = history.of(category)
        mine, decayed, counted = [], [], []
        for year in (2017, 2018, 2019):
            weeks = rounds_between(day_of(f"{year}-01-01"), day_of(f"{year}-12-31"))
            chosen = choose_model(of, cells, float(weeks.start[0])).model
            for model, found in ((chosen, mine), (DecayModel(730, 100), decayed), (CountModel(104), counted)):
                found.append(backtest(model, of, cells, weeks))
        whole = pooled(mine)
        for peer_name, peer in ((PEERS[0][0], pooled(decayed)), (PEERS[1][0], pooled(counted))):
            gap = compare(whole, peer, against=(peer_name, peer_name), block=13, rng=np.random.default_rng(1))[1]
            interval = [round(gap.interval.low, 2), round(gap.interval.high, 2)] if gap.interval else None
            name = f"PAI at 1 %, 250 m, Toronto {category or 'all'} 2017-2019, chosen before each year"
            n = int(whole.n.sum())
            line(name, n, whole.pai()[1], peer_name, peer.pai()[1], "PAI", difference=interval, better=gap.better)


def pooled(years: list[Hits]) -> Hits:
    """The rounds of several years in a row."""
    by_round = ("hits", "best", "before", "meant", "n", "n_before", "n_meant", "log_likelihood", "deviance")
    return replace(years[0], **{name: np.concatenate([getattr(each, name) for each in years]) for name in by_round})


def peer_kernel(history: History, cells: Cells, year: Rounds) -> None:
    """scikit-learn's Gaussian kernel at the middles of cells, 300 m over 52 weeks, beside ours, robbery."""
    of = history.of("Robbery")
    started = time.perf_counter()
    mine = backtest(KernelModel(300, 52), of, cells, year)
    ours = time.perf_counter() - started
    xy, day = of.sites[of.site[of.mine]], of.day[of.mine]
    started = time.perf_counter()
    density = np.empty((len(year), len(cells)))
    for k, start in enumerate(year.start):
        held = xy[(day >= start - 364) & (day < start)]
        density[k] = np.exp(KernelDensity(bandwidth=300.0, rtol=1e-4).fit(held).score_samples(cells.xy))
    counts = counts_in(of, cells, year)
    theirs = score(density, counts, counts, cells)
    seconds = time.perf_counter() - started
    gap = {"pai": round(float(mine.pai()[1]), 2), "peer_pai": round(float(theirs.pai()[1]), 2)}
    line(
        "kernel 300 m, 52 weeks of robbery", int(mine.n.sum()), ours, "scikit-learn KernelDensity", seconds, "s", **gap
    )


def portland() -> None:
    """The challenge's rules: 0.25 square miles, five horizons from 2017-03-01, everything known until the day before."""
    shapes = gpd.read_file(f"zip://{DATA / 'portland_nij' / 'portland-police-districts.zip'}").to_crs(2913).geometry
    city = shapely.affinity.scale(shapes.make_valid().union_all(), FOOT, FOOT, origin=(0, 0))
    cutoff = day_of("2017-03-01")
    for title, file in (("vehicle theft", "veh"), ("burglary (no claim)", "bur")):
        rows = pd.read_csv(DATA / "portland_nij" / f"kernelglitches_crimes_{file}.csv")
        xy = rows[["x_coordina", "y_coordina"]].to_numpy() * FOOT
        history = make_history(xy, days_of(rows["occ_date"]))
        for feet in (250, 600):
            cells = lattice_cells(city, feet * FOOT)
            share = 0.25 * MILE2_KM2 / cells.total_km2
            decays = [DecayModel(days, 0) for days in (365, 730, 1460)]
            among = (DecayModel(730, 100), *decays, CountModel(104), CountModel(520))
            chosen = choose_model(history, cells, cutoff, among=among, shares=(share,)).model
            at = np.array([cutoff])
            models = (chosen, DecayModel(730, 0), CountModel(520))
            rates = [each.in_rounds(history.before(cutoff), cells, at, at, 7.0) for each in models]
            for horizon, days in (("1W", 7), ("2W", 14), ("1M", 31), ("2M", 61), ("3M", 92)):
                counts = counts_in(history, cells, Rounds(at, float(days), float(days)))
                mine, decayed, counted = (score(rate, counts, counts, cells, [share]) for rate in rates)
                line(
                    f"NIJ challenge {title} {horizon}, {feet} ft",
                    int(counts.sum()),
                    mine.pai()[0],
                    "count of all history",
                    counted.pai()[0],
                    "PAI",
                    decayed_730_d=round(float(decayed.pai()[0]), 1),
                    pei_star=round(float(mine.pei()[0]), 3),
                    model=chosen.key,
                )


def main(*, quick: bool) -> None:
    warm()
    year = rounds_between(day_of("2019-01-01"), day_of("2019-12-31"))
    history, grounds = toronto()
    series("Toronto", history, grounds, ("", *history.categories), year)
    if not quick:
        three_years(history, grounds[0])
        peer_kernel(history, grounds[0], year)
        series("Chicago", *chicago(), ("",), year)
        portland()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    main(quick=parser.parse_args().quick)
