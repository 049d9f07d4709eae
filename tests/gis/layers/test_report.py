"""The report of an import, in words and as JSON."""

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd

from gis.layers import DatumChoice, ImportReport, write_rejects
from gis.layers._process import _environment
from gis.layers._rejects import REASONS, Rejects

REPORT = ImportReport(
    file="a.csv", kind="incidents", format="CSV", encoding="gb18030", rows_in=1200, rows_ok=1190, rows_rejected=10,
    datum=DatumChoice("gcj02", 0.97, {"gcj02": 0.97}, 1100, "网格相符", "grids agree"), mapped={"time": "发生时间"},
    dropped_personal=["联系人"], masked={"地址": 3}, ignored=["备注"], fixes={"lonlat_swapped": 2}, warnings=[("注意甲", "note one")],
)  # fmt: skip


def test_report_is_plain_json() -> None:
    again = json.loads(json.dumps(REPORT.as_dict()))
    assert again["datum"]["agreement"] == {"gcj02": 0.97}
    assert again["warnings"] == [{"zh": "注意甲", "en": "note one"}]


def test_report_reads_in_both_languages() -> None:
    chinese, english = REPORT.text("zh"), REPORT.text("en")
    assert "共 1,200 行,导入 1,190 行,退回 10 行" in chinese
    assert "已删除的个人信息列:联系人" in chinese
    assert "gcj02, sure 97%; grids agree" in english
    assert "Note: note one" in english


def test_every_reason_is_told_in_both_languages() -> None:
    assert all(zh and en and zh != en for zh, en in REASONS.values())


def test_rejects_of_nobody_are_an_empty_table_with_its_columns(tmp_path: Path) -> None:
    empty = Rejects(pd.Series([2, 3]).to_numpy()).frame()
    path = write_rejects(empty, tmp_path / "r.csv", "en")
    assert path.read_text(encoding="utf-8-sig").strip() == "row,code,field,value (masked),reason"


def test_reading_process_never_loads_what_it_does_not_need(tmp_path: Path) -> None:
    code = "import sys, gis.layers._child; print(sorted({'pandas', 'geopandas', 'shapely', 'pyogrio', 'numba'} & set(sys.modules)))"
    run = subprocess.run(
        [sys.executable, "-c", code], env=_environment(tmp_path), capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"


def test_reading_process_inherits_no_secret(tmp_path: Path, monkeypatch: object) -> None:
    monkeypatch.setenv("WANGGE_DATABASE_URL", "postgresql://secret")
    environment = _environment(tmp_path)
    assert "WANGGE_DATABASE_URL" not in environment
    assert environment["CPL_VSIL_CURL_ALLOWED_EXTENSIONS"] == ".none"
    assert "OGR_VRT" in environment["GDAL_SKIP"]
