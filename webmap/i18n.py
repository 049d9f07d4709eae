"""The texts of pages, one catalog a language, the same for templates and scripts. It translates keys, never data."""

import json
from functools import lru_cache
from importlib.resources import files
from typing import Any

from flask import Request

from gis.errors import Lang

LANGS: tuple[Lang, ...] = ("zh", "en")
TAGS = {"zh": "zh-CN", "en": "en"}
COOKIE = "wangge_lang"


@lru_cache(maxsize=2)
def catalog(lang: Lang) -> dict[str, str]:
    """Every text of one language by key."""
    text = (files("webmap") / "translations" / f"{lang}.json").read_text("utf-8")
    return dict(json.loads(text))


def translate(lang: Lang, key: str, **values: Any) -> str:
    """The text of a key, with ``{name}`` places filled."""
    return catalog(lang)[key].format(**values)


def asked_lang(request: Request, default: Lang) -> Lang:
    """The language a reader asked for: in the address, else by an earlier choice, else the district's."""
    for wanted in (request.args.get("lang"), request.cookies.get(COOKIE)):
        if wanted in LANGS:
            return wanted
    return default
