"""How often each category of the sample occurs, near what, when, who reports it: the assumptions, as one table.

Codes are those of scheme ``wangge``. Shares are per mille of all incidents. Every number here is a guess that makes a
plausible district, none is a measurement. D02 is left out: its places must be generalised, so it has no point.
"""

from dataclasses import dataclass

import numpy as np


def _clock(*bumps: tuple[float, float, float], floor: float = 0.05) -> tuple[float, ...]:
    """Weights of 24 hours that sum to 1: bumps of (hour, width, height) around the clock over a floor."""
    hour = np.arange(24) + 0.5
    total = np.full(24, floor)
    for middle, width, height in bumps:
        gap = np.minimum(np.abs(hour - middle), 24 - np.abs(hour - middle))
        total += height * np.exp(-0.5 * (gap / width) ** 2)
    return tuple((total / total.sum()).tolist())


HOURS = {
    "office": _clock((10.0, 1.5, 1.0), (15.8, 1.5, 0.85), floor=0.02),
    "market": _clock((7.5, 1.3, 1.0), (11.5, 1.2, 0.5), (17.8, 1.5, 0.95), floor=0.03),
    "commute": _clock((7.8, 0.8, 1.0), (12.0, 1.0, 0.5), (17.8, 1.1, 0.95), floor=0.05),
    "home": _clock((8.0, 1.5, 0.4), (19.8, 2.0, 1.0), floor=0.08),
    "evening": _clock((20.5, 1.8, 1.0), (13.0, 1.5, 0.2), floor=0.04),
    "night": _clock((23.5, 2.2, 1.0), (2.0, 1.8, 0.55), floor=0.04),
    "day": _clock((9.5, 2.0, 0.9), (16.0, 2.6, 1.0), floor=0.08),
    "dawn": _clock((5.5, 1.5, 1.0), (21.0, 2.0, 0.4), floor=0.05),
    "school": _clock((7.4, 0.6, 1.0), (11.7, 0.6, 0.6), (17.0, 0.8, 1.0), floor=0.01),
}
SEASONS = {
    "flat": (1.0,) * 12,
    "summer": (0.55, 0.55, 0.75, 0.95, 1.2, 1.4, 1.5, 1.45, 1.2, 0.95, 0.75, 0.6),
    "winter": (1.8, 1.6, 1.2, 0.8, 0.5, 0.4, 0.4, 0.4, 0.6, 1.3, 1.7, 1.8),
    "heating": (1.9, 1.5, 1.0, 0.7, 0.5, 0.4, 0.4, 0.4, 0.6, 2.2, 2.0, 1.8),
    "snow": (2.8, 2.0, 0.7, 0.05, 0.0, 0.0, 0.0, 0.0, 0.0, 0.1, 1.6, 2.6),
    "dust": (0.3, 0.5, 2.2, 3.2, 2.3, 0.9, 0.3, 0.2, 0.3, 0.5, 0.7, 0.4),
    "rain": (0.02, 0.02, 0.1, 0.3, 0.8, 1.8, 3.4, 3.4, 1.6, 0.4, 0.1, 0.02),
    "ice": (0.4, 2.0, 4.5, 0.5, 0.1, 0.2, 0.8, 0.8, 0.3, 0.1, 0.8, 1.4),
    "building": (0.1, 0.15, 0.9, 1.4, 1.5, 1.4, 1.3, 1.3, 1.4, 1.3, 0.8, 0.2),
    "term": (0.6, 0.3, 1.2, 1.2, 1.2, 1.2, 0.4, 0.2, 1.4, 1.2, 1.2, 1.2),
    "wages": (2.4, 1.4, 0.8, 0.7, 0.7, 0.8, 0.7, 0.7, 0.8, 0.8, 1.1, 1.9),
}
"""Factors of the twelve months."""

SOURCES = {
    "citizen": {"12345": 0.60, "grid": 0.24, "department": 0.09, "camera": 0.03, "inspection": 0.04},
    "worker": {"grid": 0.54, "inspection": 0.19, "12345": 0.21, "camera": 0.06},
    "police": {"police": 0.84, "12345": 0.06, "camera": 0.08, "grid": 0.02},
    "check": {"inspection": 0.60, "department": 0.25, "grid": 0.15},
    "hotline": {"12345": 1.0},
    "line": {"inspection": 0.42, "grid": 0.36, "department": 0.16, "12345": 0.06},
}
"""Who brings the incident in. ``inspection`` and ``camera`` were looked for: they count as found by patrol."""
PATROL_SOURCES = ("inspection", "camera")

