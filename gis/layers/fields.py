"""Headers of a file to our fields, by an alias table, by name or by the user's word. Never by what the values look like.

``REFUSE_person`` marks headers of personal columns; they are dropped whoever asks for them.
"""

import csv
import functools
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.resources import files

from gis.errors import ColumnError

REFUSED = "REFUSE_person"

READ = {
    "incidents": frozenset(
        {"id", "lon", "lat", "lonlat", "crs", "time", "date", "clock", "hour", "time_to", "category", "subcategory",
         "category_code", "scheme", "source", "found_by", "department", "status", "address", "grid_code", "grid_name",
         "community_code", "community", "street_code", "street"}
    ),
    "cameras": frozenset(
        {"id", "lon", "lat", "lonlat", "crs", "name", "device_id", "camera_type", "azimuth", "angle", "range_m",
         "height_m", "status", "purpose", "tags", "grid_code", "grid_name", "community_code", "community", "street_code",
         "street", "mount", "tilt", "presets", "resolution_px", "sensor_mm", "focal_mm", "owner", "point_class", "place",
         "used_since", "filing_no", "filed_on", "notice", "retention_days", "light", "light_m", "snap", "surveillance",
         "zone"}
    ),
    "places": frozenset(
        {"id", "lon", "lat", "lonlat", "crs", "name", "name_en", "kind", "kind_detail", "amenity", "shop", "address",
         "grid_code", "grid_name", "community_code", "community", "street_code", "street"}
    ),
    "areas": frozenset(
        {"code", "parent", "level", "kind", "name", "name_en", "code_nbs", "code_mca", "households", "valid_from",
         "valid_to", "synthetic", "grid_code", "grid_name", "community_code", "community", "street_code", "street",
         "district_code", "district"}
    ),
    "streets": frozenset(
        {"id", "name", "name_en", "highway", "railway", "kind", "kind_detail", "oneway", "lit", "closed_to", "junction", "access",
         "foot", "bicycle", "vehicle", "motor_vehicle", "motorcar"}
    ),
    "buildings": frozenset({"id", "kind", "kind_detail", "height_m", "levels"}),
}  # fmt: skip
"""Fields that each layer reads; a header of any other field is reported as ignored."""

_STRIP = re.compile(r"[\s_\-.:*/、,;#\"'“”‘’·()\[\]{}<>《》【】〔〕（）]+")
_BRACKETED = re.compile(r"[(\[{<【〔《（].*?[)\]}>】〕》）]")
_PERSONAL = re.compile(
    r"姓名|名字|身份证|证件号|手机|电话|联系方式|车牌|号牌|人脸|户主|监护人|户籍|家庭住址|出生|民族|微信|邮箱|"
    r"(?:first|last|full|middle|person|contact|caller|owner|reporter|victim|suspect|complainant)name|"
    r"phone|mobile(?:no|number)?$|telephone|idcard|passport|licen[cs]eplate|plateno|email|dateofbirth|^dob$|"
    r"(?:victim|suspect|offender|complainant)(?:age|sex|gender|race)"
)
_NOT_PERSONAL = re.compile(r"电话亭|热线电话|公用电话|手机店|车牌识别")
_ALSO = {
    "occurred_at": "time",
    "occurred_to": "time_to",
    "name_zh": "name",
    "declared_area": "grid_name",
    "x": "lon",
    "y": "lat",
}
"""Names of table columns that a user may map besides our field names."""


