"""Which streets have lamps and which cameras bring a light of their own; one in ten was written down by nobody.

It comes last and has random numbers of its own: it changes nothing else of the sample.
"""

import geopandas as gpd
import numpy as np

LAMPS = {"primary": 0.97, "secondary": 0.95, "tertiary": 0.85, "residential": 0.6, "service": 0.3}
"""Share of lit streets by kind; of others one in five."""
UNKNOWN = 0.1
LIGHTS, SHARES = ("infrared", "white", "none", ""), (0.68, 0.12, 0.1, 0.1)
REACHES = {"fixed": (30.0, 50.0, 80.0), "ptz": (80.0, 100.0, 150.0), "dome": (20.0, 30.0)}
"""Of a camera's own infrared light in m, by type; white light reaches half as far."""


def light_streets(streets: gpd.GeoDataFrame, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """The streets with ``lit``: yes, no, or empty; all segments of one name alike, the railway empty."""
    name = np.where(streets["name_zh"] == "", streets["id"], streets["name_zh"])
    _, first, of = np.unique(name.astype(str), return_index=True, return_inverse=True)
    share = streets["kind"].map(LAMPS).fillna(0.2).to_numpy()[first]
    told = np.where(rng.random(len(first)) < share, "yes", "no")
    told = np.where(rng.random(len(first)) < UNKNOWN, "", told)
    lit = np.where(streets["kind"] == "rail", "", told[of])
    return streets.assign(lit=lit)[[*streets.columns[:-1], "lit", "geometry"]]


def light_cameras(cameras: gpd.GeoDataFrame, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """The cameras with ``light`` and ``light_m``, its reach in m; the reach of one light in ten is not known."""
    count = len(cameras)
    light = rng.choice(LIGHTS, count, p=SHARES)
    reach = np.array([float(rng.choice(REACHES[kind])) for kind in cameras["camera_type"]])
    reach = np.where(light == "white", reach / 2, reach)
    known = np.isin(light, ["infrared", "white"]) & (rng.random(count) >= UNKNOWN)
    return cameras.assign(light=light, light_m=np.where(known, reach, np.nan))
