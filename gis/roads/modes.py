"""How fast one travels, and where one may: on foot, by e-bike, by car. Rail is closed to all of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from gis.errors import InputError

FOOT_MPS = 1.3
EBIKE_MPS = 15 / 3.6
"""15 km/h in traffic; an e-bike's design speed ends at 25 km/h (GB 17761)."""

_CAR_KMH = {
    "motorway": 80,
    "trunk": 60,
    "primary": 40,
    "secondary": 35,
    "tertiary": 30,
    "unclassified": 25,
    "residential": 20,
    "living_street": 10,
    "service": 15,
    "track": 15,
}
_NO_STREET = (
    "rail", "construction", "proposed", "planned", "abandoned", "disused", "razed", "raceway", "bus_guideway", "escape",
)  # fmt: skip
"""Drawn, never travelled: rail, what is not built yet or no longer there, and tracks of their own."""
_FOOTPATHS = ("footway", "path", "pedestrian", "corridor")


@dataclass(frozen=True)
class Mode:
    """Speeds and closures of one way to travel.

    Parameters
    ----------
    name
        ``foot``, ``ebike`` or ``car``; also the key in MODES.
    default_mps
        Speed in metres per second on a kind of street that ``mps`` does not name.
    mps
        Speed by kind of street. ``primary_link`` is looked up as ``primary``.
    closed
        Kinds that this mode never uses.
    oneway
        Whether one-way streets bind this mode.
    access_mps
        Speed of the last metres between a point and the street, always on foot.
    """

    name: str
    name_zh: str
    name_en: str
    default_mps: float
    mps: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    closed: frozenset[str] = frozenset(_NO_STREET)
    oneway: bool = False
    access_mps: float = FOOT_MPS

    def __post_init__(self) -> None:
        if min(self.default_mps, self.access_mps, *self.mps.values()) <= 0:
            raise InputError(
                zh=f"出行方式“{self.name}”的速度必须大于 0 米/秒。",
                en=f"Every speed of mode '{self.name}' must be above 0 m/s.",
            )

    def speed_of(self, kind: str) -> float:
        """Metres per second on a kind of street; 0 where the mode may not go."""
        base = kind.removesuffix("_link")
        if base in self.closed:
            return 0.0
        return self.mps.get(base, self.default_mps)


MODES: Mapping[str, Mode] = MappingProxyType(
    {
        "foot": Mode("foot", "步行", "on foot", FOOT_MPS, closed=frozenset({*_NO_STREET, "motorway"})),
        "ebike": Mode(
            "ebike",
            "电动自行车",
            "by e-bike",
            EBIKE_MPS,
            # An e-bike is pushed where people walk.
            mps=MappingProxyType(dict.fromkeys(_FOOTPATHS, FOOT_MPS)),
            closed=frozenset({*_NO_STREET, "motorway", "steps"}),
        ),
        "car": Mode(
            "car",
            "汽车",
            "by car",
            20 / 3.6,
            mps=MappingProxyType({kind: kmh / 3.6 for kind, kmh in _CAR_KMH.items()}),
            closed=frozenset({*_NO_STREET, "steps", "cycleway", "bridleway", *_FOOTPATHS}),
            oneway=True,
        ),
    }
)
"""The three ways to travel that a team may have. Car speeds are door-to-door town speeds, not limits."""


def mode_named(mode: "str | Mode") -> Mode:
    """A mode by its name; a mode of one's own passes through.

    Raises
    ------
    InputError
        No such mode.
    """
    if isinstance(mode, Mode):
        return mode
    if mode not in MODES:
        raise InputError(
            zh=f"没有出行方式“{mode}”;可选:{'、'.join(MODES)}。",
            en=f"There is no mode '{mode}'; choose one of {', '.join(MODES)}.",
        )
    return MODES[mode]
