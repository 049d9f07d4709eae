"""Simulated camera points at street corners and on walls, with GB/T 28181 ids; one in three tells no direction.

A camera here is a mark on the map with a made-up id. No device, address or network of it exists.
"""

import geopandas as gpd
import numpy as np
import shapely

from wuda.ground import METRIC, Ground

Mounted = tuple[np.ndarray, np.ndarray, list[str], np.ndarray]
"""Positions (n, 2) in m, bearings in degrees, names, purposes."""

CENTRE = "15030400"
"""Digits 1-8 of the id: the centre, here the district."""
INDUSTRY = {"道路": "00", "社区": "01", "交通": "04", "重点场所": "00", "学校": "11", "铁路": "13", "城市管理": "08"}
"""Digits 9-10 by purpose."""
DEVICE, NETWORK = "132", "6"
"""Digits 11-13, an IP camera, and digit 14, the e-government extranet. Digits 15-20 count up."""

OPTICS = (("fixed", 0.62, (35.0, 50.0, 60.0, 80.0), (42.0, 54.0, 72.0, 87.0)), ("ptz", 0.28, (80.0, 100.0, 120.0), (58.0, 62.0)),
          ("dome", 0.10, (15.0, 20.0, 25.0), (90.0, 102.0)))  # fmt: skip
"""Type, share, ranges in m, horizontal angles in degrees."""
CORNER_M = 6.0


LENSES = {"fixed": (4.0, 6.0, 8.0), "ptz": (5.0,), "dome": (2.8,)}
"""Focal lengths in mm; the sensor is 5.37 mm wide (1/2.8 inch)."""
OWNERS = {
    "交通": "乌达区公安交管大队",
    "学校": "乌达区教育局",
    "铁路": "乌海铁路护路办",
    "城市管理": "乌达区城管执法局",
    "社区": "街道综治中心",
}
USE_PLACES = {
    "道路": "road",
    "社区": "residential_entrance",
    "交通": "road",
    "重点场所": "square",
    "学校": "school_gate",
    "铁路": "railway",
    "城市管理": "road",
}
IN_FORCE = np.datetime64("2025-04-01")
"""Of the regulation that wants filing within 30 days of use."""


