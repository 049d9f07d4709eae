"""Requests of GeoReport v2 over the cases: what is reported becomes an event of source ``open311``, and only those are told.

Free text passes the masks of ``gis.dispatch.free_text`` on its way in and on its way out. A reason that an officer wrote,
the account that acted and the case that another one was merged into are never told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from gis.dispatch import moves as table_of_moves
from gis.dispatch import states
from gis.dispatch.free_text import mask
from gis.errors import InputError, Lang, NotFoundError
from gis.incidents import taxonomy
from webmap.api.open311.asked import MEDIA, MEDIA_URL, ListQuery, NewRequest, w3c
from webmap.auth.permissions import Grant
from webmap.cases import intake
from webmap.cases.lists import shown_all
from webmap.services import Services
from webmap.store.case_moves import StoredMove
from webmap.store.case_scope import CaseViewer
from webmap.store.cases import RECEIPT, CaseQuery
from webmap.store.events import Event

SOURCE = "open311"

CLIENT = CaseViewer("@open311", (Grant("grid_worker"),))
"""Who reports for all clients; no account can have this name."""

SCHEME = "wangge"

URGENCY = ("urgency", {"emergency": ("紧急", "emergency"), "utility": ("水电气热", "water, power, gas, heat")})
"""The one question that every service asks: code, and its answers."""

_LEFT_OUT = {
    "first_name": ("姓名", "name"),
    "last_name": ("姓名", "name"),
    "phone": ("电话", "phone"),
    "email": ("邮箱", "e-mail"),
    "device_id": ("设备号", "device id"),
    "account_id": ("账号", "account id"),
    "media_url": ("媒体链接", "media link"),
    "media": ("照片或附件", "photos or files"),
}

_PHOTO = (
    "带照片的上报请用页面 /report/,先遮挡人脸、车牌。",
    "Reports with photos go by the page /report/, where faces and plates are blacked out first.",
)


@dataclass(frozen=True)
class Reader:
    """Who is signed in and reads, and the address of this service as they know it."""

    viewer: CaseViewer
    root: str


def services_told(lang: Lang) -> list[dict[str, Any]]:
    """The services: the district's own categories."""
    return [
        {
            "service_code": row["code"],
            "service_name": row[lang],
            "description": row[lang],
            "metadata": True,
            "type": "realtime",
            "keywords": ", ".join(dict.fromkeys((row["zh"], row["en"]))),
            "group": row["module"],
        }
        for row in _categories()
    ]


def definition_told(service_code: str, lang: Lang) -> dict[str, Any]:
    """What a service asks besides the place.

    Raises
    ------
    NotFoundError
        There is no such service.
    """
    require_service(service_code)
    code, answers = URGENCY
    place = 0 if lang == "zh" else 1
    question = {
        "variable": True,
        "code": code,
        "datatype": "singlevaluelist",
        "required": False,
        "datatype_description": None,
        "order": 1,
        "description": ("是否紧急", "Is it urgent?")[place],
        "values": [{"key": key, "name": names[place]} for key, names in answers.items()],
    }
    return {"service_code": service_code, "attributes": [question]}


def require_service(service_code: str) -> None:
    """Refuse a code that no service has.

    Raises
    ------
    NotFoundError
        There is none.
    """
    if service_code not in {row["code"] for row in _categories()}:
        raise NotFoundError(zh="没有这个 service_code。", en="service_code was not found.")


def create(services: Services, asked: NewRequest, *, lang: Lang) -> dict[str, Any]:
    """Keep a report as an event.

    Raises
    ------
    NotFoundError
        There is no such service.
    InputError
        An answer that the question does not offer, or an area that is not known.
    """
    require_service(asked.service_code)
    text, address = mask(asked.description), mask(asked.address)
    told = {
        "id": uuid4().hex,
        "scheme": SCHEME,
        "category": asked.service_code,
        "source": SOURCE,
        "found_by": "report",
        "text": text.text,
        "address": address.text,
        "urgency": _urgency(asked),
        "lon": asked.lon,
        "lat": asked.lat,
        "area": asked.address_id if asked.lon is None else "",
    }
    made = intake.create(services, told, viewer=CLIENT)
    masked = sum(text.counts.values()) + sum(address.counts.values())
    notice = _notice(asked.left_out, masked, made["receipt"], lang)
    return {"service_request_id": made["event"]["id"], "service_notice": notice, "account_id": None}


def of_token(services: Services, token: str) -> dict[str, Any]:
    """The id of the request whose receipt is the token.

    Raises
    ------
    NotFoundError
        There is none.
    """
    try:
        event = _ours(services, services.store.cases.by_key(RECEIPT, token.replace("\x00", "").strip().upper()))
    except NotFoundError:
        raise NotFoundError(zh="没有这个 token。", en="token was not found.") from None
    return {"service_request_id": event.id, "token": token}


def one(
    services: Services, request_id: str, *, lang: Lang, extended: bool = False, reader: Reader | None = None
) -> list[dict[str, Any]]:
    """One request.

    Parameters
    ----------
    reader
        Who is signed in, if anybody is: only those who see the case are told where its photo is.

    Raises
    ------
    NotFoundError
        There is none.
    """
    return _told(services, [_ours(services, request_id)], lang, extended=extended, reader=reader)


