"""Encoded answers are other representations: another tag, the same bytes within, and 304 for each."""

import gzip

import pytest
import zstandard
from flask.testing import FlaskClient

SUMMARY = "/api/summary.json"
OPEN = {"zstd": lambda data: zstandard.ZstdDecompressor().decompress(data), "gzip": gzip.decompress}


@pytest.mark.parametrize("encoding", ["zstd", "gzip"])
def test_an_encoded_answer_holds_the_same_bytes_under_another_strong_tag(client: FlaskClient, encoding: str) -> None:
    plain = client.get(SUMMARY)
    encoded = client.get(SUMMARY, headers={"Accept-Encoding": encoding})
    assert encoded.headers["Content-Encoding"] == encoding
    assert OPEN[encoding](encoded.data) == plain.data
    assert len(encoded.data) < len(plain.data) / 2
    assert int(encoded.headers["Content-Length"]) == len(encoded.data)
    assert encoded.headers["ETag"] == plain.headers["ETag"][:-1] + f'-{encoding}"'
    for answer in (plain, encoded):
        assert {"Accept-Encoding", "Cookie"} <= set(answer.vary.to_header().split(", "))


@pytest.mark.parametrize("encoding", ["zstd", "gzip"])
def test_a_reader_who_has_the_encoded_answer_is_told_so(client: FlaskClient, encoding: str) -> None:
    tag = client.get(SUMMARY, headers={"Accept-Encoding": encoding}).headers["ETag"]
    again = client.get(SUMMARY, headers={"Accept-Encoding": "gzip, zstd", "If-None-Match": f'"other", {tag}'})
    assert again.status_code == 304
    assert again.headers["ETag"] == tag
    assert again.data == b""


def test_a_tag_of_an_encoding_that_is_not_accepted_matches_nothing(client: FlaskClient) -> None:
    tag = client.get(SUMMARY, headers={"Accept-Encoding": "zstd"}).headers["ETag"]
    answer = client.get(SUMMARY, headers={"Accept-Encoding": "gzip", "If-None-Match": tag})
    assert answer.status_code == 200
    assert answer.headers["Content-Encoding"] == "gzip"


def test_the_plain_tag_still_answers_304(client: FlaskClient) -> None:
    tag = client.get(SUMMARY).headers["ETag"]
    answer = client.get(SUMMARY, headers={"Accept-Encoding": "gzip", "If-None-Match": tag})
    assert (answer.status_code, answer.headers["ETag"]) == (304, tag)


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [("gzip, deflate, br, zstd", "zstd"), ("gzip, zstd;q=0.5", "gzip"), ("zstd;q=0, gzip;q=0.1", "gzip"), ("br", None), ("gzip;q=0", None), ("", None)],
)  # fmt: skip
def test_the_reader_decides_which_encoding(client: FlaskClient, accepted: str, chosen: str | None) -> None:
    assert client.get(SUMMARY, headers={"Accept-Encoding": accepted}).headers.get("Content-Encoding") == chosen


@pytest.mark.parametrize("path", ["/tiles/heat/12/3263/1552.png", "/healthz", "/api/plans/none.json", "/metrics"])
def test_images_short_answers_and_what_is_not_stored_are_left_alone(client: FlaskClient, path: str) -> None:
    assert "Content-Encoding" not in client.get(path, headers={"Accept-Encoding": "gzip, zstd"}).headers


def test_scripts_are_encoded_and_revalidated(client: FlaskClient) -> None:
    script, asked = "/static/js/map.js", {"Accept-Encoding": "gzip"}
    with client.get(script) as plain, client.get(script, headers=asked) as encoded:
        assert gzip.decompress(encoded.data) == plain.data
        tag = encoded.headers["ETag"]
    with client.get(script, headers=asked | {"If-None-Match": tag}) as again:
        assert (again.status_code, again.headers["ETag"]) == (304, tag)


def test_the_same_answer_is_encoded_to_the_same_bytes(client: FlaskClient) -> None:
    first, second = (client.get(SUMMARY, headers={"Accept-Encoding": "gzip"}) for _ in range(2))
    assert first.data == second.data
