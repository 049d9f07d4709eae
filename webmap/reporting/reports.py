"""A report before and after it is sent: where it lies, how its text reads without people, what may be the same, and its receipt.

The case itself is made by ``webmap.cases.intake``. Of other cases nothing is told but how far, how long ago, of what kind and state.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from gis.dispatch.states import states
from gis.errors import ConflictError, Lang, NotFoundError, ReportError, TakenError
from gis.incidents import taxonomy
from gis.join.assign import assign_levels
from gis.layers import codelists
from gis.layers.codelists import OURS
from webmap.cases import intake
from webmap.photos import parse_hidden
from webmap.photos import service as photos
from webmap.reporting.choices import PUBLIC_ROLE, Source, may_report, source_of, sources_of
from webmap.services import Services
from webmap.store import Viewer
from webmap.store.case_scope import CLOCK, CaseViewer
from webmap.store.cases import RECEIPT, WORK_ORDER
from webmap.store.events import Event

_MOST = {"text": 2000, "address": 200, "work_order": 40}
"""Longest texts, characters."""

_UNSOUND = re.compile("[\x00\ud800-\udfff]")
"""What no store keeps: half characters and nothing at all."""

OLDEST, AHEAD = timedelta(days=90), timedelta(minutes=10)
"""What happened longer ago, or lies further ahead, is a slip of the date."""

MOST_SIMILAR = 3

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_TOLD_TO_PUBLIC = frozenset("0123456789FR")
"""First characters of the categories whose near cases residents are told of: things, not what happened to somebody."""

_COARSE_M, _COARSE_HOURS = 50, (1, 3, 6, 12, 24, 48, 72, 120, 168)


@dataclass(frozen=True)
class Reporter:
    """Who reports.

    Parameters
    ----------
    viewer
        Limited to the areas in which it may report.
    roles
        What it is; ``reporter`` alone without an account.
    mark
        Tells on a shared phone whose drafts are whose, and nothing else.
    case_viewer
        As cases know it.
    """

    viewer: Viewer
    roles: frozenset[str]
    mark: str
    case_viewer: CaseViewer

    @property
    def is_public(self) -> bool:
        """It has no account."""
        return self.roles == {PUBLIC_ROLE}

    @property
    def sources(self) -> tuple[Source, ...]:
        """What it may say of how it knows, the usual one first."""
        return sources_of(self.roles)


def checked(services: Services, told: Mapping[str, Any], who: Reporter) -> dict[str, Any]:
    """What a report would be, before it is sent; keeps nothing.

    Returns
    -------
    answer
        ``place`` (code and names of the grid), ``text`` and ``address`` without people, ``similar``.

    Raises
    ------
    ReportError
        It cannot be taken, and why.
    """
    report = as_event(services, told, who)
    place = place_words(services, who.viewer, report["lon"], report["lat"])
    # The text comes back as it would be kept: without people.
    event = intake.placed(services, intake.event_of(report, now=services.clock()))
    # Everybody is told that somebody was here before, whoever's case it is; but never more of it than _similar tells, and
    # residents are told nothing of public order and requests, where a report says something of who lives there.
    told_of = not who.is_public or report["category"][0] in _TOLD_TO_PUBLIC
    found = intake.duplicates(services, event, viewer=CLOCK)[:MOST_SIMILAR] if told_of else []
    cases = {each.id: each for each in services.store.cases.by_ids([row["id"] for row in found], CLOCK)}
    return {
        "place": place,
        "text": event.body["text"],
        "address": event.body["address"],
        "similar": [_similar(row, cases[row["id"]], public=who.is_public) for row in found if row["id"] in cases],
    }


def send(services: Services, told: Mapping[str, Any], who: Reporter) -> tuple[dict[str, Any], bool]:
    """Make the case of a report; the same report again makes none.

    Returns
    -------
    answer, is_new
        ``id``, ``receipt``, ``text`` and ``address`` as they are kept, and ``place``.

    Raises
    ------
    ReportError
        It cannot be taken, and why.
    TakenError
        Its id, or its work order, belongs to another case.
    """
    report = as_event(services, told, who)
    place = place_words(services, who.viewer, report["lon"], report["lat"])
    try:
        kept = intake.create(services, report, viewer=who.case_viewer)
    except ConflictError as error:
        # A phone must know which of the two is taken: the id it can make anew, the number it must ask for.
        raise _taken(services, report) or error from error
    answer = {
        "id": report["id"],
        "receipt": kept["receipt"],
        **{name: kept["event"][name] for name in ("text", "address")},
    }
    return answer | {"place": place}, bool(kept["is_new"])


def add_photo(
    services: Services, event_id: str, photo_id: str, content: bytes, *, receipt: str, hidden: Sequence[str]
) -> dict[str, Any]:
    """Keep a photo of a report, cleaned: for whoever holds its receipt, while the case is worked on.

    Parameters
    ----------
    hidden
        Areas to black out, as :func:`webmap.photos.parse_hidden` reads them.

    Raises
    ------
    NotFoundError
        The receipt is of another case, or of none.
    ReportError
        Nobody works on the case any more, or the id makes no sense.
    InputError
        It is no photo.
    """
    if services.store.cases.by_key(RECEIPT, receipt) != event_id:
        raise NotFoundError(zh="没有这个回执。", en="There is no such receipt.")
    viewer = CaseViewer("", (), receipt_of=event_id)
    if not states()[services.store.cases.get(event_id, viewer).state].live:
        raise ReportError(
            zh="事件已经办结,不再接收照片。", en="The case is closed and takes no more photos.", code="closed"
        )
    if not _ID.fullmatch(photo_id):
        raise ReportError(zh="照片的 id 应为 UUIDv7。", en="The id of a photo is a UUIDv7.", code="id")
    return photos.add(services, event_id, photo_id, content, hidden=parse_hidden(hidden), viewer=viewer)


def as_event(services: Services, told: Mapping[str, Any], who: Reporter) -> dict[str, Any]:
    """A report of the form in the words of ``POST /api/events``: source as the role may say, found by what the source says.

    Raises
    ------
    ReportError
        Something is missing or makes no sense.
    """
    texts = _texts(told)
    if not _ID.fullmatch(texts["id"]):
        raise ReportError(zh="id 应为 UUIDv7。", en="id is a UUIDv7.", code="id")
    if not _is_category(texts["category"], public=who.is_public):
        raise ReportError(zh="请选择类别。", en="Choose a category.", code="category")
    source = source_of(texts["source"], who.roles)
    if source.code == "12345" and not texts["work_order"].strip():
        raise ReportError(zh="请填写 12345 工单号。", en="Give the 12345 work-order number.", code="work_order")
    lon, lat = (_degrees(told.get(name)) for name in ("lon", "lat"))
    if texts["same_as"] and not intake.PROGRAM_ID.fullmatch(texts["same_as"]):
        raise ReportError(zh="same_as 应为事件编号。", en="same_as is the id of a case.", code="same_as")
    same = {"same_as": texts["same_as"]} if texts["same_as"] else {}
    return {
        "id": texts["id"],
        "scheme": OURS,
        "category": texts["category"],
        "occurred_at": _moment(told.get("occurred_at"), services.clock()).isoformat(),
        "source": source.code,
        "found_by": source.found_by,
        "lon": lon,
        "lat": lat,
        "text": texts["text"],
        "address": texts["address"],
        "work_order": texts["work_order"].strip() if source.code == "12345" else "",
        "attributes": same,
    }


def _texts(told: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in ("id", "category", "text", "address", "source", "work_order", "same_as"):
        value, most = told.get(name, ""), _MOST.get(name, 100)
        sound = isinstance(value, str) and len(value) <= most and not _UNSOUND.search(value)
        if not sound:
            raise ReportError(
                zh=f"{name} 应为不超过 {most} 字的文本。",
                en=f"{name} is a text of at most {most} characters.",
                code="too_long",
            )
        found[name] = value
    return found


def _is_category(code: str, *, public: bool) -> bool:
    return codelists.in_scheme(OURS, code) is not None and may_report(code, public=public)


def place_words(services: Services, viewer: Viewer, lon: float, lat: float) -> dict[str, str]:
    """The grid that holds a place, with its names and those of its community and street.

    Raises
    ------
    ReportError
        It lies outside the areas in which the viewer may report.
    """
    areas = services.areas(viewer)
    code = ""
    if not areas.empty:
        found = assign_levels(np.array([lon]), np.array([lat]), areas).iloc[0]
        code = next((str(found[name]) for name in ("grid", "community", "street", "district") if found[name]), "")
    if not code:
        raise _outside(services, viewer)
    return {"code": code} | {lang: names_of(services, viewer, code, lang) for lang in ("zh", "en")}


def names_of(services: Services, viewer: Viewer, code: str, lang: Lang) -> str:
    """The names of an area and those above it, up to its street: as the form writes a place."""
    areas = services.areas(viewer).set_index("code")
    names = []
    while code in areas.index and areas.at[code, "level"] not in ("city", "district"):
        row = areas.loc[code]
        names.append(str(row["name_en"] or row["name_zh"]) if lang == "en" else str(row["name_zh"]))
        code = str(row["parent"])
    return " · ".join(names)


def _taken(services: Services, report: Mapping[str, Any]) -> TakenError | None:
    cases = services.store.cases
    if cases.by_ids([report["id"]], CLOCK):
        return TakenError(
            zh=f"编号 {report['id']} 在服务器上已属于另一份内容。",
            en=f"The id {report['id']} belongs to another report already.",
            code="id",
        )
    number = report["work_order"]
    if number and _has(services, number):
        return TakenError(
            zh=f"12345 工单 {number} 已经有事件了。",
            en=f"The 12345 work order {number} has a case already.",
            code="work_order",
        )
    return None


def _has(services: Services, work_order: str) -> bool:
    try:
        services.store.cases.by_key(WORK_ORDER, work_order)
    except NotFoundError:
        return False
    return True


def _outside(services: Services, viewer: Viewer) -> "ReportError":
    settings = services.settings()
    zh = settings.get("name_zh", "本区") if viewer.is_unlimited else "您负责的区域"
    en = settings.get("name_en", "the district") if viewer.is_unlimited else "your area"
    return ReportError(
        zh=f"这个位置在{zh}范围之外,本系统不受理。请核对位置;其他地方的事项请拨打当地 12345。",
        en=f"This place lies outside {en} and cannot be taken here. Check the place; for other districts call 12345 there.",
        code="outside",
    )


def _degrees(value: Any) -> float:
    if type(value) not in (int, float) or not -180 <= value <= 180:
        raise ReportError(zh="请在地图上选择位置。", en="Choose the place on the map.", code="place")
    return float(value)


def _moment(value: Any, now: datetime) -> datetime:
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise ReportError(zh="请填写带时区的时间。", en="Give the time, with its zone.", code="time")
    if not now - OLDEST <= at <= now + AHEAD:
        raise ReportError(
            zh=f"时间应在最近 {OLDEST.days} 天之内,且不在将来。",
            en=f"The time lies within the last {OLDEST.days} days and not ahead.",
            code="time",
        )
    return at


def _similar(found: Mapping[str, Any], case: Event, *, public: bool) -> dict[str, Any]:
    """A case near by in words for a reporter; to the public in coarse steps, so that nobody finds a case by asking around it."""
    metres, hours = float(found["distance_m"]), float(found["hours"])
    if public:
        metres = max(_COARSE_M, -(-metres // _COARSE_M) * _COARSE_M)
        hours = next((step for step in _COARSE_HOURS if hours <= step), _COARSE_HOURS[-1])
    state = states()[case.state]
    return {
        "ref": found["id"],
        "distance_m": round(metres, -1) if metres >= 10 else 10,
        "hours": hours,
        "same_kind": found["parts"]["category"] == 1,
        "category_zh": taxonomy.name(case.scheme, case.category, "zh"),
        "category_en": taxonomy.name(case.scheme, case.category, "en"),
        "state_zh": state.zh,
        "state_en": state.en,
    }