DEPARTMENTS = (
    "区城市管理综合执法局", "区住房和城乡建设局", "区公安分局", "区消防救援大队", "区应急管理局", "区市场监督管理局", "区司法局",
    "区人力资源和社会保障局", "区生态环境分局", "区交通运输局", "区自然资源分局", "区卫生健康委员会", "区教育局", "区水务局",
    "区民政局", "区委政法委", "区工业和信息化局", "区政务服务局",
)  # fmt: skip
"""The eighteen departments of the simulated district."""
_SHORT = dict(
    zip(
        ("cg", "zj", "ga", "xf", "yj", "sc", "sf", "rs", "hj", "jt", "zr", "wj", "jy", "sw", "mz", "zf", "gx", "zw"), DEPARTMENTS, strict=True
    )
)  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """The assumptions on one category.

    Parameters
    ----------
    code, share
        Category code, and its share in per mille.
    near
        Kinds of anchors with their weights, as text ``market 3, homes 1``.
    spread_m
        Mean distance from the anchor.
    snap
        ``street``, ``house`` or ``rail``: what the point is drawn to.
    hours, season, source
        Keys of HOURS, SEASONS, SOURCES.
    weekend, holiday
        Factor of a day on Saturdays and Sundays, and on public holidays.
    trend
        Relative change over the three years.
    repeat
        Share of incidents that an earlier one nearby brought about.
    bursts
        Days to which the category is confined, 0 for none: snow, dust, heavy rain.
    department
        Who handles it.
    """

    code: str
    share: float
    near: str
    spread_m: float
    snap: str
    hours: str
    season: str
    source: str
    weekend: float
    holiday: float
    trend: float
    repeat: float
    bursts: int
    department: str

    @property
    def anchors(self) -> dict[str, float]:
        """Kinds of anchors and their weights."""
        return {name: float(weight) for name, weight in (part.split() for part in self.near.split(", "))}


