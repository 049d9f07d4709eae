"""Which datum unlabelled points are in, by what fits: the grid each record declares, else the streets, else the district.

A boundary check cannot tell: read as WGS-84, 96 of 100 GCJ-02 points of a district still lie inside it, but three in four
in the wrong grid. It never decides silently: every answer says how sure it is and on what it rests.
"""

import re
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from scipy.special import betainc, stdtr

from gis import crs
from gis.divisions import name_stem, official_name, parent_code
from gis.layers.report import DatumChoice, RawPoints
from gis.schemas import require_columns

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]

HYPOTHESES = ("wgs84", "gcj02", "bd09")
"""What degrees may be in; CGCS2000 lies within centimetres of WGS-84 and is the same hypothesis."""

STREET_CAP_M = 60.0
"""A point farther from every street counts as this far: yards and parks must not outweigh kerbs."""

PLACE_ONLY_SURE = 0.4
"""The most that the outline of the district alone can make sure."""

_SURE_ENOUGH = 0.9
_ROWS = 20_000
_STREET_ROWS = 2_000
_SEPARATORS = re.compile(r"[/\\>|,,、;;\s-]+")
_NAMES = {
    "wgs84": ("WGS-84(与 CGCS2000 相差厘米级)", "WGS-84 (CGCS2000 is within centimetres)"),
    "gcj02": ("GCJ-02", "GCJ-02"),
    "bd09": ("BD-09", "BD-09"),
}


@dataclass(frozen=True, eq=False)
class _Sample:
    """Distinct rows of a file that have coordinates: where each hypothesis puts them, and what they declare."""

    places: dict[str, tuple[FloatArray, FloatArray]]
    declared: npt.NDArray[np.object_]


@dataclass(frozen=True)
class _Verdict:
    """The best hypothesis by one kind of evidence."""

    datum: str
    sure: float
    scores: dict[str, float]
    rows: int


def propose_datum(
    points: RawPoints, areas: gpd.GeoDataFrame, streets: gpd.GeoDataFrame | None = None, *, cap_m: float = STREET_CAP_M
) -> DatumChoice:
    """The datum under which the points fit the district best, and how sure that is.

    Parameters
    ----------
    points
        Coordinates as the file states them; rows without coordinates, and repeated rows, do not count.
    areas
        The ``areas`` table. Declared names and codes of any level are looked up in it: both code systems, aliases, names
        without their kind of area, and paths such as 巴音赛街道/先锋社区.
    streets
        The ``streets`` table; it decides where declared areas leave doubt. Rails do not count.
    cap_m
        Distance to the nearest street beyond which a point counts as this far.

    Returns
    -------
    choice
        ``datum`` is one of ``HYPOTHESES``, or ``EPSG:n`` where the magnitudes are metres. ``agreement`` holds, for each
        hypothesis, the share of rows inside the area they declare; with streets, 1 less the mean capped distance as a
        share of the cap; else the share inside the district. ``rows`` the evidence rests on; ``sure`` see Notes.

    Raises
    ------
    ColumnError
        The areas lack a needed column.

    Notes
    -----
    Against each rival only the rows speak on which the two differ. Let r be the chance that such a row favours the true
    datum, uniform on (1/2, 1) beforehand; with a rows for the choice and b for the rival, the rival's odds are
    P(r < 1/2) : P(r > 1/2) under Beta(a + 1, b + 1). "None of them" is a rival too, under which fewer than half of all rows
    agree. With streets the odds are those of Student's t on the paired differences of capped distances. ``sure`` is
    1 / (1 + sum of the rivals' odds). The district's outline alone never makes surer than ``PLACE_ONLY_SURE``, unless
    the points lie outside China, where there is nothing to choose between.
    """
    require_columns(areas, ["code", "parent", "name_zh", "geometry"], layer="areas")
    drawn = areas[~(shapely.is_missing(areas.geometry.to_numpy()) | shapely.is_empty(areas.geometry.to_numpy()))]
    if drawn.empty:
        return _nothing("没有区域边界", "there are no boundaries")
    west, south, east, north = (float(edge) for edge in drawn.total_bounds)
    near = ((west + east) / 2, (south + north) / 2)
    guess = crs.recognise_projected(points.x, points.y, near=near)
    sample = _sample(points, guess)
    if not len(sample.declared):
        return _nothing("没有一行有坐标", "no row has coordinates")
    by_label = _by_label(sample, drawn)
    if guess is not None:
        return _projected(guess, by_label or _by_place(sample, drawn))
    if by_label is not None and (by_label.sure >= _SURE_ENOUGH or streets is None):
        return _told("declared", by_label)
    by_street = _by_street(sample, streets, near, cap_m) if streets is not None else None
    if by_street is not None and (by_label is None or by_street.sure > by_label.sure):
        return _told("streets", by_street)
    return _told("declared", by_label) if by_label is not None else _told("place", _by_place(sample, drawn))