def several(
    services: Services, asked: ListQuery, *, lang: Lang, extended: bool = False, reader: Reader | None = None
) -> list[dict[str, Any]]:
    """Requests that answer a query, newest first; of ids that are not known nothing is told."""
    if asked.ids:
        found = [event for event in (_if_ours(services, each) for each in asked.ids) if event is not None]
        return _told(services, found, lang, extended=extended, reader=reader)
    query = CaseQuery(
        states=_states_of(asked.statuses),
        categories=asked.service_codes,
        sources=(SOURCE,),
        since=asked.since,
        until=asked.until + timedelta(microseconds=1),
        limit=asked.page * asked.page_size,
    )
    rows = services.store.cases.page(query, CLIENT)[(asked.page - 1) * asked.page_size :]
    found = [event for event in rows if event.state != "draft"]
    return _told(services, found, lang, extended=extended, reader=reader)


def status_of(state: str) -> str:
    """``open`` for a case that people work on, ``closed`` for any other."""
    return "open" if states()[state].live else "closed"


def _states_of(statuses: Sequence[str]) -> tuple[str, ...]:
    return tuple(state for state in states() if state != "draft" and status_of(state) in statuses) if statuses else ()


def _if_ours(services: Services, request_id: str) -> Event | None:
    try:
        return _ours(services, request_id)
    except NotFoundError:
        return None


def _ours(services: Services, request_id: str) -> Event:
    try:
        event = services.store.cases.get(request_id, CLIENT)
    except NotFoundError:
        event = None
    if event is None or event.source != SOURCE:
        raise NotFoundError(zh="没有这个 service_request_id。", en="service_request_id was not found.")
    return event


def _told(
    services: Services, events: Sequence[Event], lang: Lang, *, extended: bool, reader: Reader | None
) -> list[dict[str, Any]]:
    found = []
    for event, told in zip(events, shown_all(services, events), strict=True):
        row = _request(services, told, lang)
        if reader is not None:
            row["media_url"] = _media_url(services, event.id, reader)
        if extended:
            history = services.store.cases.history(event.id, CLIENT)
            row |= {"extended_attributes": {"state": told["state"]}, "notes": _notes(services, history, lang)}
        found.append(row)
    return found


def _media_url(services: Services, event_id: str, reader: Reader) -> str | None:
    """Where the latest photo of a case is, for who may see it; None without one."""
    try:
        photos = services.store.photos.of_event(event_id, reader.viewer)
    except NotFoundError:
        return None
    kept = [photo.id for photo in photos if photo.deleted_at is None]
    return f"{reader.root}/api/events/{event_id}/photos/{kept[-1]}.jpg" if kept else None


def _request(services: Services, event: dict[str, Any], lang: Lang) -> dict[str, Any]:
    return {
        "service_request_id": event["id"],
        "status": status_of(event["state"]),
        "status_notes": event[f"state_{lang}"],
        "service_name": event[f"category_{lang}"],
        "service_code": event["category"],
        "description": mask(event["text"]).text or None,
        "agency_responsible": event[f"unit_{lang}"] or None,
        "service_notice": None,
        "requested_datetime": _moment(services, event["created_at"]),
        "updated_datetime": _moment(services, event["updated_at"]),
        "expected_datetime": _moment(services, event["due_at"]),
        "address": mask(event["address"]).text or None,
        "address_id": event["grid"] or None,
        "zipcode": None,
        "lat": event["lat"],
        "long": event["lon"],
        "media_url": None,
    }


def _notes(services: Services, history: Sequence[StoredMove], lang: Lang) -> list[dict[str, Any]]:
    names = {move.name: move.text(lang) for move in table_of_moves()}
    return [
        {"datetime": w3c(services.local(each.at)), "description": names[each.move], "type": each.target}
        for each in history
        if each.source != each.target
    ]


def _moment(services: Services, text: str | None) -> str | None:
    return w3c(services.local(datetime.fromisoformat(text))) if text else None


def _urgency(asked: NewRequest) -> str:
    code, answers = URGENCY
    values = asked.attributes.get(code, ())
    if set(asked.attributes) - {code} or len(values) > 1 or set(values) - set(answers):
        raise InputError(
            zh=f"attribute[{code}] 应为 {'、'.join(answers)} 之一,没有其他属性。",
            en=f"attribute[{code}] is one of {', '.join(answers)}, and there is no other attribute.",
        )
    return values[0] if values else ""


def _notice(left_out: Sequence[str], masked: int, receipt: str, lang: Lang) -> str:
    place = 0 if lang == "zh" else 1
    names = list(dict.fromkeys(_LEFT_OUT[name][place] for name in left_out))
    pictures = {MEDIA_URL, MEDIA} & set(left_out)
    if lang == "zh":
        parts = [f"查询码 {receipt}。", "本系统只记录地点和事项,不保存上报人信息。"]
        parts += [f"未保存:{'、'.join(names)}。"] if names else []
        parts += [_PHOTO[0]] if pictures else []
        parts += [f"文字中隐去 {masked} 处个人信息。"] if masked else []
        return "".join(parts)
    parts = [f"Receipt {receipt}.", "Only places and matters are kept, nothing of who reports."]
    parts += [f"Not kept: {', '.join(names)}."] if names else []
    parts += [_PHOTO[1]] if pictures else []
    parts += [f"Masked in the text: {masked}."] if masked else []
    return " ".join(parts)


def _categories() -> list[dict[str, str]]:
    frame = taxonomy.categories()
    return frame[frame["scheme"] == SCHEME].to_dict("records")  # type: ignore[return-value]
