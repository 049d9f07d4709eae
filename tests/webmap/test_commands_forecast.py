"""``wangge forecast`` as a person types it: text in both languages with the score and its limits, JSON with the same, exit status."""

import json
from pathlib import Path

import pytest

from gis.errors import InputError
from webmap.cli import cli
from webmap.store import open_store


@pytest.fixture(scope="module")
def url(sample_db: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A copy of the sample, in which this command keeps what it makes."""
    copy = Path(tmp_path_factory.mktemp("ahead")) / "wuda.db"
    store = open_store(sample_db)
    store.snapshot(copy)
    store.close()
    return f"sqlite:///{copy}"


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", ("Learned from reports only", "not shown to be better", "reports per grid in the week", "Bowers")),
        ("zh", ("仅从上报学习", "未证明更好", "起上报/网格·周", "回测")),
    ],
)
def test_the_text_says_what_it_is_worth(
    lang: str, said: tuple[str, ...], url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["forecast", "--db", url, "--lang", lang], standalone_mode=False) == 0
    text = capsys.readouterr().out
    assert [words for words in said if words not in text] == []


def test_the_data_are_those_of_the_page(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["forecast", "--db", url, "--json"], standalone_mode=False) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["period"]["kind"] == "week"
    assert sum(row["expected"] for row in told["grids"]) == pytest.approx(told["total"], abs=1e-3)
    assert {"lines", "exposure", "explain", "card", "outcome"} <= told.keys()


def test_a_category_of_which_nothing_is_known_is_refused(url: str) -> None:
    with pytest.raises(InputError, match="Z99"):
        cli.main(["forecast", "--db", url, "--category", "Z99"], standalone_mode=False)
