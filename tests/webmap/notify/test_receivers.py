"""Receivers are the operator's list; whatever makes no sense in it stops the start, and no secret is printed."""

from pathlib import Path
from typing import Any

import pytest

from gis.errors import ConfigError
from tests.webmap.store.conftest import GRIDS, NOW, STREET_A, STREET_B
from webmap.notify.receivers import Wanted, parse_receivers, read_receivers
from webmap.store.outbox import Message

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
HOOK: dict[str, Any] = {"name": "city", "url": "https://hooks.example.cn/in", "secrets": [SECRET]}
SMTP: dict[str, Any] = {"host": "mail.example.cn", "sender": "wangge@example.cn"}
MAIL: dict[str, Any] = {"name": "desk", "to": ["desk@example.cn"]}


def message(topic: str = "event.dispatch", area: str = GRIDS[0]) -> Message:
    return Message(1, "msg-1", topic, "e1", area, NOW, {})


def test_the_file_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "notify.toml"
    path.write_text(
        f"""
        [smtp]
        host = "mail.example.cn"
        sender = "wangge@example.cn"
        user = "wangge"
        password = "p"
        [[webhook]]
        name = "city"
        url = "https://hooks.example.cn/in"
        secrets = ["{SECRET}"]
        topics = ["event.*"]
        areas = ["{STREET_A}"]
        [[mail]]
        name = "desk"
        to = ["desk@example.cn"]
        lang = "en"
        """,
        "utf-8",
    )
    path.chmod(0o640)
    found = read_receivers(path)
    assert found.names == ("city", "desk")
    assert found.webhooks[0].wanted == Wanted(("event.*",), (STREET_A,))
    assert found.mailboxes[0].wanted == Wanted()
    assert SECRET not in repr(found)
    assert "'p'" not in repr(found)
    path.chmod(0o644)
    with pytest.raises(ConfigError, match="read by everybody"):
        read_receivers(path)
    with pytest.raises(ConfigError, match="Cannot read"):
        read_receivers(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({"webhooks": []}, "unknown"),
        ({"webhook": {}}, r"\[\[webhook\]\]"),
        ({"webhook": [{**HOOK, "name": "City"}]}, "small letters"),
        ({"webhook": [HOOK, HOOK]}, "once"),
        ({"webhook": [{**HOOK, "url": "http://hooks.example.cn/"}]}, "https"),
        ({"webhook": [{**HOOK, "url": "file:///etc/passwd", "allow_private": True}]}, "https"),
        ({"webhook": [{**HOOK, "url": "https://user@hooks.example.cn/"}]}, "https"),
        ({"webhook": [{**HOOK, "secrets": []}]}, "secrets"),
        ({"webhook": [{**HOOK, "secrets": ["short"]}]}, "base64"),
        ({"webhook": [{**HOOK, "secrets": SECRET}]}, "list of texts"),
        ({"webhook": [{**HOOK, "timeout_s": 31}]}, "1 to 30"),
        ({"webhook": [{**HOOK, "timeout_s": True}]}, "wrong type"),
        ({"webhook": [{**HOOK, "redirects": True}]}, "redirects"),
        ({"webhook": [{"name": "city"}]}, "missing"),
        ({"mail": [MAIL]}, "no server"),
        ({"smtp": SMTP, "mail": [{**MAIL, "to": ["desk@example.cn\r\nBcc: x@y.cn"]}]}, "mail addresses"),
        ({"smtp": SMTP, "mail": [{**MAIL, "to": []}]}, "mail addresses"),
        ({"smtp": SMTP, "mail": [{**MAIL, "lang": "fr"}]}, "zh or en"),
        ({"smtp": {**SMTP, "sender": "wangge"}}, "no sense"),
        ({"smtp": {**SMTP, "starttls": False, "user": "a", "password": "b"}}, "in clear"),
        ({"smtp": {**SMTP, "topics": ["*"]}}, "unknown"),
    ],
)
def test_what_makes_no_sense_is_refused(raw: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        parse_receivers(raw)


def test_a_receiver_gets_its_topics_in_its_areas() -> None:
    assert Wanted().takes(message())
    assert Wanted(("event.*",), (STREET_A,)).takes(message())
    assert not Wanted(("event.*",), (STREET_B,)).takes(message())
    assert not Wanted(("event.*",), (STREET_A,)).takes(message(area=""))
    assert Wanted(("event.dispatch",)).takes(message())
    assert not Wanted(("event.disp",)).takes(message())
    assert not Wanted(("plan.*",)).takes(message())
