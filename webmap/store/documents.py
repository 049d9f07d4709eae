"""JSON documents as text, written one way only, so that both stores hold the same bytes.

It refuses what JSON cannot hold (NaN, other types) instead of storing something near it.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from gis.errors import InputError


def canonical(document: Any, *, what_zh: str, what_en: str) -> str:
    """A document as text: keys in order, no blanks, Chinese as it is.

    Raises
    ------
    InputError
        The document holds something that is not JSON.
    """
    try:
        return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InputError(
            zh=f"{what_zh}含有无法用 JSON 表示的内容:{error}", en=f"{what_en} is not plain JSON: {error}"
        ) from error


def parsed(text: str) -> Any:
    """The document of a stored text."""
    return json.loads(text)


def named_by_content(prefix: str, text: str) -> str:
    """An id for a document that brings none: the same document gets the same id."""
    return f"{prefix}-{hashlib.sha256(text.encode()).hexdigest()[:20]}"


def own_id(document: Mapping[str, Any], prefix: str, text: str) -> str:
    """The id that the client gave, or one by content.

    Raises
    ------
    InputError
        An id that is not a short text.
    """
    given = document.get("id", "")
    if not isinstance(given, str) or len(given) > 200 or "\x00" in given:
        raise InputError(zh="编号应为不超过 200 字的文本。", en="An id is a text of at most 200 characters.")
    return given or named_by_content(prefix, text)
