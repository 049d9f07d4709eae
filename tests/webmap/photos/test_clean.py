"""The process that decodes is bounded, and its death is one sentence."""

import io

import numpy as np
import pytest
from PIL import Image

from gis.errors import FileFormatError, HostileFileError, InputError
from tests.webmap.photos.pictures import SECRET, as_bytes, gradient, png_that_claims, talkative
from webmap.photos import Hidden, PhotoLimits, clean_photo, parse_hidden


def test_a_photo_is_cleaned_in_a_process_of_its_own() -> None:
    photo = clean_photo(talkative("JPEG", 6), hidden=[Hidden(0.5, 0.5, 0.5, 0.5)])
    assert (photo.width, photo.height, photo.hidden) == (48, 64, 1)
    assert SECRET.encode() not in photo.jpeg
    assert np.asarray(Image.open(io.BytesIO(photo.jpeg)))[40:, 30:].max() < 40


@pytest.mark.parametrize(
    ("content", "limits", "kind", "words"),
    [
        (b"x" * 101, PhotoLimits(file_bytes=100), HostileFileError, "MB"),
        (png_that_claims(60_000, 60_000), PhotoLimits(), HostileFileError, "too many pixels"),
        (b"no picture", PhotoLimits(), FileFormatError, "sound JPEG"),
        (as_bytes(gradient(4000, 4000)), PhotoLimits(memory_bytes=90 << 20), FileFormatError, "memory"),
        (as_bytes(gradient()), PhotoLimits(wall_s=0.001), FileFormatError, "too much time"),
    ],
)
def test_what_costs_too_much_is_refused(content: bytes, limits: PhotoLimits, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        clean_photo(content, limits=limits)


def test_areas_are_shares_of_the_picture() -> None:
    assert parse_hidden(["0,0,1,1", "0.25,0.5,0.75,0.5"]) == (Hidden(0, 0, 1, 1), Hidden(0.25, 0.5, 0.75, 0.5))
    assert parse_hidden([]) == ()


@pytest.mark.parametrize(
    "text",
    ["", "0,0,1", "0,0,0,1", "-0.1,0,1,1", "0.5,0,0.6,1", "nan,0,1,1", "0,0,inf,1", "a,b,c,d", "1,0,1,1", "0,0,1,1,1"],
)
def test_an_area_that_is_none_stops_everything(text: str) -> None:
    with pytest.raises(InputError, match="hidden area"):
        parse_hidden(["0,0,1,1", text])
    with pytest.raises(InputError, match="At most"):
        parse_hidden(["0,0,1,1"] * 51)
