"""The way to the map leads to the middle of the area, nearer for a smaller one, with the layer switched on."""

import re

import pytest
import shapely
from shapely.geometry import mapping

from webmap.side_desks.key_area_map import map_link


def zoom_of(side_deg: float) -> int:
    link = map_link(mapping(shapely.box(106.7, 39.4, 106.7 + side_deg, 39.4 + side_deg)))
    found = re.fullmatch(r"#l=[a-z_.]*key_areas&at=(\d+)/([\d.]+)/([\d.]+)", link)
    assert found is not None
    assert (float(found[2]), float(found[3])) == pytest.approx((39.4 + side_deg / 2, 106.7 + side_deg / 2), abs=1e-5)
    return int(found[1])


def test_the_way_to_the_map_leads_to_the_area_and_no_farther_out_than_the_district() -> None:
    assert zoom_of(0.002) == 16
    assert zoom_of(0.02) == 13
    assert zoom_of(2.0) == 10
    assert zoom_of(1e-7) == 17
