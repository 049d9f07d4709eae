"""In which grid a wanted place lies, and which places lie in no area at all. It moves no place."""

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gis.errors import InputError
from gis.schemas import LEVELS

FloatArray = npt.NDArray[np.float64]


def located(
    lon: FloatArray, lat: FloatArray, areas: gpd.GeoDataFrame, declared: pd.Series | None = None
) -> tuple[list[str], npt.NDArray[np.bool_]]:
    """The grid of each point (the declared one first, then the polygons; lowest code on a tie), and who is in no area."""
    tree = shapely.STRtree(areas.geometry.to_numpy())
    point, shape = tree.query(shapely.points(lon, lat), predicate="intersects")
    outside = np.ones(len(lon), dtype=bool)
    outside[point] = False
    own = declared.fillna("").astype(str).tolist() if declared is not None else [""] * len(lon)
    codes = areas["code"].astype(str).to_numpy()
    basic = np.ones(len(areas), dtype=bool)
    if "level" in areas:
        # The finest level there is: a district may have none below communities.
        basic &= (areas["level"] == max(areas["level"], key=LEVELS.index, default="")).to_numpy()
    if "kind" in areas:
        basic &= (areas["kind"] != "special").to_numpy()
    inside = sorted((codes[area], row) for row, area in zip(point, shape, strict=True) if basic[area])
    for code, row in inside:
        own[row] = own[row] or code
    return own, outside


def require_coordinates(table: pd.DataFrame, *, zh: str, en: str) -> tuple[FloatArray, FloatArray]:
    """Longitudes and latitudes of a table with ``id``, ``lon``, ``lat``; ``zh`` and ``en`` say what its rows are.

    Raises
    ------
    InputError
        Rows without coordinates, all of them named.
    """
    lon, lat = (pd.to_numeric(table[name]).to_numpy(dtype=np.float64, na_value=np.nan) for name in ("lon", "lat"))
    lost = table.loc[~(np.isfinite(lon) & np.isfinite(lat)), "id"].astype(str).tolist()
    if lost:
        raise InputError(
            zh=f"{len(lost)} {zh}没有坐标:{'、'.join(lost[:10])}。",
            en=f"{len(lost)} {en} have no coordinates: {', '.join(lost[:10])}.",
        )
    return lon, lat


def text_of(table: pd.DataFrame, name: str, other: pd.Series) -> pd.Series:
    """A column as text, another's text where it is missing or empty."""
    if name not in table:
        return other.astype(str)
    own = table[name].fillna("").astype(str)
    return own.where(own != "", other.astype(str))
