"""A plan for readers who may not know where cameras see nothing: the stop stays, its reason becomes a neutral one.

Where a camera is blind is known to those who see cameras. A plan sends teams there, and must not say so to everybody else
who reads plans: not by its kind, its name, its why, nor in what the check or the search said of it. It hides no stop.
"""

from collections.abc import Callable, Mapping
from typing import Any

HIDDEN = "blind_spot"
NEUTRAL = "place"
NAMES = {"zh": ("盲区", "巡查点"), "en": (" blind spot", " patrol point")}
"""What a name says of a blind spot, after the name of its area, and what stands for it."""
WHY = ("按计划巡查", "visited as planned")
_ORIGIN = "place"


def discreet(document: Mapping[str, Any], seen: Callable[[str], bool]) -> dict[str, Any]:
    """The document without a word of blind spots outside the reader's ground; what came in is not changed.

    Parameters
    ----------
    document
        A plan document, with or without ``made_from``.
    seen
        Whether the reader sees the cameras of a grid, by its code.
    """
    names = _names(document, seen)
    if not names:
        return dict(document)
    hidden = frozenset(names)
    out = {name: value for name, value in document.items() if name not in ("teams", "unserved", "made_from")}
    out = _renamed(out, [pair for pairs in names.values() for pair in pairs])
    out["teams"] = [
        team | {"stops": [_neutral(stop) if stop["id"] in hidden else stop for stop in team["stops"]]}
        for team in document["teams"]
    ]
    out["unserved"] = [_neutral(item) if item["id"] in hidden else item for item in document.get("unserved", ())]
    if document.get("made_from"):
        wanted = [_neutral(row) if row["id"] in hidden else row for row in document["made_from"]["stops"]]
        out["made_from"] = document["made_from"] | {"stops": wanted}
    return out


def _names(document: Mapping[str, Any], seen: Callable[[str], bool]) -> dict[str, list[tuple[str, str]]]:
    """For each visit to hide its names, each beside the one that stands for it."""
    visits = [stop for team in document["teams"] for stop in team["stops"]]
    visits += [*document.get("unserved", ()), *(document.get("made_from") or {}).get("stops", ())]
    return {
        visit["id"]: [(visit[f"name_{lang}"], _name(visit, lang)) for lang in NAMES if visit.get(f"name_{lang}")]
        for visit in visits
        if visit.get("kind") == HIDDEN and not seen(str(visit.get("grid") or ""))
    }


def _name(visit: Mapping[str, Any], lang: str) -> str:
    """The area of a visit and a neutral word; the word alone where the name is not of the form that demand gives it."""
    mark, word = NAMES[lang]
    area, found, _ = str(visit.get(f"name_{lang}") or "").partition(mark)
    return f"{area}{word}" if found else word.strip()


def _neutral(visit: Mapping[str, Any]) -> dict[str, Any]:
    """A visit under a name that tells nothing; its id, place and times stay, by which it is walked and checked in."""
    out = dict(visit) | {"kind": NEUTRAL, **{f"name_{lang}": _name(visit, lang) for lang in NAMES}}
    for lang, why in zip(("zh", "en"), WHY, strict=True):
        if f"why_{lang}" in out:
            out[f"why_{lang}"] = why
    if "origin" in out:
        out["origin"] = _ORIGIN
    return out


def _renamed(value: Any, names: list[tuple[str, str]]) -> Any:
    """A value of the document with the names replaced in every text of it, the longest first."""
    if isinstance(value, str):
        for old, new in sorted(names, key=lambda pair: -len(pair[0])):
            value = value.replace(old, new)
        return value
    if isinstance(value, Mapping):
        return {key: _renamed(each, names) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_renamed(each, names) for each in value]
    return value