_ROWS = """
06010 118 market 3, homes 5, streets 1|110|street|market|summer|worker|1.15|1.2|-0.05|.30|0|cg
06011 26 sites 3, homes 3|120|street|office|building|worker|0.8|0.5|0|.20|0|cg
06012 34 market 2, streets 4|150|street|day|flat|worker|0.9|1.0|0|.10|0|cg
06013 27 streets 5, sites 1|60|street|day|building|citizen|0.8|0.6|0.10|.25|0|zj
06014 8 sites 4, works 2|180|street|day|building|worker|0.7|0.5|0|.20|0|jt
06017 14 homes 4, streets 1|110|street|day|summer|worker|0.9|0.8|0|.15|0|cg
06020 7 homes 2, streets 2|150|street|evening|winter|worker|1.1|2.2|-0.20|.20|0|cg
06001 13 homes 4|80|house|day|summer|citizen|0.8|0.6|-0.15|.10|0|cg
06027 11 market 4, homes 1|60|house|evening|summer|citizen|1.2|1.1|0|.25|0|hj
06028 31 homes 4, market 2, sites 2|90|house|night|summer|citizen|1.25|1.2|0.15|.30|0|hj
06029 9 market 4, school 1|100|street|evening|summer|worker|1.3|1.2|-0.10|.25|0|cg
06034 6 homes 4|80|street|day|flat|citizen|0.9|0.7|0.20|.05|0|cg
06036 24 homes 5|60|street|day|flat|worker|0.9|0.8|0|.25|0|cg
06042 32 homes 4, market 2|90|street|market|summer|worker|1.2|1.3|0|.30|0|cg
06045 6 homes 3|90|street|day|summer|citizen|0.9|0.7|0|.15|0|zr
07001 21 homes 3, station 1, school 1|110|street|day|flat|worker|0.9|0.7|-0.30|.30|0|cg
07003 6 market 2, streets 3|90|house|office|flat|check|0.4|0.3|0|.05|0|cg
08001 14 sites 1|110|house|night|building|citizen|1.0|0.6|0|.35|0|zj
08002 7 sites 3, streets 1|70|street|day|building|citizen|0.8|0.6|0|.20|0|jt
08004 9 sites 3, works 1|130|street|day|building|citizen|0.8|0.6|-0.20|.25|0|hj
08007 4 sites 1|50|street|office|building|check|0.5|0.3|0|.10|0|zj
09001 22 market 3, school 2, station 1|80|street|market|summer|worker|1.2|1.2|-0.10|.30|0|cg
09005 40 market 4, homes 1|70|street|market|summer|worker|1.1|1.1|-0.05|.30|0|cg
09006 34 market 4, school 2|70|street|market|summer|worker|1.15|1.2|-0.05|.30|0|cg
09009 68 school 3, hospital 3, market 3, homes 3|90|street|commute|flat|citizen|0.85|0.9|0.25|.20|0|ga
09010 20 market 2, station 2, school 2|60|street|commute|summer|worker|0.9|0.9|0.10|.20|0|cg
09011 9 station 2, school 2, market 2|90|street|commute|summer|worker|1.0|1.0|0.50|.25|0|cg
09012 19 homes 5|60|street|home|flat|citizen|1.1|1.2|0.10|.20|0|xf
09020 8 market 1|40|street|market|flat|check|1.0|1.0|0|.10|0|sc
10001 12 streets 1|30|street|commute|snow|citizen|1.0|0.8|0|0|24|cg
10002 5 streets 2, homes 2|60|street|day|dust|citizen|1.0|1.0|0|.10|0|gx
01002 9 streets 3|30|street|day|rain|worker|0.9|0.8|0|.10|0|zj
01013 8 homes 3|50|house|office|flat|check|0.4|0.3|0|.05|0|xf
01037 20 streets 4|60|street|evening|winter|citizen|1.0|1.0|-0.15|.25|0|zj
01076 9 homes 4|40|house|home|flat|citizen|1.0|1.1|0.10|.35|0|sc
02014 4 streets 2|30|street|commute|flat|police|0.9|0.8|0|.15|0|ga
D01 26 homes 1|60|house|home|summer|citizen|1.3|1.1|0|.20|0|sf
D03 24 homes 1|60|house|home|heating|citizen|0.9|0.6|0.15|.30|0|zj
D04 9 works 2, sites 3|120|house|office|wages|citizen|0.4|0.2|-0.10|.25|0|rs
D05 13 market 3, courier 1|60|house|day|flat|citizen|1.15|1.2|0.20|.05|0|sc
D06 4 homes 1|90|house|office|building|citizen|0.4|0.2|-0.20|.15|0|zr
D07 6 works 2|260|house|night|summer|citizen|0.9|0.8|-0.25|.30|0|hj
D08 2 hospital 1|15|house|day|flat|citizen|0.7|0.6|0|.05|0|wj
D09 6 market 1, homes 1|80|house|office|wages|citizen|0.5|0.2|0.10|.05|0|sf
D10 6 streets 1, market 1|60|street|commute|flat|citizen|0.9|0.9|0|.05|0|sf
P01 8 homes 1|70|house|night|winter|police|0.95|1.35|-0.30|.35|0|ga
P02 24 homes 4, market 2, school 2, station 1|60|street|evening|summer|police|1.0|0.9|-0.20|.32|0|ga
P03 13 market 4, station 2, hospital 1|60|street|market|flat|police|1.2|1.4|-0.20|.20|0|ga
P04 1.2 streets 2, station 1|90|street|night|flat|police|1.1|1.0|-0.40|.15|0|ga
P05 9 homes 3, hospital 1|70|street|night|flat|police|1.0|1.2|-0.20|.35|0|ga
P06 12 market 3, station 1|80|street|night|summer|police|1.5|1.3|-0.05|.15|0|ga
P07 12 market 3, homes 1|70|street|night|summer|police|1.6|1.5|-0.05|.15|0|ga
P08 11 homes 1|40|house|day|flat|police|0.8|0.8|0.10|.05|0|ga
P09 7 homes 2, streets 1|80|street|night|flat|police|1.2|1.2|0|.20|0|ga
P10 2 market 2, homes 1|90|house|night|flat|police|1.1|0.9|-0.20|.10|0|ga
P11 5 school 1|80|street|school|term|police|0.1|0.05|0|.10|0|jy
F01 22 market 3, works 2, homes 2|60|house|office|winter|check|0.4|1.2|0|.10|0|xf
F02 34 homes 1|50|house|home|flat|worker|1.0|1.0|0.30|.25|0|xf
F03 12 homes 3, market 2|50|house|day|heating|check|0.6|0.6|0.20|.05|0|zj
F04 11 homes 3, works 1|60|house|day|summer|check|0.6|0.5|0|.05|0|yj
F05 5 homes 1|40|house|home|dust|citizen|1.1|1.1|0|.25|0|ga
F06 4 homes 1|70|house|day|rain|check|0.5|0.3|-0.20|.05|0|zj
F07 3 streets 2, works 1|80|street|day|rain|citizen|0.9|0.8|0|.20|0|zj
F08 7 streets 1|60|street|evening|rain|citizen|1.0|1.0|0|0|30|sw
F09 24 homes 1|70|house|home|heating|citizen|1.0|1.0|0|.35|0|zj
F10 2.5 mine 1|350|street|day|flat|check|0.7|0.6|-0.10|.25|0|zr
F11 0.8 works 1|90|house|day|summer|check|0.6|0.5|0|.05|0|yj
F12 6 streets 1, homes 1|90|street|day|dust|citizen|1.0|1.0|0|0|26|yj
F13 1.5 river 1|120|street|day|ice|check|0.9|0.8|0|.15|0|sw
F14 6 market 2, school 1, hospital 1|30|house|office|flat|check|0.5|1.6|0|.05|0|yj
F15 4 works 2, homes 1|50|house|office|flat|check|0.3|0.3|0|.05|0|sc
R01 4 rail 1|25|rail|day|flat|line|0.9|0.8|-0.20|.30|0|zf
R02 3 rail 1|30|rail|dawn|summer|line|1.1|1.1|-0.10|.30|0|zf
R03 1 rail 1|40|rail|office|building|line|0.5|0.3|0|.05|0|zf
R04 5 rail 1|50|rail|day|dust|line|0.9|0.8|0|.25|0|zf
R05 3 rail 1|40|rail|day|building|line|0.8|0.6|0|.25|0|zf
R07 0.7 rail 1|30|rail|evening|summer|line|1.3|1.3|-0.10|.30|0|zf
R08 2 crossings 1|15|rail|commute|flat|line|0.9|0.9|0|.15|0|jt
C01 7 courier 1|4|house|office|flat|check|0.3|0.05|0|0|0|jt
C02 4 courier 1|4|house|office|flat|check|0.4|0.1|-0.20|.05|0|jt
C03 2.5 courier 1|4|house|office|flat|check|0.4|0.1|-0.20|.05|0|jt
C04 2.5 courier 1|4|house|office|flat|check|0.4|0.1|-0.20|.05|0|jt
C05 1.8 courier 1|4|house|office|winter|check|0.4|0.1|0|.05|0|xf
H02 7 safe_harbour 1|4|house|office|flat|check|0.2|0.05|0|0|0|zf
H03 2.5 safe_harbour 1|4|house|office|flat|check|0.2|0.05|0|.10|0|zf
S01 16 homes 1|80|house|office|flat|hotline|0.4|0.15|0.10|0|0|zw
S02 27 homes 1|80|house|day|heating|hotline|0.8|0.6|0.15|.20|0|zw
S03 8 homes 1|80|house|office|flat|hotline|0.6|0.3|0.20|0|0|zw
S04 15 homes 2, market 2|80|house|day|summer|hotline|0.9|0.8|0.05|.20|0|zw
S05 9 homes 1|70|house|day|winter|hotline|0.9|1.0|0|.05|0|mz
V01 6 cameras 1|3|house|day|dust|check|0.7|0.5|0|.30|0|ga
V02 3 cameras 1|3|house|day|dust|check|0.7|0.5|0|.25|0|ga
"""


