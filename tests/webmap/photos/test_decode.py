"""What leaves the decoder is a picture and nothing else, upright, with hidden areas gone; hostile bytes are refused in words."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from gis.errors import FileFormatError, HostileFileError, InputError
from tests.webmap.photos.pictures import SECRET, as_bytes, gradient, png_that_claims, talkative
from webmap.photos import _decode
from webmap.photos._decode import decoded

PIXELS, SIDE = 1_000_000, 256


def cleaned(content: bytes, *hidden: tuple[float, float, float, float]) -> tuple[bytes, Image.Image]:
    jpeg, width, height = decoded(content, hidden, pixels=PIXELS, side=SIDE)
    picture = Image.open(io.BytesIO(jpeg))
    picture.load()
    assert picture.size == (width, height)
    return jpeg, picture


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_nothing_but_pixels_is_left(kind: str) -> None:
    content = talkative(kind)
    assert SECRET.encode() in content
    jpeg, picture = cleaned(content)
    assert SECRET.encode() not in jpeg
    assert picture.format == "JPEG"
    assert dict(picture.getexif()) == {}
    assert not {"exif", "comment", "icc_profile", "xmp", "photoshop"} & set(picture.info)
    # Markers of applications: JFIF alone.
    assert [jpeg[at : at + 2] for at in range(40) if jpeg[at] == 0xFF and 0xE0 < jpeg[at + 1] <= 0xEF] == []
    assert np.abs(np.asarray(picture, int) - np.asarray(gradient(), int)).mean() < 4


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_camera_gives_an_upright_picture_and_areas_are_those_of_the_upright_one(orientation: int) -> None:
    """The corner that is hidden is the one that a person sees in the upper left."""
    from PIL import ImageOps

    content = talkative("PNG", orientation)
    upright = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(content))).convert("RGB"), int)
    _, picture = cleaned(content, (0, 0, 0.25, 0.25))
    found = np.asarray(picture, int)
    assert found.shape == upright.shape
    rows, columns = (int(n * 0.2) for n in found.shape[:2])
    assert found[:rows, :columns].max() < 40
    assert np.abs(found - upright)[rows * 2 :, columns * 2 :].mean() < 4


@given(
    st.tuples(*(st.floats(0, 0.9) for _ in range(2)), *(st.floats(0.02, 0.1) for _ in range(2))),
    st.integers(30, 700),
    st.integers(30, 700),
)
def test_no_pixel_of_a_hidden_area_reaches_the_result(
    area: tuple[float, float, float, float], width: int, height: int
) -> None:
    """Two pictures that differ in the hidden area alone give the same bytes, made smaller or not."""
    left, top, across, down = area
    one = Image.new("RGB", (width, height), (90, 140, 30))
    two = one.copy()
    inside = (int(left * width), int(top * height), int((left + across) * width), int((top + down) * height))
    two.paste((255, 0, 255), inside)
    results = [
        decoded(as_bytes(each, "PNG", compress_level=1), [area], pixels=PIXELS, side=SIDE) for each in (one, two)
    ]
    assert results[0] == results[1]


def test_a_large_picture_is_made_smaller_and_a_small_one_is_not() -> None:
    assert cleaned(as_bytes(gradient(800, 400)))[1].size == (256, 128)
    assert cleaned(as_bytes(gradient(20, 10)))[1].size == (20, 10)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA", "RGBA", "I;16", "CMYK"])
def test_every_kind_of_pixel_is_read(mode: str) -> None:
    grey = Image.new("L", (16, 16), 128)
    if mode == "CMYK":
        content = as_bytes(gradient().convert("CMYK"))
    elif mode == "I;16":
        content = as_bytes(Image.fromarray(np.full((16, 16), 128 * 256, np.uint16)), "PNG")
    elif mode == "PA":
        content = as_bytes(grey.convert("RGBA").quantize(), "PNG")
    else:
        content = as_bytes(grey.convert(mode), "PNG")
    _, picture = cleaned(content)
    if mode not in ("1", "CMYK"):
        assert np.abs(np.asarray(picture, int) - 128).max() <= 3


def test_what_is_clear_becomes_white() -> None:
    _, picture = cleaned(as_bytes(Image.new("RGBA", (16, 16), (200, 0, 0, 0)), "PNG"))
    assert np.asarray(picture).min() >= 253


def test_of_a_moving_picture_the_first_frame_is_kept() -> None:
    frames = [Image.new("RGB", (16, 16), colour) for colour in ((250, 0, 0), (0, 0, 250))]
    for kind in ("PNG", "WEBP"):
        content = as_bytes(frames[0], kind, save_all=True, append_images=frames[1:], duration=50, lossless=True)
        assert np.asarray(cleaned(content)[1])[8, 8, 0] > 240


@pytest.mark.parametrize(("width", "height"), [(50_000, 50_000), (1_000_001, 1), (2**31 - 1, 2**31 - 1)])
def test_a_bomb_is_refused_before_it_is_unpacked(width: int, height: int) -> None:
    with pytest.raises(HostileFileError, match="too many pixels"):
        decoded(png_that_claims(width, height), [], pixels=PIXELS, side=SIDE)


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "PPM", "ICO"])
def test_other_formats_are_refused_whatever_their_library_can(kind: str) -> None:
    with pytest.raises(FileFormatError):
        cleaned(as_bytes(gradient(), kind))


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\x00\x00\x00\x00WEBP", b"<svg/>", png_that_claims(0, 5)],
)
def test_no_picture_at_all_is_refused(content: bytes) -> None:
    with pytest.raises(FileFormatError):
        cleaned(content)


def test_hundreds_of_damaged_files_end_in_a_picture_or_in_a_refusal(rng: np.random.Generator) -> None:
    whole = [talkative(kind) for kind in ("JPEG", "PNG", "WEBP")]
    ends = {"picture": 0, "refused": 0}
    for turn in range(600):
        content = bytearray(whole[turn % 3])
        for _ in range(int(rng.integers(1, 12))):
            content[int(rng.integers(8, len(content)))] = int(rng.integers(256))
        if turn % 2:
            content = content[: int(rng.integers(12, len(content)))]
        if turn % 5 == 0:
            content[12:] = rng.bytes(int(rng.integers(1, 4000)))
        try:
            cleaned(bytes(content), (0.1, 0.1, 0.5, 0.5))
        except InputError:
            ends["refused"] += 1
        else:
            ends["picture"] += 1
    assert min(ends.values()) > 20


def test_the_fill_is_what_hides(monkeypatch: pytest.MonkeyPatch) -> None:
    """The law above is seen to fail where nothing is filled."""
    monkeypatch.setattr(_decode, "black_out", lambda *_: None)
    one, two = (Image.new("RGB", (40, 40), colour) for colour in ((0, 0, 0), (255, 255, 255)))
    results = [decoded(as_bytes(each, "PNG"), [(0, 0, 1, 1)], pixels=PIXELS, side=SIDE) for each in (one, two)]
    assert results[0] != results[1]
