"""A heat image opens, and its legend says what its colours are."""

import io

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from gis.errors import ShapeError
from gis.tiles import heat_image
from gis.tiles._png import indexed_png
from gis.tiles.palette import RAMP, class_of, legend_of, palette_of, scale_breaks


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 256), st.integers(0, 2**32 - 1))
def test_an_indexed_png_reads_back_the_same(height: int, width: int, colours: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    index = rng.integers(0, colours, (height, width)).astype(np.uint8)
    palette = rng.integers(0, 256, (colours, 4)).astype(np.uint8)
    read = np.asarray(Image.open(io.BytesIO(indexed_png(index, palette))).convert("RGBA"))
    np.testing.assert_array_equal(read, palette[index])


def test_a_colour_outside_the_palette_is_refused() -> None:
    with pytest.raises(ShapeError, match="outside the palette"):
        indexed_png(np.array([[3]], dtype=np.uint8), np.zeros((2, 4), dtype=np.uint8))


def test_legend_classes_are_ascending_round_numbers(rng: np.random.Generator) -> None:
    breaks = scale_breaks(rng.gamma(0.5, 300, 10_000))
    assert (np.diff(breaks) > 0).all()
    digits = [f"{value:.6f}".replace(".", "").strip("0") for value in breaks]
    assert max(map(len, digits)) <= 2


def test_each_pixel_has_the_colour_of_its_class(rng: np.random.Generator) -> None:
    lon, lat = rng.normal(106.7, 0.01, 3000), rng.normal(39.5, 0.01, 3000)
    image = heat_image(lon, lat, window=shapely.box(106.6, 39.4, 106.8, 39.6), width=300, bandwidth_m=400)
    shown = np.asarray(Image.open(io.BytesIO(image.png)).convert("RGBA"))
    opaque = {f"#{r:02x}{g:02x}{b:02x}" for r, g, b, a in shown.reshape(-1, 4) if a}
    assert opaque == {step.colour for step in image.legend}
    assert image.legend[-1].below is None
    assert all(low.below == high.at_least for low, high in zip(image.legend, image.legend[1:], strict=False))


def test_a_density_on_a_break_belongs_to_the_class_above() -> None:
    breaks = np.array([1.0, 2.0, 5.0])
    assert class_of(np.array([np.nan, 0.0, 0.99, 1.0, 2.0, 4.99, 5.0, 900.0]), breaks).tolist() == [
        0,
        0,
        0,
        1,
        2,
        2,
        3,
        3,
    ]


def test_fewer_classes_keep_the_dark_colours() -> None:
    legend = legend_of(np.array([1.0, 2.0]))
    assert [step.colour for step in legend] == list(RAMP[-2:])
    assert palette_of(legend).shape == (3, 4)
    assert palette_of(legend)[0].tolist() == [0, 0, 0, 0]


@settings(max_examples=60, deadline=None)
@given(st.floats(1e-9, 1e9), st.integers(1, 8))
def test_breaks_scale_with_the_data_and_stay_apart(top: float, classes: int) -> None:
    breaks = scale_breaks(np.array([top]), classes)
    assert len(breaks) == classes
    ratio = breaks[1:] / breaks[:-1]
    assert ((ratio > 1.49) & (ratio < 1.68)).all()
    assert top / 1.68 < breaks[-1] <= top


def test_no_incidents_give_a_clear_image() -> None:
    image = heat_image([], [], window=shapely.box(106.6, 39.4, 106.8, 39.6), width=100, bandwidth_m=1000)
    assert image.legend == ()
    assert not np.asarray(Image.open(io.BytesIO(image.png)).convert("RGBA"))[..., 3].any()


def test_the_ramp_darkens_so_that_it_can_be_read_without_colour() -> None:
    def lightness(colour: str) -> float:
        red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    values = [lightness(colour) for colour in RAMP]
    assert values == sorted(values, reverse=True)
