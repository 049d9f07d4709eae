"""Thirty committees of areas and thirteen of trades, and which one takes what."""

from pathlib import Path

import pytest

from gis.dispatch.committees import committee_for, load_committees, sample_committees
from gis.errors import ColumnError, InputError, NotFoundError
from gis.incidents.taxonomy import categories

HEAD = "code,kind,name_zh,name_en,area,topics\n"


def test_the_sample_has_thirty_committees_of_areas_and_thirteen_of_trades() -> None:
    kinds = [each.kind for each in sample_committees()]
    assert (kinds.count("area"), kinds.count("trade")) == (30, 13)


def test_the_topics_of_the_sample_are_categories_of_disputes() -> None:
    ours = set(categories().query("scheme == 'wangge' and module == 'dispute'")["code"])
    topics = {topic for each in sample_committees() for topic in each.topics}
    assert topics <= ours


@pytest.mark.parametrize(
    ("category", "areas", "code"),
    [
        ("D03", ["150304002001001", "150304002001"], "T01"),  # property: the trade committee
        ("D01", ["150304002001001", "150304002001", "150304002000"], "A09"),  # neighbours: the community's
        ("D01", ["150304101000"], "A08"),  # only the town is known
    ],
)
def test_a_dispute_goes_to_its_trade_else_to_the_nearest_area(category: str, areas: list[str], code: str) -> None:
    choice = committee_for(category, areas, sample_committees())
    assert choice.committee.code == code
    assert choice.why_zh
    assert choice.why_en


def test_outside_the_district_there_is_none() -> None:
    with pytest.raises(NotFoundError, match="D01"):
        committee_for("D01", ["150303001001"], sample_committees())
    with pytest.raises(NotFoundError, match="unknown area"):
        committee_for("D01", [], sample_committees())


def test_a_districts_own_table_is_read_and_its_faults_are_named(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text(HEAD + "X1,trade,快递调委会,,150304000000,D05 D04\n", encoding="utf-8-sig")
    assert load_committees(path)[0].topics == {"D05", "D04"}
    path.write_text(
        HEAD + "X1,area,甲,,1503,\nX1,area,乙,,1503,\nX2,trade,丙,,1503,\nX3,club,丁,,1503,\n", encoding="utf-8"
    )
    with pytest.raises(InputError, match=r"lines 4, 5 .*codes twice X1"):
        load_committees(path)
    path.write_text("code,kind\n", encoding="utf-8")
    with pytest.raises(ColumnError, match="name_zh"):
        load_committees(path)
