"""Open311 from end to end: a report in, its state out, in both formats; errors as the specification has them; no person."""

import json
import xml.etree.ElementTree as Tree
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
from flask.testing import FlaskClient

from gis.dispatch import Detail
from tests.webmap.conftest import PASSWORD, signed_in
from tests.webmap.photos.pictures import as_bytes, gradient
from tests.webmap.store.case_life import CLOCKWORK, DESK_A, WORKER, report, with_units
from tests.webmap.store.conftest import GRIDS, NOW, SETTINGS, STREET_A, STREET_B
from tests.webmap.store.conftest import two_streets as two_streets
from webmap import create_app
from webmap.auth.permissions import Grant
from webmap.config import Config
from webmap.photos import service as photo
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR, init_store

KEY, OTHER_KEY = "key-of-a-client-1", "key-of-a-client-2"
V2 = "/open311/v2"
FORM = {
    "api_key": KEY,
    "jurisdiction_id": "wuda.gov.cn",
    "service_code": "01002",
    "lat": "39.405",
    "long": "106.705",
    "address_string": "建设路12号",
    "email": "zhangsan@example.cn",
    "device_id": "tt222111",
    "first_name": "三",
    "last_name": "张",
    "phone": "13800138000",
    "description": "井盖破损,联系人张三,电话13800138000",
    "media_url": "http://10.0.0.1/a.jpg",
    "attribute[urgency]": "emergency",
}
FIELDS = [
    *(
        "service_request_id",
        "status",
        "status_notes",
        "service_name",
        "service_code",
        "description",
        "agency_responsible",
    ),
    *(
        "service_notice",
        "requested_datetime",
        "updated_datetime",
        "expected_datetime",
        "address",
        "address_id",
        "zipcode",
    ),
    *("lat", "long", "media_url"),
]


class Clock:
    """A moment that the test moves."""

    now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def services(tmp_path: Path, two_streets: gpd.GeoDataFrame) -> Iterator[Services]:
    url = f"sqlite:///{tmp_path / 'wuda.db'}"
    store = with_units(init_store(url, SETTINGS))
    store.areas.replace(two_streets, viewer=LOCAL_OPERATOR, now=NOW)
    config = Config(db=url, open311="on", open311_jurisdiction="wuda.gov.cn", open311_keys=f"{OTHER_KEY}, {KEY}")
    yield Services(store, config, clock=Clock())
    store.close()


@pytest.fixture
def client(services: Services) -> FlaskClient:
    return create_app(services).test_client()


def post(client: FlaskClient, file_format: str = "json", lang: str = "zh", **changes: str) -> Any:
    answer = client.post(f"{V2}/requests.{file_format}?lang={lang}", data=FORM | changes)
    assert answer.status_code == 201, answer.text
    return json.loads(answer.data)[0] if file_format == "json" else Tree.fromstring(answer.data)


def get(client: FlaskClient, path: str) -> Any:
    answer = client.get(f"{V2}/{path}")
    assert answer.status_code == 200, answer.text
    return json.loads(answer.data)


def test_services_are_the_districts_categories_in_both_formats(client: FlaskClient) -> None:
    answer = client.get(f"{V2}/services.xml?jurisdiction_id=wuda.gov.cn")
    assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
    first = Tree.fromstring(answer.data).find("service")
    assert first is not None
    assert [each.tag for each in first] == [
        *("service_code", "service_name", "description", "metadata", "type", "keywords", "group"),
    ]
    told = get(client, "services.json?lang=en")
    assert "01002" in {each["service_code"] for each in told}
    assert {(each["metadata"], each["type"]) for each in told} == {(True, "realtime")}
    definition = get(client, "services/01002.json?lang=en")
    assert definition["service_code"] == "01002"
    assert [list(each) for each in definition["attributes"]] == [
        ["variable", "code", "datatype", "required", "datatype_description", "order", "description", "values"]
    ]


def test_a_report_becomes_an_event_without_its_reporter(client: FlaskClient, services: Services) -> None:
    made = post(client)
    assert list(made) == ["service_request_id", "service_notice", "account_id"]
    for word in ("姓名", "电话", "邮箱", "设备号", "媒体链接", "隐去"):
        assert word in made["service_notice"]
    for path in (services.store.path, *services.store.path.parent.glob("wuda.db-wal")):  # type: ignore[union-attr]
        content = path.read_bytes()  # type: ignore[union-attr]
        for secret in (b"zhangsan", b"tt222111", b"13800138000", "张三".encode(), b"10.0.0.1"):
            assert secret not in content, secret
    told = get(client, f"requests/{made['service_request_id']}.json")
    assert [list(each) for each in told] == [FIELDS]
    row = told[0]
    assert (row["status"], row["service_code"], row["address_id"]) == ("open", "01002", GRIDS[0])
    assert (row["lat"], row["long"]) == (39.405, 106.705)
    assert row["requested_datetime"] == "2026-11-23T16:00:00+08:00"
    assert "[电话]" in row["description"]


