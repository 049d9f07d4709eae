"""A file as texts by header."""

from pathlib import Path

import pytest

from gis.errors import FileFormatError
from gis.layers.texts import read_texts


def test_a_table_comes_as_texts_with_the_rows_a_spreadsheet_shows(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("工单编号,内容\n001,路灯不亮\n002,\n".encode("gb18030"))
    raw = read_texts(path)
    assert raw.headers == ["工单编号", "内容"]
    assert raw.columns["工单编号"].to_pylist() == ["001", "002"]
    assert raw.rows.to_pylist() == [2, 3]


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="no file"):
        read_texts(tmp_path / "none.csv")
