"""How a file is to be read: settings and limits. Pure data."""

from collections.abc import Callable
from dataclasses import dataclass, field

from gis.errors import Lang
from gis.layers.report import DatumChoice, RawPoints

MB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """What a file may cost; beyond it the file is refused as hostile or too large.

    Parameters
    ----------
    file_bytes, unpacked_bytes
        The file as handed in, and all that it unpacks to.
    ratio
        Unpacked to packed size of one member of an archive above 1 MB.
    members
        Members of an archive.
    rows, columns
        Of a table.
    memory_bytes, cpu_s, wall_s
        Address space, processor seconds and elapsed seconds of the reading process.
    """

    file_bytes: int = 2048 * MB
    unpacked_bytes: int = 4096 * MB
    ratio: float = 200.0
    members: int = 1000
    rows: int = 20_000_000
    columns: int = 1000
    memory_bytes: int = 8192 * MB
    cpu_s: int = 900
    wall_s: float = 900.0


@dataclass(frozen=True)
class ReadOptions:
    """How to read a file.

    Parameters
    ----------
    datum
        ``auto``, or what the coordinates are in (``wgs84``, ``cgcs2000``, ``gcj02``, ``bd09``, ``EPSG:n``).
    mapping
        Our field to the file's header, before any alias.
    zone
        Zone of times that state none.
    lang
        Language of texts written for the person who imports.
    level
        Level of all areas of the file, where it has no column for it.
    near
        (lon, lat) of the district, for projected coordinates without a zone.
    place
        (min lon, min lat, max lon, max lat) of the district in WGS-84; rows beyond ``margin_deg`` of it are refused.
    margin_deg
        0.25 degrees is some 25 km: wide of every datum's shift (1.2 km), close enough for a wrong digit.
    propose
        Chooses the datum from declared grids and streets (``gis.join.datum.propose_datum``).
    scheme
        Code list of a category column that states none: ``wangge``, ``gbt30428``, ``cjt214`` or ``text``.
    """

    datum: str = "auto"
    mapping: dict[str, str] = field(default_factory=dict)
    zone: str = "Asia/Shanghai"
    lang: Lang = "zh"
    level: str = ""
    near: tuple[float, float] | None = None
    place: tuple[float, float, float, float] | None = None
    margin_deg: float = 0.25
    propose: Callable[[RawPoints], DatumChoice] | None = None
    scheme: str = ""
    limits: Limits = field(default_factory=Limits)