def _sample(points: RawPoints, guess: crs.ProjectedGuess | None) -> _Sample:
    """Distinct rows, thinned evenly to ``_ROWS``."""
    x, y = np.asarray(points.x, dtype=np.float64), np.asarray(points.y, dtype=np.float64)
    declared = np.array([str(text).strip() for text in points.declared], dtype=object)
    declared = declared if len(declared) == len(x) else np.full(len(x), "", dtype=object)
    known = _thinned(np.flatnonzero(np.isfinite(x) & np.isfinite(y)), 5 * _ROWS)
    _, label = np.unique(declared[known].astype("U"), return_inverse=True)
    _, first = np.unique(np.column_stack([x[known], y[known], label]), axis=0, return_index=True)
    rows = _thinned(known[np.sort(first)], _ROWS)
    if guess is not None:
        east, north = (y[rows], x[rows]) if guess.swapped else (x[rows], y[rows])
        return _Sample({guess.datum: crs.to_wgs84(east, north, guess.datum)}, declared[rows])
    places = {datum: crs.to_wgs84(x[rows], y[rows], datum) for datum in HYPOTHESES}
    if len(rows) and np.array_equal(places["gcj02"][0], places["wgs84"][0]):
        places = {"wgs84": places["wgs84"]}
    return _Sample(places, declared[rows])


def _thinned(rows: IntArray, most: int) -> IntArray:
    """At most so many rows, evenly spread over the file."""
    return rows[np.linspace(0, len(rows) - 1, min(most, len(rows))).round().astype(np.int64)]


def _by_label(sample: _Sample, areas: gpd.GeoDataFrame) -> _Verdict | None:
    """Rows inside the area they declare; None where no row declares a known one."""
    rows, targets = _targets(sample.declared, areas)
    if not len(rows):
        return None
    shapes = areas.geometry.to_numpy()
    shapely.prepare(shapes)
    asked = np.unique(rows)
    agree: dict[str, BoolArray] = {}
    for datum, (lon, lat) in sample.places.items():
        inside = np.zeros(len(lon), dtype=bool)
        np.logical_or.at(inside, rows, shapely.intersects_xy(shapes[targets], lon[rows], lat[rows]))
        agree[datum] = inside[asked]
    return _verdict_of_rows(agree)


def _by_place(sample: _Sample, areas: gpd.GeoDataFrame) -> _Verdict:
    """Rows inside the district at all, a weak sign."""
    district = shapely.union_all(areas.geometry.to_numpy(), grid_size=1e-9)
    shapely.prepare(district)
    verdict = _verdict_of_rows({datum: shapely.intersects_xy(district, *at) for datum, at in sample.places.items()})
    sure = verdict.sure if len(sample.places) == 1 else min(verdict.sure, PLACE_ONLY_SURE)
    return _Verdict(verdict.datum, sure, verdict.scores, verdict.rows)


def _verdict_of_rows(agree: dict[str, BoolArray]) -> _Verdict:
    scores = {datum: float(rows.mean()) for datum, rows in agree.items()}
    best = max(scores, key=lambda datum: scores[datum])
    chosen = agree[best]
    odds = _odds(int(chosen.sum()), int((~chosen).sum()))
    for datum, rows in agree.items():
        if datum != best:
            odds += _odds(int((chosen & ~rows).sum()), int((rows & ~chosen).sum()))
    return _Verdict(best, 1.0 / (1.0 + odds), scores, len(chosen))


def _odds(for_choice: int, for_rival: int) -> float:
    """Odds of a rival against the choice, by the rows on which they differ."""
    rival = float(betainc(for_choice + 1.0, for_rival + 1.0, 0.5))
    return rival / max(1.0 - rival, 1e-300)


def _by_street(sample: _Sample, streets: gpd.GeoDataFrame, near: tuple[float, float], cap_m: float) -> _Verdict | None:
    """Points lie along streets: the smallest mean distance, each capped; None without streets."""
    walked = streets if "kind" not in streets.columns else streets[streets["kind"] != "rail"]
    metric = crs.metric_crs(*near)
    lines = walked.geometry.to_crs(metric).to_numpy() if len(walked) else walked.geometry.to_numpy()
    lines = lines[~(shapely.is_missing(lines) | shapely.is_empty(lines))]
    if not len(lines):
        return None
    tree = shapely.STRtree(lines)
    rows = _thinned(np.arange(len(sample.declared)), _STREET_ROWS)
    far = {
        datum: _capped(tree, crs.project(lon[rows], lat[rows], metric), cap_m)
        for datum, (lon, lat) in sample.places.items()
    }
    means = {datum: float(distance.mean()) for datum, distance in far.items()}
    best = min(means, key=lambda datum: means[datum])
    odds = sum(_odds_of_gain(far[datum] - far[best]) for datum in far if datum != best)
    odds += _odds_of_gain(cap_m / 2 - far[best])
    return _Verdict(best, 1.0 / (1.0 + odds), {datum: 1.0 - mean / cap_m for datum, mean in means.items()}, len(rows))


