"""The columns answer every question exactly as the table would, and a cut write is never served."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import StoreError
from gis.incidents import IncidentFilter
from gis.incidents.columns import LEVEL, IncidentColumns, Mark, build, extend, open_columns, read_mark
from gis.incidents.columns.segment import key_coordinates

ZONE = "Asia/Shanghai"
MARK = Mark("store", 7, ZONE)


def some_incidents(n: int, seed: int = 1, first_row: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    grid = rng.integers(0, 6, n)
    start = pd.Timestamp("2025-11-20", tz="UTC")
    return pd.DataFrame(
        {
            "row": np.arange(first_row, first_row + n),
            "lon": 106.7 + rng.normal(0, 0.03, n).round(4),
            "lat": 39.5 + rng.normal(0, 0.03, n).round(4),
            "occurred_at": (start + pd.to_timedelta(rng.integers(0, 120 * 86400, n), unit="s")).astype(
                "datetime64[us, UTC]"
            ),
            "scheme": "wangge",
            "category": rng.choice(["0101", "0203", "0909"], n),
            "source": rng.choice(["12345", "grid"], n),
            "found_by": rng.choice(["report", "patrol"], n),
            "time_precision": rng.choice(["minute", "day"], n),
            "grid": [f"15030400100100{g}" if g else "" for g in grid],
            "community": ["150304001001" if g else "" for g in grid],
            "street": ["150304001000" if g else "" for g in grid],
            "district": ["150304000000" if g else "" for g in grid],
        }
    )


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return some_incidents(4000)


@pytest.fixture(scope="module")
def columns(rows: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> IncidentColumns:
    folder = tmp_path_factory.mktemp("columns")
    build(folder, [rows.iloc[:1500], rows.iloc[1500:]], MARK)
    return open_columns(folder)


def brute_lattice(
    rows: pd.DataFrame, keep: npt.NDArray[np.bool_], level: int, x0: int, y0: int, wide: int, tall: int
) -> npt.NDArray[np.int64]:
    x, y = key_coordinates(rows["lon"].to_numpy()[keep], rows["lat"].to_numpy()[keep])
    x, y = (x >> (LEVEL - level)) - x0, (y >> (LEVEL - level)) - y0
    inside = (x >= 0) & (x < wide) & (y >= 0) & (y < tall)
    counts = np.zeros((tall, wide), dtype=np.int64)
    np.add.at(counts, (y[inside], x[inside]), 1)
    return counts


filters = st.builds(
    IncidentFilter,
    since=st.sampled_from([None, *pd.to_datetime(["2025-11-30T16:00:00Z", "2026-01-05T03:04:05Z"]).to_pydatetime()]),
    until=st.sampled_from([None, *pd.to_datetime(["2026-01-31T16:00:00Z", "2026-02-03T09:10:11Z"]).to_pydatetime()]),
    categories=st.sampled_from([(), ("0101",), ("0203", "0909"), ("none",)]),
    sources=st.sampled_from([(), ("12345",)]),
    found_by=st.sampled_from([(), ("report",)]),
    area=st.sampled_from(["", "150304001001002"]),
    hours=st.sampled_from([(), (0, 23), (8,)]),
    weekdays=st.sampled_from([(), (0,), (5, 6)]),
)


@given(asked=filters, level=st.integers(8, LEVEL), data=st.data())
@settings(max_examples=80, deadline=None)
def test_counts_on_any_lattice_equal_a_brute_force_count(
    asked: IncidentFilter, level: int, data: st.DataObject, rows: pd.DataFrame, columns: IncidentColumns
) -> None:
    middle_x, middle_y = (int(v[0]) >> (LEVEL - level) for v in key_coordinates(np.array([106.7]), np.array([39.5])))
    x0 = middle_x - data.draw(st.integers(0, 40))
    y0 = middle_y - data.draw(st.integers(0, 40))
    wide, tall = data.draw(st.integers(1, 60)), data.draw(st.integers(1, 60))
    places = columns.place_mask(lambda code: code == asked.area) if asked.area else None
    counted = columns.lattice(columns.select(asked, places), level, x0, y0, wide, tall)
    assert (counted == brute_lattice(rows, asked.mask(rows, ZONE), level, x0, y0, wide, tall)).all()


@given(asked=filters)
@settings(max_examples=60, deadline=None)
def test_tallies_equal_the_tables_own(asked: IncidentFilter, rows: pd.DataFrame, columns: IncidentColumns) -> None:
    places = columns.place_mask(lambda code: code == asked.area) if asked.area else None
    tally = columns.tally(columns.select(asked, places))
    kept = rows[asked.mask(rows, ZONE)]
    assert tally.total == len(kept)
    by_category = pd.Series(tally.tags, index=columns.tag_field("category")).groupby(level=0).sum()
    assert by_category[by_category > 0].to_dict() == kept["category"].value_counts().to_dict()
    by_grid = pd.Series(tally.places, index=columns.place_field("grid")).groupby(level=0).sum()
    assert by_grid[by_grid > 0].to_dict() == kept["grid"].value_counts().to_dict()
    local = kept["occurred_at"].dt.tz_convert(ZONE).dt
    assert dict(tally.days) == local.date.value_counts().to_dict()
    by_slot = (local.day_of_week * 24 + local.hour).value_counts()
    assert {int(s): int(n) for s, n in enumerate(tally.slots.sum(axis=0)) if n} == by_slot.to_dict()


def test_points_in_a_box_are_those_of_the_table_and_the_rest_is_counted(
    rows: pd.DataFrame, columns: IncidentColumns
) -> None:
    asked = IncidentFilter(categories=("0101",))
    x, y = key_coordinates(rows["lon"].to_numpy(), rows["lat"].to_numpy())
    box = tuple(int(v) for v in (np.quantile(x, 0.3), np.quantile(y, 0.2), np.quantile(x, 0.7), np.quantile(y, 0.9)))
    inside = (x >= box[0]) & (x < box[2]) & (y >= box[1]) & (y < box[3]) & asked.mask(rows, ZONE)
    total, found = columns.points(columns.select(asked), box, 10_000)
    assert total == inside.sum()
    assert sorted(found["row"]) == sorted(rows["row"][inside])
    place = rows.set_index("row").loc[found["row"]]
    assert np.abs(found["lon"] - place["lon"]).max() < 2e-6
    assert np.abs(found["lat"] - place["lat"]).max() < 2e-6
    fewer_total, fewer = columns.points(columns.select(asked), box, 7)
    assert (fewer_total, len(fewer["row"])) == (total, 7)


def test_changed_rows_take_the_place_of_their_older_selves(tmp_path: Path, rows: pd.DataFrame) -> None:
    build(tmp_path, [rows], MARK)
    untouched = {path.name for path in tmp_path.glob("202512-*.seg")}
    moved = rows[rows["occurred_at"] >= "2026-02-01"].head(5).assign(category="new", lon=106.8)
    added = some_incidents(3, seed=9, first_row=10_000).assign(occurred_at=pd.Timestamp("2026-07-01", tz="UTC"))
    extend(tmp_path, pd.concat([moved, added]), Mark("store", 8, ZONE))
    after = open_columns(tmp_path)
    expected = pd.concat([rows[~rows["row"].isin(moved["row"])], moved, added])
    assert read_mark(tmp_path) == Mark("store", 8, ZONE)
    assert len(after) == len(expected)
    assert after.count(after.select(IncidentFilter(categories=("new",)))) == 5
    _, found = after.points(after.select(IncidentFilter()), None, 10_000)
    assert sorted(found["row"]) == sorted(expected["row"])
    assert {path.name for path in tmp_path.glob("202512-*.seg")} == untouched


def test_a_row_that_moves_to_another_month_leaves_its_old_one(tmp_path: Path, rows: pd.DataFrame) -> None:
    build(tmp_path, [rows], MARK)
    extend(tmp_path, rows.head(1).assign(occurred_at=pd.Timestamp("2020-01-01", tz="UTC")), MARK)
    assert len(open_columns(tmp_path)) == len(rows)


def test_a_month_that_loses_its_last_row_is_gone(tmp_path: Path, rows: pd.DataFrame) -> None:
    build(tmp_path, [rows.head(1)], MARK)
    extend(tmp_path, rows.head(1).assign(occurred_at=pd.Timestamp("2020-01-01", tz="UTC")), MARK)
    assert [segment.month for segment in open_columns(tmp_path).segments] == [202001]


def test_columns_without_rows_answer_nothing(tmp_path: Path, rows: pd.DataFrame) -> None:
    build(tmp_path, [rows.head(0)], MARK)
    empty = open_columns(tmp_path)
    asked = empty.select(IncidentFilter(categories=("0101",)))
    assert (len(empty), empty.span(asked), empty.tally(asked).total) == (0, None, 0)
    assert empty.lattice(asked, 10, 0, 0, 4, 4).sum() == 0
    assert empty.points(asked, None, 5)[0] == 0


def test_a_reader_keeps_its_rows_while_a_writer_changes_them(tmp_path: Path, rows: pd.DataFrame) -> None:
    build(tmp_path, [rows], MARK)
    before = open_columns(tmp_path)
    build(tmp_path, [rows.head(10)], MARK)
    assert before.tally(before.select(IncidentFilter())).total == len(rows)
    assert len(open_columns(tmp_path)) == 10


def test_a_cut_segment_and_a_foreign_manifest_are_refused(tmp_path: Path, rows: pd.DataFrame) -> None:
    build(tmp_path, [rows], MARK)
    cut = next(tmp_path.glob("*.seg"))
    os.truncate(cut, cut.stat().st_size - 64)
    with pytest.raises(StoreError, match="damaged"):
        open_columns(tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    (tmp_path / "manifest.json").write_text(json.dumps(manifest | {"format": 99}))
    assert read_mark(tmp_path) is None
    (tmp_path / "manifest.json").write_text("{")
    assert read_mark(tmp_path) is None


_WRITER = """
import sys
from pathlib import Path
sys.path[:0] = [{root!r}]
from tests.gis.incidents.test_columns import MARK, some_incidents
from gis.incidents.columns import build, extend
folder = Path({folder!r})
print("ready", flush=True)
for turn in range(1000):
    extend(folder, some_incidents(50, seed=turn, first_row=4000 + 50 * turn), MARK)
"""


def test_a_writer_killed_at_any_moment_leaves_whole_columns(tmp_path: Path, rows: pd.DataFrame) -> None:
    build(tmp_path, [rows], MARK)
    rng = np.random.default_rng(5)
    root = str(Path(__file__).parents[3])
    for _ in range(4):
        code = _WRITER.format(root=root, folder=str(tmp_path))
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(float(rng.uniform(0.05, 0.4)))
            writer.send_signal(signal.SIGKILL)
            writer.wait()
        after = open_columns(tmp_path)
        assert (len(after) - 4000) % 50 == 0
        _, found = after.points(after.select(IncidentFilter()), None, 1_000_000)
        assert len(np.unique(found["row"])) == len(after)
