"""Pages speak the reader's language and say what they show."""

import json
import re
from importlib.resources import files
from typing import Any

import pytest
from flask.testing import FlaskClient

from gis.errors import ConfigError
from gis.incidents import IncidentFilter
from webmap.pages.offline import LocalHeader
from webmap.pages.standalone import standalone_map
from webmap.pages.views import MODULES
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR


def test_chinese_comes_first_and_english_by_a_switch(client: FlaskClient) -> None:
    chinese = client.get("/")
    english = client.get("/?lang=en")
    assert (chinese.headers["Content-Language"], english.headers["Content-Language"]) == ("zh-CN", "en")
    assert '<html lang="zh-CN">' in chinese.text
    assert "乌达区" in chinese.text
    assert "<title>Wuda District" in english.text
    assert client.get("/").headers["Content-Language"] == "en", "the choice is kept"


def test_both_catalogs_hold_the_same_keys_and_places() -> None:
    zh, en = (
        json.loads((files("webmap") / "translations" / f"{lang}.json").read_text("utf-8")) for lang in ("zh", "en")
    )
    assert zh.keys() == en.keys()
    places = {key: (set(re.findall(r"{(\w+)}", zh[key])), set(re.findall(r"{(\w+)}", en[key]))) for key in zh}
    assert {key: pair for key, pair in places.items() if pair[0] != pair[1]} == {}


def test_every_text_a_script_asks_for_exists() -> None:
    catalog = json.loads((files("webmap") / "translations" / "zh.json").read_text("utf-8"))
    scripts = "".join((files("webmap") / "static" / "js" / f"{name}.js").read_text("utf-8") for name in MODULES)
    asked = set(re.findall(r"\bt\(\"([\w.:]+)\"", scripts))
    assert len(asked) > 80
    assert asked - catalog.keys() == set()


def test_every_script_is_listed() -> None:
    shipped = {path.name.removesuffix(".js") for path in (files("webmap") / "static" / "js").iterdir()}
    assert shipped == {*MODULES, "public", "photo_mask"}, (
        "the public page and the form of reports bring scripts of their own"
    )


def test_the_sample_says_that_it_is_simulated(client: FlaskClient) -> None:
    assert "均为模拟" in client.get("/?lang=zh").text
    assert "simulated" in client.get("/?lang=en").text


def test_a_page_that_is_not_there_is_told_in_words(client: FlaskClient) -> None:
    page = client.get("/nowhere?lang=en")
    assert page.status_code == 404
    assert "There is no such page" in page.text


def test_an_unknown_outside_link_stops_the_page() -> None:
    from branca.element import Figure, JavascriptLink

    with pytest.raises(ConfigError, match="unpkg"):
        LocalHeader(Figure()).add_child(JavascriptLink("https://unpkg.com/x.js"), name="x")


def test_the_offline_page_names_no_server(client: FlaskClient) -> None:
    page = re.sub(r"<script>.*?</script>", "", client.get("/map.html?lang=zh").text, flags=re.DOTALL)
    outside = [
        link
        for link in re.findall(r"(?:src|href)=\"([^\"]*)\"", page)
        if link and not link.startswith(("#", "data:", "/map.html"))
    ]
    assert outside == []
    assert "offline" in page


def answer_in(page: str, path: str) -> Any:
    """What the file answers to a question that the page asks."""
    told = re.search(r'<script type="application/json" id="offline"[^>]*>(.*?)</script>', page, flags=re.DOTALL)
    assert told
    return json.loads(told.group(1))["answers"][path]


def test_the_offline_page_tells_the_forecast_in_the_words_of_the_map(client: FlaskClient) -> None:
    here = client.get("/api/forecast.json?period=week").get_json()
    there = answer_in(client.get("/map.html?lang=zh").text, "/api/forecast.json")
    assert there == here
    assert there["forecast"]["unit"]["zh"] == "起上报/网格·周"
    assert any(line["about"] == "against" for line in there["forecast"]["lines"])


def test_an_offline_page_without_a_forecast_says_why(client: FlaskClient, services: Services) -> None:
    """None is made for a file; and whoever may see no analyses is told so in the file."""
    none_made = answer_in(client.get("/map.html?forecast_category=09999").text, "/api/forecast.json")
    assert none_made["forecast"] is None
    assert "when the file was made" in none_made["absent"]["en"]
    with client.application.test_request_context("/map.html"):
        page = standalone_map(services, LOCAL_OPERATOR, IncidentFilter(), lang="zh", ahead=None)
    refused = answer_in(page, "/api/forecast.json")
    assert (refused["forecast"], "没有查看分析的权限" in refused["absent"]["zh"]) == (None, True)
    assert client.get("/map.html?forecast_period=year").status_code == 400


def test_health_says_whether_the_store_answers(client: FlaskClient) -> None:
    assert client.get("/healthz").get_json()["ok"] is True