def _capped(tree: shapely.STRtree, xy_m: FloatArray, cap_m: float) -> FloatArray:
    distance = np.full(len(xy_m), cap_m)
    found, apart = tree.query_nearest(shapely.points(xy_m), max_distance=cap_m, return_distance=True, all_matches=False)
    distance[found[0]] = apart
    return distance


def _odds_of_gain(gain: FloatArray) -> float:
    """Odds that the mean of a sample is not above 0, by Student's t."""
    spread = float(gain.std(ddof=1)) if len(gain) > 1 else 0.0
    if spread == 0.0:
        return 1.0 if len(gain) < 2 or gain[0] <= 0 else 0.0
    below = float(stdtr(len(gain) - 1, -float(gain.mean()) / spread * np.sqrt(len(gain))))
    return below / max(1.0 - below, 1e-300)


def _targets(declared: npt.NDArray[np.object_], areas: gpd.GeoDataFrame) -> tuple[IntArray, IntArray]:
    """Pairs (row of the sample, row of the areas): the areas that a row's text may mean."""
    by_code, by_name, by_stem = _directory(areas)
    meaning = {text: _meant(text, by_code, by_name, by_stem) for text in set(declared) if text}
    pairs = [(row, area) for row, text in enumerate(declared) for area in meaning.get(text, ())]
    rows, targets = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return rows, targets


def _directory(areas: gpd.GeoDataFrame) -> tuple[dict[str, set[int]], dict[str, set[int]], dict[str, set[int]]]:
    by_code: dict[str, set[int]] = {}
    by_name: dict[str, set[int]] = {}
    by_stem: dict[str, set[int]] = {}
    for column in ("code", "code_nbs", "code_mca"):
        for row, code in enumerate(areas[column] if column in areas.columns else ()):
            by_code.setdefault(code, set()).add(row)
    for column in ("name_zh", "name_en"):
        for row, name in enumerate(areas[column] if column in areas.columns else ()):
            if name:
                by_name.setdefault(official_name(name), set()).add(row)
                by_stem.setdefault(name_stem(name), set()).add(row)
    by_code.pop("", None)
    return by_code, by_name, by_stem


def _meant(
    text: str, by_code: dict[str, set[int]], by_name: dict[str, set[int]], by_stem: dict[str, set[int]]
) -> set[int]:
    """Areas a text may mean: a code or the nearest known area above it, else a name, else the end of a longer text."""
    code = text
    while code:
        if code in by_code:
            return by_code[code]
        code = parent_code(code)
    for part in (text, *reversed(_SEPARATORS.split(text))):
        found = by_name.get(official_name(part)) or by_stem.get(name_stem(part)) if part else None
        if found:
            return found
    plain = official_name(text)
    ending = max((name for name in by_name if len(name) > 1 and plain.endswith(name)), key=len, default="")
    return by_name.get(ending, set())


def _nothing(zh: str, en: str) -> DatumChoice:
    return DatumChoice(
        "wgs84",
        0.0,
        {},
        0,
        f"{zh},无从判断;暂按 WGS-84,请核对。",
        f"{en}: nothing to judge by; WGS-84 assumed, check it.",
    )


def _projected(guess: crs.ProjectedGuess, verdict: _Verdict) -> DatumChoice:
    share = verdict.scores[guess.datum]
    return DatumChoice(
        guess.datum, verdict.sure, verdict.scores, verdict.rows,
        f"{guess.why_zh};按此换算后 {share:.0%} 的记录({verdict.rows} 行)落在应在的区域内。",
        f"{guess.why_en}; so read, {share:.0%} of {verdict.rows} rows lie where they should.",
    )  # fmt: skip


def _told(kind: str, verdict: _Verdict) -> DatumChoice:
    best_zh, best_en = _NAMES[verdict.datum]
    scores = " / ".join(f"{_NAMES[datum][1].split(' ')[0]} {share:.0%}" for datum, share in verdict.scores.items())
    zh, en = {
        "declared": ("落在所填网格或社区内的比例", "share of rows inside the area they declare"),
        "streets": ("贴近道路的程度", "closeness to streets"),
        "place": (
            "落在辖区内的比例(单凭辖区边界难以判定)",
            "share of rows inside the district, which alone proves little",
        ),
    }[kind]
    doubt_zh, doubt_en = ("", "") if verdict.sure >= _SURE_ENOUGH else ("把握不足,请核对。", " Not sure: check it.")
    return DatumChoice(
        verdict.datum, verdict.sure, verdict.scores, verdict.rows,
        f"{verdict.rows} 行的{zh}:{scores};取 {best_zh}。{doubt_zh}",
        f"{en} ({verdict.rows} rows): {scores}; {best_en} taken.{doubt_en}",
    )  # fmt: skip