def _kind(row: str) -> Kind:
    code, share, rest = row.split(" ", 2)
    near, spread, snap, hours, season, source, weekend, holiday, trend, repeat, bursts, department = rest.split("|")
    return Kind(
        code, float(share), near, float(spread), snap, hours, season, source, float(weekend), float(holiday), float(trend),
        float(repeat), int(bursts), _SHORT[department],
    )  # fmt: skip


KINDS = tuple(_kind(row) for row in _ROWS.strip().splitlines())
"""The assumptions, one row a category."""

INTERVAL = ("P01", "P02", "P05", "P09")
"""Found later: the time is often known as from-to only."""

HOLIDAYS = (
    ("2023-12-30", 3), ("2024-02-10", 8), ("2024-04-04", 3), ("2024-05-01", 5), ("2024-06-08", 3), ("2024-09-15", 3), ("2024-10-01", 7),
    ("2025-01-01", 1), ("2025-01-28", 8), ("2025-04-04", 3), ("2025-05-01", 5), ("2025-05-31", 3), ("2025-10-01", 8),
    ("2026-01-01", 3), ("2026-02-15", 9), ("2026-04-04", 3), ("2026-05-01", 5), ("2026-06-19", 3), ("2026-09-25", 3), ("2026-10-01", 7),
)  # fmt: skip
"""First day and length of the public holidays of the State Council's yearly notices."""
