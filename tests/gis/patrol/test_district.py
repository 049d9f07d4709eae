"""The shipped district from reports to tours: streets, hot grids, beats, stops, a plan the judge accepts."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.crs import metric_crs, project
from gis.grid.neighbours import contiguity
from gis.hotspots.rank import rank_grids
from gis.join.assign import assign_points
from gis.patrol import Team, TravelTimes, judge_plan, make_beats, plan_patrol, stops_from, workload, workload_cv
from gis.patrol.demand import assign_beats
from gis.patrol.options import PlanOptions
from gis.roads import build_network, route_lines

LAYERS = Path(__file__).resolve().parents[3] / "data" / "layers"
SHIFT_S = 8 * 3600.0


def test_a_night_of_the_sample_district_is_planned_over_its_streets(wuda_areas: gpd.GeoDataFrame) -> None:
    grids = wuda_areas[(wuda_areas["level"] == "grid") & (wuda_areas["kind"] != "special")].reset_index(drop=True)
    crs = metric_crs(106.7, 39.5)
    reports = pd.read_csv(LAYERS / "incidents.csv.gz", usecols=["lon", "lat", "found_by"]).query("found_by == 'report'")
    reports = reports.tail(4000)
    codes = grids["code"].to_numpy()
    row = assign_points(reports["lon"].to_numpy(), reports["lat"].to_numpy(), grids.geometry.to_numpy(), codes)
    reports = reports.assign(grid=np.where(row >= 0, codes[row], ""))
    near = contiguity(grids)
    hot = rank_grids(grids, np.bincount(row[row >= 0], minlength=len(grids)), near, days=90)

    cells = grids[["code", "households"]].merge(hot[["code", "count", "area_km2"]], on="code")
    minutes = workload(cells, days=90, shift_s=SHIFT_S)
    xy = shapely.get_coordinates(shapely.point_on_surface(grids.geometry.to_crs(crs).to_numpy()))
    beat = make_beats(minutes, near, xy, 6, rng=np.random.default_rng(1))
    assert workload_cv(beat, minutes) <= 0.01

    places = pd.read_csv(LAYERS / "places.csv", dtype={"id": str})
    stops = assign_beats(
        stops_from(hot, grids, places, shift_s=SHIFT_S, crs=crs, incidents=reports, days=90), codes, beat
    )
    depots = places[places["kind"] == "depot"]
    bases = project(depots["lon"].to_numpy(), depots["lat"].to_numpy(), crs)
    middle = [xy[beat == b].mean(axis=0) for b in range(6)]
    home = [tuple(bases[np.hypot(*(bases - spot).T).argmin()]) for spot in middle]
    teams = [Team(f"巡逻{b + 1}队", home[b], mode="ebike", beat=b) for b in range(6)]

    network = build_network(gpd.read_file(LAYERS / "streets.geojson"), mode="ebike", crs=crs)
    assert network.report.rail >= 1
    travel = TravelTimes.by_streets(network, stops, teams)
    plan = plan_patrol(stops, teams=teams, shift_s=SHIFT_S, travel=travel, options=PlanOptions(iterations=300))
    assert judge_plan(plan, stops, teams, travel) == []
    assert plan.travel_method == "streets"
    assert plan.missed_musts == ()
    assert plan.totals.worth_served > 0.8 * plan.totals.worth_wanted
    tour = plan.teams[0]
    lines = route_lines(network, np.array([tour.start_xy, *((stop.x, stop.y) for stop in tour.stops), tour.end_xy]))
    assert sum(line.length for line in lines) <= tour.travel_m * 1.001
