"""The district's own tables: what they hold by default, what a file may say, and every fault with its row."""

import pytest

from gis.cameras import tables
from gis.cameras.compliance import RegisterRules
from gis.cameras.optics import BANDS
from gis.errors import InputError, NotFoundError

BAND = {"code": "plate", "zh": "号牌", "en": "plate", "px_per_m": "150"}


@pytest.mark.parametrize("name", tables.TABLES)
def test_the_defaults_are_in_order_and_go_through_a_file_unchanged(name: str) -> None:
    rows = tables.TABLES[name].default
    assert not tables.faults(name, rows)
    text = tables.write_csv(name, rows)
    assert tables.read_csv(name, text.encode("utf-8-sig")) == rows


def test_the_defaults_are_those_of_the_standard_and_of_the_check() -> None:
    assert tables.bands_of(tables.TABLES["bands"].default) == BANDS
    assert tables.reach_of(tables.TABLES["reach"].default) == RegisterRules().reach
    classes = {each.point_class: each.availability for each in tables.targets_of(tables.TABLES["targets"].default)}
    assert classes == {"1": 0.98, "2": 0.95, "3": 0.95}


def test_bands_come_the_most_demanding_first() -> None:
    rows = [BAND, {**BAND, "code": "fine", "px_per_m": "500"}]
    assert [each.code for each in tables.bands_of(tables.tidy("bands", rows))] == ["fine", "plate"]


@pytest.mark.parametrize(
    ("name", "row", "words"),
    [
        ("bands", {**BAND, "px_per_m": "0"}, "px_per_m"),
        ("bands", {**BAND, "px_per_m": "nan"}, "px_per_m"),
        ("bands", {**BAND, "code": "号"}, "code"),
        ("bands", {**BAND, "zh": ""}, "zh"),
        ("targets", {"point_class": "4", "measure": "area", "share": "1", "availability": "1"}, "point_class"),
        ("targets", {"point_class": "1", "measure": "sky", "share": "1", "availability": "1"}, "measure"),
        (
            "targets",
            {"point_class": "1", "measure": "area", "kinds": "school", "share": "1", "availability": "1"},
            "kinds",
        ),
        ("targets", {"point_class": "1", "measure": "area", "share": "98", "availability": "1"}, "share"),
        ("reach", {"place": "moon", "angle": "90", "range_m": "5"}, "place"),
        ("reach", {"place": "road", "angle": "361", "range_m": "5"}, "angle"),
        ("site_costs", {"mount": "tree", "cost": "5"}, "mount"),
        ("site_costs", {"mount": "pole", "cost": "-5"}, "cost"),
    ],
)
def test_a_row_that_makes_no_sense_is_named_with_its_reason(name: str, row: dict[str, str], words: str) -> None:
    good = tables.TABLES[name].default[0]
    with pytest.raises(InputError, match=f"row 2: {words}"):
        tables.tidy(name, [good, row])


def test_all_faults_are_told_at_once_and_a_row_that_occurs_twice_is_one() -> None:
    rows = [BAND, BAND, {**BAND, "code": "x", "px_per_m": "?"}]
    assert [each.row for each in tables.faults("bands", [dict(row) for row in rows])] == [2, 3]


def test_a_file_without_its_columns_and_a_table_without_rows_are_refused() -> None:
    with pytest.raises(InputError, match="px_per_m"):
        tables.read_csv("bands", b"code,zh,en\na,b,c\n")
    with pytest.raises(InputError, match="UTF-8"):
        tables.read_csv("bands", "code,zh\n号,牌\n".encode("gb18030"))
    with pytest.raises(InputError, match="rows"):
        tables.tidy("bands", [])
    with pytest.raises(NotFoundError):
        tables.tidy("moons", [])