@dataclass(frozen=True)
class HeaderMap:
    """Which header feeds which field.

    Parameters
    ----------
    fields
        Our field to the header as the file writes it.
    refused
        Headers of personal columns.
    ignored
        Headers that no field reads.
    """

    fields: dict[str, str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    def get(self, name: str) -> str:
        """The header of a field, empty if the file has none."""
        return self.fields.get(name, "")


def normal_header(header: str) -> str:
    """A header for comparison: NFKC, case folded, without blanks, brackets and joining marks."""
    return _STRIP.sub("", unicodedata.normalize("NFKC", header)).casefold()


@functools.cache
def _aliases() -> dict[str, dict[str, tuple[str, int]]]:
    """Layer kind ('' for all) to normal header to (field, rank); a lower rank wins when two headers mean one field."""
    table: dict[str, dict[str, tuple[str, int]]] = {}
    with (files("gis.layers") / "header_aliases.csv").open(encoding="utf-8") as file:
        for rank, row in enumerate(csv.DictReader(file)):
            for kind in row["kinds"].split() or [""]:
                table.setdefault(kind, {}).setdefault(normal_header(row["alias"]), (row["field"], rank))
    return table


def field_of(header: str, kind: str) -> tuple[str, int]:
    """The field a header means in a layer, with its rank; an empty field when it means none."""
    plain = normal_header(header)
    bare = normal_header(_BRACKETED.sub("", unicodedata.normalize("NFKC", header)))
    tables = _aliases()
    for name in (plain, bare):
        for scope in (kind, ""):
            found = tables.get(scope, {}).get(name)
            if found:
                return found
    if _PERSONAL.search(plain) and not _NOT_PERSONAL.search(plain):
        return REFUSED, 0
    return "", 0


def known_headers(headers: Iterable[str]) -> int:
    """How many of these texts are headers of any layer: a header row has several, a title or a data row none."""
    scopes = _aliases()
    plain = {normal_header(text) for text in headers if text}
    return sum(1 for text in plain if any(text in scope for scope in scopes.values()) or _PERSONAL.search(text))


def map_headers(headers: list[str], kind: str, mapping: dict[str, str]) -> HeaderMap:
    """Which header feeds which field of a layer.

    Parameters
    ----------
    mapping
        The user's word: field (ours, or a column of the table) to header. It wins over the alias table.

    Raises
    ------
    ColumnError
        The user names a header that the file lacks, or one that is personal.
    """
    chosen = _by_user(headers, kind, mapping)
    taken = set(chosen.values())
    ranked: dict[str, tuple[int, str]] = {}
    refused, ignored = [], []
    for header in headers:
        if header in taken:
            continue
        name, rank = field_of(header, kind)
        if name == REFUSED:
            refused.append(header)
        elif name not in READ[kind] or name in chosen:
            ignored.append(header)
        elif name not in ranked or rank < ranked[name][0]:
            if name in ranked:
                ignored.append(ranked[name][1])
            ranked[name] = (rank, header)
        else:
            ignored.append(header)
    fields = chosen | {name: header for name, (_, header) in ranked.items()}
    return HeaderMap(fields, refused, sorted(ignored, key=headers.index))


def _by_user(headers: list[str], kind: str, mapping: dict[str, str]) -> dict[str, str]:
    by_normal = {normal_header(header): header for header in headers}
    chosen = {}
    for name, wanted in mapping.items():
        header = wanted if wanted in headers else by_normal.get(normal_header(wanted))
        if header is None:
            raise ColumnError(
                zh=f"文件没有表头“{wanted}”(用于字段 {name})。文件的表头:{', '.join(headers)}。",
                en=f"The file has no header '{wanted}' (for field {name}). Its headers: {', '.join(headers)}.",
            )
        if field_of(header, kind)[0] == REFUSED:
            raise ColumnError(
                zh=f"表头“{header}”是个人信息,不导入,也不能用于字段 {name}。",
                en=f"'{header}' is a personal column; it is never imported and cannot feed {name}.",
            )
        wanted_field = _ALSO.get(name, name)
        if wanted_field not in READ[kind]:
            raise ColumnError(
                zh=f"图层 {kind} 没有字段 {name};可用:{', '.join(sorted(READ[kind]))}。",
                en=f"Layer {kind} has no field {name}; there are {', '.join(sorted(READ[kind]))}.",
            )
        chosen[wanted_field] = header
    return chosen


def missing_column(what_zh: str, what_en: str, field_name: str, headers: list[str]) -> ColumnError:
    """The error for a column that a layer cannot do without, listing what the file has."""
    have = ", ".join(headers) or "-"
    return ColumnError(
        zh=f"找不到{what_zh}列;现有表头:{have}。请用 --map {field_name}=表头 指明。",
        en=f"No column for {what_en}; the file has: {have}. Name it with --map {field_name}=header.",
    )