def test_xml_tells_the_same(client: FlaskClient) -> None:
    tree = post(client, "xml", "en")
    assert [each.tag for each in tree.iter()] == [
        *("service_requests", "request", "service_request_id", "service_notice", "account_id"),
    ]
    request_id = tree.findtext("request/service_request_id")
    row = Tree.fromstring(client.get(f"{V2}/requests/{request_id}.xml").data).find("request")
    assert row is not None
    assert [each.tag for each in row] == FIELDS


def test_a_receipt_is_the_token(client: FlaskClient) -> None:
    made = post(client)
    receipt = made["service_notice"].split("查询码 ")[1][:14]
    assert get(client, f"tokens/{receipt}.json") == [
        {"service_request_id": made["service_request_id"], "token": receipt}
    ]
    assert client.get(f"{V2}/tokens/0000-0000-0000.json").status_code == 404


def test_what_came_by_other_ways_is_not_told(client: FlaskClient, services: Services) -> None:
    services.store.cases.create(report(), receipt="R-1", viewer=WORKER, now=NOW, clockwork=CLOCKWORK)
    mine = post(client)["service_request_id"]
    assert [each["service_request_id"] for each in get(client, "requests.json")] == [mine]
    assert get(client, "requests.json?service_request_id=e1") == []
    for path in ("requests/e1.json", "tokens/R-1.json"):
        assert client.get(f"{V2}/{path}").status_code == 404


def test_lists_follow_status_service_dates_and_pages(client: FlaskClient, services: Services) -> None:
    ids = []
    for hours in range(4):
        services.clock.now = NOW + timedelta(hours=hours)  # type: ignore[attr-defined]
        ids.append(post(client)["service_request_id"])
    services.store.cases.move(
        ids[0],
        "reject",
        viewer=DESK_A,
        now=NOW + timedelta(hours=5),
        version=None,
        detail=Detail(reason="李四说的不属实"),
    )

    def listed(query: str) -> list[str]:
        return [each["service_request_id"] for each in get(client, f"requests.json?{query}")]

    assert listed("") == ids[::-1]
    assert listed("status=closed") == ids[:1]
    assert listed("status=open") == ids[:0:-1]
    assert listed("status=open,closed&service_code=01002") == ids[::-1]
    assert listed("service_code=01003") == []
    assert listed("start_date=2026-11-23T09:00:00Z&end_date=2026-11-23T10:00:00Z") == [ids[2], ids[1]]
    assert listed("page_size=3&page=2") == ids[:1]
    assert listed(f"service_request_id={ids[1]},none,{ids[0]}&status=open") == [ids[1], ids[0]]
    closed = get(client, f"requests/{ids[0]}.json?extensions=true&lang=en")[0]
    assert closed["status_notes"] == "rejected"
    assert closed["extended_attributes"] == {"state": "rejected"}
    assert [(each["type"], each["description"]) for each in closed["notes"]] == [
        ("reported", "submit"),
        ("rejected", "reject"),
    ]
    assert "李四" not in str(closed)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"api_key": ""}, 403),
        ({"api_key": "wrong"}, 403),
        ({"jurisdiction_id": "other.gov.cn"}, 404),
        ({"service_code": "none"}, 404),
        ({"service_code": ""}, 400),
        ({"lat": ""}, 400),
        ({"lat": "", "long": "", "address_string": ""}, 400),
        ({"lat": "", "long": "", "address_id": "nowhere"}, 400),
        ({"attribute[urgency]": "very"}, 400),
        ({"attribute[name]": "张三"}, 400),
        ({"description": "x" * 4001}, 400),
    ],
)
def test_errors_are_in_the_format_of_the_specification(
    client: FlaskClient, changes: dict[str, str], status: int
) -> None:
    for file_format in ("xml", "json"):
        answer = client.post(f"{V2}/requests.{file_format}", data=FORM | changes)
        assert answer.status_code == status
        if file_format == "json":
            told = json.loads(answer.data)
            assert [list(each) for each in told] == [["code", "description"]]
            assert told[0]["code"] == status
        else:
            assert Tree.fromstring(answer.data).findtext("error/code") == str(status)
    assert get(client, "requests.json") == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("services/none.xml", 404),
        ("services.xml?jurisdiction_id=x", 404),
        ("services.csv", 404),
        ("requests/none.json", 404),
        ("requests.json?start_date=yesterday", 400),
        ("requests.json?start_date=2026-01-01T00:00:00Z&end_date=2026-05-01T00:00:00Z", 400),
        ("requests/%00.json", 404),
    ],
)
def test_a_question_without_an_answer_is_told_so(client: FlaskClient, path: str, status: int) -> None:
    answer = client.get(f"{V2}/{path}")
    assert answer.status_code == status
    assert str(status) in answer.text


