"""Smaller answers for readers that understand zstd or gzip. Texts and JSON only, and none that is not to be stored.

An encoded answer is another representation: its strong entity tag carries the encoding, and a reader's tag is led back to
the plain one before a view compares it.
"""

import gzip
import re

import zstandard
from flask import Flask, Response, g, request

LEAST_BYTES = 1024
MOST_BYTES = 32 * 2**20
ENCODINGS = ("zstd", "gzip")
"""In order of preference; browsers offer zstd over TLS and on this machine."""

_TEXT = re.compile(
    r"text/(?!event-stream)|application/([\w.+-]+\+)?(json|xml)$|application/(javascript|gpx\+xml|manifest\+json)$|image/svg"
)
_TAG = re.compile(r'(W/)?"([^"]*)"')


def encode(data: bytes, encoding: str) -> bytes:
    """Bytes in one of :data:`ENCODINGS`; the same bytes give the same answer, as a strong tag promises."""
    if encoding == "zstd":
        return zstandard.ZstdCompressor(level=3).compress(data)
    return gzip.compress(data, compresslevel=5, mtime=0)


def install_compression(app: Flask) -> None:
    """Encode answers after everything else has been said of them; call it before other ``after_request`` hooks."""

    @app.before_request
    def lead_tags_back() -> None:
        g.tags = {}
        asked = request.environ.get("HTTP_IF_NONE_MATCH", "")
        if any(f'-{encoding}"' in asked for encoding in ENCODINGS):
            request.environ["HTTP_IF_NONE_MATCH"] = _TAG.sub(_plain, asked)

    @app.after_request
    def shrink(response: Response) -> Response:
        if response.status_code == 304:
            tag = response.get_etag()[0]
            if tag in g.get("tags", {}):
                response.set_etag(g.tags[tag])
            response.vary.add("Accept-Encoding")
        elif _is_text(response):
            response.vary.add("Accept-Encoding")
            encoding = _chosen()
            if encoding and _is_worth_it(response):
                _replace(response, encoding)
        return response


def _plain(tag: re.Match[str]) -> str:
    """The plain tag of a tag whose encoding this reader still accepts; others stay and match nothing."""
    for encoding in ENCODINGS:
        base = tag[2].removesuffix(f"-{encoding}")
        if base != tag[2] and request.accept_encodings.quality(encoding) > 0:
            g.tags.setdefault(base, tag[2])
            return f'{tag[1] or ""}"{base}"'
    return tag[0]


def _is_text(response: Response) -> bool:
    return bool(_TEXT.match(response.mimetype or ""))


def _chosen() -> str:
    accepted = request.accept_encodings
    best = max(ENCODINGS, key=accepted.quality)
    return best if accepted.quality(best) > 0 else ""


def _is_worth_it(response: Response) -> bool:
    if response.status_code == 206 or "Content-Encoding" in response.headers or response.cache_control.no_store:
        return False
    if response.is_streamed and not response.direct_passthrough:
        return False
    return LEAST_BYTES < (response.content_length or response.calculate_content_length() or 0) <= MOST_BYTES


def _replace(response: Response, encoding: str) -> None:
    response.direct_passthrough = False
    response.set_data(encode(response.get_data(), encoding))
    response.headers["Content-Encoding"] = encoding
    response.headers.pop("Accept-Ranges", None)
    tag, weak = response.get_etag()
    if tag:
        response.set_etag(f"{tag}-{encoding}", weak=bool(weak))