def make_register(cameras: gpd.GeoDataFrame, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """The cameras with optics, owner and filing; about one in thirty has a planted fault for the register check."""
    count = len(cameras)
    kind, purpose = cameras["camera_type"].to_numpy(), cameras["purpose"].to_numpy()
    used = np.datetime64("2017-03-01") + rng.integers(0, 3200, count)
    old = used < IN_FORCE
    filed = np.where(old, np.datetime64("2025-05-06") + rng.integers(0, 50, count), used + rng.integers(3, 29, count))
    fault = rng.choice(
        ["", "unfiled", "late", "short", "no_notice", "excluded"], count, p=[0.966, 0.01, 0.008, 0.008, 0.006, 0.002]
    )
    filed = np.where(fault == "late", np.maximum(used, IN_FORCE) + 120, filed)
    unfiled = fault == "unfiled"
    turning = (kind == "ptz") & np.isfinite(cameras["azimuth"].to_numpy())
    azimuth = np.nan_to_num(cameras["azimuth"].to_numpy()).astype(int)
    return cameras.assign(
        mount=np.where(cameras["purpose"].isin(["道路", "交通"]), "pole", "wall"),
        tilt=np.where(rng.random(count) < 0.6, rng.integers(8, 21, count).astype(float), np.nan),
        presets=np.where(turning, [f"{(each + 120) % 360};{(each + 240) % 360}" for each in azimuth], ""),
        resolution_px=rng.choice([1920.0, 2560.0, 3840.0], count, p=[0.62, 0.3, 0.08]),
        sensor_mm=5.37,
        focal_mm=[float(rng.choice(LENSES[each])) for each in kind],
        owner=[OWNERS.get(each, "乌达区公安分局") for each in purpose],
        point_class=np.where(
            np.isin(purpose, ["交通", "重点场所", "铁路", "学校"]), "1", np.where(purpose == "道路", "2", "3")
        ),
        place=np.where(fault == "excluded", "changing_room", [USE_PLACES[each] for each in purpose]),
        used_since=used.astype(str),
        filing_no=np.where(
            unfiled, "", [f"WD{number:05d}" for number in rng.permutation(np.arange(1, 4 * count))[:count]]
        ),
        filed_on=np.where(unfiled, "", filed.astype(str)),
        notice=np.where(fault == "no_notice", "no", "yes"),
        retention_days=np.where(fault == "short", 15.0, rng.choice([30.0, 60.0, 90.0], count, p=[0.7, 0.1, 0.2])),
    )


def make_cameras(
    ground: Ground,
    streets: gpd.GeoDataFrame,
    houses: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame,
    rng: np.random.Generator,
    *,
    wanted: int,
) -> gpd.GeoDataFrame:
    """Camera points in EPSG:4545 metres: two thirds at corners, the rest on walls of places and houses."""
    walls = wanted // 3
    xy_c, face_c, name_c, purpose_c = _at_corners(ground, streets, rng, wanted - walls)
    xy_w, face_w, name_w, purpose_w = _on_walls(ground, streets, houses, places, rng, walls)
    xy, face = np.concatenate([xy_c, xy_w]), np.concatenate([face_c, face_w])
    purpose = np.concatenate([purpose_c, purpose_w])
    count = len(xy)
    type_at = rng.choice(len(OPTICS), count, p=[row[1] for row in OPTICS])
    known = rng.random(count) < 2 / 3
    serial = rng.permutation(np.arange(1, 4 * count))[:count]
    return gpd.GeoDataFrame(
        {
            "id": [f"V{number:04d}" for number in range(1, count + 1)],
            "name": [f"{name}{number}号" for number, name in enumerate([*name_c, *name_w], start=1)],
            "device_id": [f"{CENTRE}{INDUSTRY[use]}{DEVICE}{NETWORK}{number:06d}" for use, number in zip(purpose, serial, strict=True)],
            "camera_type": [OPTICS[at][0] for at in type_at],
            "azimuth": np.where(known, np.round(face) % 360, np.nan),
            "angle": [float(rng.choice(OPTICS[at][3])) for at in type_at],
            "range_m": [float(rng.choice(OPTICS[at][2])) for at in type_at],
            "height_m": rng.choice([3.5, 4.0, 4.5, 6.0, 6.5], count, p=[0.25, 0.25, 0.15, 0.25, 0.1]),
            "status": rng.choice(["online", "offline", "maintenance"], count, p=[0.962, 0.023, 0.015]),
            "purpose": purpose,
        },
        geometry=shapely.points(xy), crs=METRIC,
    )  # fmt: skip


def _at_corners(ground: Ground, streets: gpd.GeoDataFrame, rng: np.random.Generator, wanted: int) -> Mounted:
    """On a pole between two arms of a crossing, looking along one of them; where many live, and at main roads."""
    roads = streets[streets["kind"] != "rail"].reset_index(drop=True)
    lines = roads.geometry.to_numpy()
    ends = shapely.get_coordinates([shapely.get_point(line, end) for line in lines for end in (0, -1)])
    inner = shapely.get_coordinates([shapely.get_point(line, end) for line in lines for end in (1, -2)])
    bearing = np.degrees(np.arctan2(*(inner - ends).T)) % 360
    corner, node, arms = np.unique(np.round(ends, 2), axis=0, return_inverse=True, return_counts=True)
    main = np.zeros(len(corner), bool)
    main[node[np.repeat(roads["kind"].isin(["primary", "secondary"]).to_numpy(), 2)]] = True
    weight = (ground.households_per_km2(corner) + 150.0) * np.where(main, 3.0, 1.0) * (arms >= 3)
    chosen = np.sort(rng.choice(len(corner), wanted, replace=False, p=weight / weight.sum()))
    xy, face, names, purpose = np.empty((wanted, 2)), np.empty(wanted), [], []
    for at, this in enumerate(chosen.tolist()):
        mine = np.flatnonzero(node == this)
        order = mine[np.argsort(bearing[mine])]
        look = int(rng.integers(len(order)))
        here, following = bearing[order[look]], bearing[order[(look + 1) % len(order)]]
        pole = np.radians(here + ((following - here) % 360) / 2)
        xy[at] = corner[this] + CORNER_M * np.array([np.sin(pole), np.cos(pole)])
        face[at] = here
        name = roads["name_zh"].iloc[int(order[look]) // 2]
        names.append(f"{name or '小区道路'}路口")
        purpose.append("交通" if main[this] else "道路")
    return xy, face, names, np.array(purpose, dtype=object)


def _on_walls(
    ground: Ground,
    streets: gpd.GeoDataFrame,
    houses: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame,
    rng: np.random.Generator,
    wanted: int,
) -> Mounted:
    """On the wall of a place or a house, two decimetres off it, looking at the street."""
    roads = streets[streets["kind"] != "rail"].geometry.to_numpy()
    tree = shapely.STRtree(roads)
    shapes = houses.geometry.to_numpy()
    near = shapely.STRtree(shapes).nearest(places.geometry.to_numpy())
    use = {"school": "学校", "station": "铁路", "depot": "城市管理"}
    rows = [
        (int(house), use.get(kind, "重点场所"), name)
        for house, kind, name in zip(near, places["kind"], places["name_zh"], strict=True)
    ]
    weight = ground.households_per_km2(shapely.get_coordinates(shapely.centroid(shapes))) + 50.0
    extra = rng.choice(len(shapes), max(wanted - len(rows), 0), replace=False, p=weight / weight.sum())
    rows += [(int(house), "社区", "小区出入口") for house in np.sort(extra)]
    xy, face, names, purpose = [], [], [], []
    for house, why, name in rows[:wanted]:
        line = shapely.get_coordinates(shapely.shortest_line(shapes[house], roads[tree.nearest(shapes[house])]))
        way = (line[1] - line[0]) / np.hypot(*(line[1] - line[0]))
        xy.append(line[0] + 0.2 * way)
        face.append(np.degrees(np.arctan2(*way)) % 360)
        names.append(name)
        purpose.append(why)
    return np.array(xy), np.array(face), names, np.array(purpose, dtype=object)