def test_a_place_may_be_an_address_or_an_area(client: FlaskClient) -> None:
    made = post(client, lat="", long="", address_id=GRIDS[1])
    row = get(client, f"requests/{made['service_request_id']}.json")[0]
    assert (row["lat"], row["long"], row["address_id"]) == (None, None, GRIDS[1])
    made = post(client, lat="", long="")
    assert get(client, f"requests/{made['service_request_id']}.json")[0]["address_id"] is None


def test_the_discovery_document_leads_here(client: FlaskClient) -> None:
    told = json.loads(client.get("/open311/discovery.json").data)
    assert list(told) == ["changeset", "contact", "key_service", "endpoints"]
    endpoint = told["endpoints"][0]
    assert endpoint["url"] == "http://localhost/open311/v2"
    assert endpoint["formats"] == ["text/xml", "application/json"]
    tree = Tree.fromstring(client.get("/open311/discovery.xml").data)
    assert [each.text for each in tree.findall("endpoints/endpoint/formats/format")] == ["text/xml", "application/json"]


def test_where_it_is_off_there_is_nothing(client: FlaskClient, services: Services) -> None:
    services.config = replace(services.config, open311="off")
    for path in ("discovery.xml", "v2/services.xml", "v2/requests.json", "v2/tokens/x.xml"):
        assert client.get(f"/open311/{path}").status_code == 404
    assert client.post(f"{V2}/requests.xml", data=FORM).status_code == 404


def test_a_picture_is_not_kept_and_the_client_is_told_so_and_where_pictures_go(
    client: FlaskClient, services: Services
) -> None:
    form = {name: value for name, value in FORM.items() if name != "media_url"}
    for lang, words in (("zh", ("照片或附件", "/report/")), ("en", ("photos or files", "/report/"))):
        picture = {"media": (BytesIO(as_bytes(gradient())), "IMG_0001.jpg")}
        made = client.post(f"{V2}/requests.json?lang={lang}", data=form | picture)
        assert made.status_code == 201, made.text
        told = json.loads(made.data)[0]
        assert all(word in told["service_notice"] for word in words)
        assert services.store.photos.of_event(told["service_request_id"], DESK_A) == []
    assert "/report/" not in client.post(f"{V2}/requests.json", data=form).text, (
        "without a picture nothing is said of one"
    )


def test_only_a_reader_who_is_signed_in_and_sees_the_case_is_told_where_its_photo_is(
    client: FlaskClient, services: Services
) -> None:
    request_id = post(client)["service_request_id"]
    for name, grants in (
        ("desk-a", [Grant("desk", STREET_A)]),
        ("desk-b", [Grant("desk", STREET_B)]),
        ("fig", [Grant("analyst")]),
    ):
        services.store.users.add(name, password=PASSWORD, viewer=LOCAL_OPERATOR, now=NOW, grants=grants)
    for number in (1, 2):
        services.clock.now = NOW + timedelta(minutes=number)  # type: ignore[attr-defined]
        photo.add(services, request_id, f"photo-0000-0000-000{number}", as_bytes(gradient()), viewer=DESK_A)
    path = f"requests/{request_id}.json"
    assert get(client, path)[0]["media_url"] is None, "whoever is not signed in"
    reader = signed_in(services, "desk-a")
    url = get(reader, path)[0]["media_url"]
    assert url == f"http://localhost/api/events/{request_id}/photos/photo-0000-0000-0002.jpg"
    assert get(reader, "requests.json")[0]["media_url"] == url
    assert reader.get(url).mimetype == "image/jpeg"
    assert client.get(url).status_code == 401
    assert [get(signed_in(services, name), path)[0]["media_url"] for name in ("desk-b", "fig")] == [None, None]
