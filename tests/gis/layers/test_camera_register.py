"""A camera register as districts keep it: optics, owner, filing. What cannot be read is said, and the camera stays."""

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import Point

from gis.cameras import compliance
from gis.layers import LayerResult, _camera_register, read_layer
from gis.layers._camera_register import answer_of, class_of, day_of, days_of, light_of, pixels_of


def read(tmp_path: Path, **columns: list[str]) -> LayerResult:
    count = len(next(iter(columns.values())))
    frame = pd.DataFrame(columns | {"经度": ["106.7"] * count, "纬度": [f"39.5{row}" for row in range(count)]})
    frame.to_csv(tmp_path / "a.csv", index=False, encoding="gb18030")
    return read_layer(tmp_path / "a.csv", "cameras")


@pytest.mark.parametrize(
    ("text", "pixels"),
    [("1080P", 1920), ("1920x1080", 1920), ("2560*1440", 2560), ("400万", 2560), ("200万像素", 1920), ("4K", 3840), ("8MP", 3840), ("1920", 1920)],
)  # fmt: skip
def test_resolutions_become_horizontal_pixels(text: str, pixels: int) -> None:
    assert pixels_of(text) == pixels


@pytest.mark.parametrize("text", ["", "清楚", "0", "12"])
def test_what_is_no_resolution_is_missing(text: str) -> None:
    assert np.isnan(pixels_of(text))


@pytest.mark.parametrize(
    "text", ["2025-03-01", "2025/3/1", "20250301", "2025年3月1日", "2025.3.1", "2025-03-01 00:00:00"]
)
def test_days_become_iso_days(text: str) -> None:
    assert day_of(text) == "2025-03-01"


@pytest.mark.parametrize("text", ["", "2025-13-01", "2025年3月", "去年"])
def test_what_is_no_day_is_missing(text: str) -> None:
    assert day_of(text) == ""


def test_answers_classes_and_retention_are_read() -> None:
    assert [answer_of(text) for text in ("是", "已设置", "无", "未安装", "待定", "")] == [
        "yes",
        "yes",
        "no",
        "no",
        "",
        "",
    ]
    assert [class_of(text) for text in ("一类点", "二类", "III类", "3", "四类", "")] == ["1", "2", "3", "3", "", ""]
    assert [days_of(text) for text in ("30天", "不少于30日", "3个月", "90")] == [30, 30, 90, 90]
    assert np.isnan(days_of("很久"))


def test_a_register_is_read_whole_and_unread_values_are_told(tmp_path: Path) -> None:
    result = read(
        tmp_path, 国标编码=["15030400001320000101", "15030400001320000102"], 安装方式=["立杆", "壁装"], 俯角=["15°", "120"],
        分辨率=["1080P", "看得清"], 焦距=["4mm", ""], 传感器宽度=["5.37", ""], 责任单位=["乌达区公安分局", ""], 点位类别=["一类点", "二类"],
        场所类型=["城市道路", "公共厕所"], 启用日期=["2025年4月3日", "不详"], 备案号=["蒙C0001", ""], 备案日期=["2025/4/20", ""],
        提示标识=["有", "无"], 录像保存天数=["30天", "15"], 预置位=["90:60；180：45", ""],
    )  # fmt: skip
    first, second = result.frame.iloc[0], result.frame.iloc[1]
    assert (first["mount"], first["tilt"], first["resolution_px"], first["focal_mm"]) == ("pole", 15, 1920, 4)
    assert (first["owner"], first["point_class"], first["place"]) == ("乌达区公安分局", "1", "road")
    assert (first["used_since"], first["filed_on"], first["notice"], first["retention_days"]) == (
        "2025-04-03",
        "2025-04-20",
        "yes",
        30,
    )
    assert first["presets"] == "90:60;180:45"
    assert (second["mount"], second["place"], second["notice"], second["retention_days"]) == (
        "wall",
        "toilet",
        "no",
        15,
    )
    assert np.isnan(second["tilt"])
    assert np.isnan(second["resolution_px"])
    assert second["used_since"] == ""
    assert result.report.rows_ok == 2
    assert result.report.fixes["values_not_read"] == 3
    assert sum("无法识别" in zh for zh, _ in result.report.warnings) == 3


def test_kinds_of_place_that_are_read_are_those_that_are_checked() -> None:
    assert {name for name, _ in _camera_register.PLACES} == set(compliance.PLACES)


def test_persons_in_charge_are_still_dropped(tmp_path: Path) -> None:
    result = read(tmp_path, 设备编号=["1"], 责任单位=["街道办"], 责任人=["张三"], 责任人电话=["13812345678"])
    assert result.frame["owner"].tolist() == ["街道办"]
    assert "责任人电话" in result.report.dropped_personal
    assert not result.frame.astype(str).apply(lambda column: column.str.contains("张三|138")).any().any()


def test_osm_tags_of_mount_tilt_height_and_zone(tmp_path: Path) -> None:
    tags = [
        '{"camera:mount": "wall", "camera:angle": "20", "height": "4.5", "surveillance:zone": "town", "surveillance:direction": "SW"}',
        '{"surveillance:type": "ALPR"}', '{"surveillance": "indoor"}', "",
    ]  # fmt: skip
    points = gpd.GeoDataFrame(
        {"id": list("abcd"), "tags": tags}, geometry=[Point(24.9 + n / 100, 60.1) for n in range(4)], crs=4326
    )
    points.to_file(tmp_path / "a.geojson", driver="GeoJSON")
    result = read_layer(tmp_path / "a.geojson", "cameras")
    assert result.frame["id"].tolist() == ["a", "d"]
    first = result.frame.iloc[0]
    assert (first["mount"], first["tilt"], first["height_m"], first["purpose"], first["azimuth"]) == (
        "wall",
        20,
        4.5,
        "town",
        225,
    )
    assert set(result.rejects["reason_code"]) == {"not_a_camera", "indoor_camera"}


@pytest.mark.parametrize(
    ("text", "kind"),
    [("红外补光", "infrared"), ("IR", "infrared"), ("激光", "infrared"), ("白光", "white"), ("双光", "white"), ("无", "none"), ("无补光", "none"),
     ("1", "none"), ("2", "infrared"), ("3", "white"), ("4", "infrared"), ("星光", ""), ("", "")],
)  # fmt: skip
def test_lights_are_read_from_words_and_from_the_codes_of_the_standard(text: str, kind: str) -> None:
    assert light_of(text) == kind


def test_light_its_reach_and_a_kept_position_come_in_and_what_is_no_light_is_told(tmp_path: Path) -> None:
    result = read(
        tmp_path,
        编号=["a", "b", "c"],
        补光=["红外", "无", "星光"],
        补光距离=["50米", "", "很远"],
        吸附外墙=["否", "", "是"],
    )
    assert result.frame["light"].tolist() == ["infrared", "none", ""]
    assert result.frame["light_m"].iloc[0] == 50
    assert result.frame["light_m"].isna().tolist() == [False, True, True]
    assert result.frame["snap"].tolist() == ["no", "", "yes"]
    assert result.report.rows_ok == 3
    assert "补光" in json.dumps(result.report.as_dict(), ensure_ascii=False, default=str)
