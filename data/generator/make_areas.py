"""Write data/layers/areas.geojson: Wuda's real names and codes on synthetic outlines.

Usage: python data/generator/make_areas.py FOLDER, where FOLDER holds sample_{district,streets,communities,grids}.geojson and
divisions_wuhai.csv. Run once; the written file ships, the inputs do not.
"""

import sys
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

OUT = Path(__file__).resolve().parent.parent / "layers" / "areas.geojson"

ENGLISH = {
    "乌达区": "Wuda District",
    "三道坎街道": "Sandaokan Subdistrict",
    "五虎山街道": "Wuhushan Subdistrict",
    "新达街道": "Xinda Subdistrict",
    "巴音赛街道": "Bayinsai Subdistrict",
    "梁家沟街道": "Liangjiagou Subdistrict",
    "苏海图街道": "Suhaitu Subdistrict",
    "滨海街道": "Binhai Subdistrict",
    "乌兰淖尔镇": "Ulan Nur Town",
    "乌达经济开发区": "Wuda Economic Development Zone",
    "富强社区": "Fuqiang Community",
    "胡杨社区": "Huyang Community",
    "铁西社区": "Tiexi Community",
    "育红社区": "Yuhong Community",
    "新达佳苑社区": "Xinda Jiayuan Community",
    "爱民佳苑社区": "Aimin Jiayuan Community",
    "昌达佳苑社区": "Changda Jiayuan Community",
    "颐景佳苑社区": "Yijing Jiayuan Community",
    "先锋社区": "Xianfeng Community",
    "团结社区": "Tuanjie Community",
    "幸福社区": "Xingfu Community",
    "永昌佳苑社区": "Yongchang Jiayuan Community",
    "安居佳苑社区": "Anju Jiayuan Community",
    "民达社区": "Minda Community",
    "振华社区": "Zhenhua Community",
    "黄白茨社区": "Huangbaici Community",
    "兴华社区": "Xinghua Community",
    "滨海社区": "Binhai Community",
    "团结北路社区": "Tuanjie North Road Community",
    "胜利社区": "Shengli Community",
    "泽园社区": "Zeyuan Community",
    "富民社区": "Fumin Community",
    "乌达经济开发区虚拟社区": "Wuda Economic Zone Virtual Community",
}

SPECIAL = (
    ("150304009008901", "150304009008", "示例学校专属网格", "Sample School Special Grid"),
    ("150304012009901", "150304012009", "示例市场专属网格", "Sample Market Special Grid"),
    ("150304010012901", "150304010012", "示例车站专属网格", "Sample Station Special Grid"),
    ("150304400498901", "150304400498", "示例工业园专属网格", "Sample Industrial Park Special Grid"),
)
"""Code, community, names: special grids lie over basic ones."""


def row(
    code: str, parent: str, level: str, name_zh: str, name_en: str, geometry: shapely.Geometry, **more: object
) -> dict:
    """One row of the ``areas`` table."""
    empty = {"kind": "", "code_nbs": "", "code_mca": "", "households": pd.NA, "valid_from": "", "valid_to": ""}
    names = {"code": code, "parent": parent, "level": level, "name_zh": name_zh, "name_en": name_en}
    return names | empty | more | {"synthetic": True, "geometry": geometry}


def build(folder: Path) -> gpd.GeoDataFrame:
    """The whole tree: one district, 9 streets, 23 communities, 157 basic and 4 special grids."""
    read = {
        name: gpd.read_file(folder / f"sample_{name}.geojson")
        for name in ("district", "streets", "communities", "grids")
    }
    grids = read["grids"]
    homes = grids.groupby("community_code")["households"].sum()
    homes_street = grids.groupby("street_code")["households"].sum()
    mca = pd.read_csv(folder / "divisions_wuhai.csv", dtype=str).fillna("").set_index("code_nbs12")["code_mca12"]
    district = read["district"].geometry.iloc[0]
    rows = [
        row("150304000000", "", "district", "乌达区", ENGLISH["乌达区"], district, code_nbs="150304000000",
            code_mca="150304000000", households=int(grids["households"].sum()))
    ]  # fmt: skip
    rows += [
        row(each.code, "150304000000", "street", each.name, ENGLISH[each.name], each.geometry, code_nbs=each.code,
            code_mca=mca.get(each.code, ""), households=int(homes_street[each.code]))
        for each in read["streets"].itertuples()
    ]  # fmt: skip
    rows += [
        row(each.code, each.street_code, "community", each.name, ENGLISH[each.name], each.geometry,
            code_nbs=each.code, households=int(homes[each.code]))
        for each in read["communities"].itertuples()
    ]  # fmt: skip
    for each in grids.itertuples():
        number = int(each.grid_code[12:])
        rows.append(
            row(each.grid_code, each.community_code, "grid", each.grid_name, f"{ENGLISH[each.community_name]} Grid {number}",
                each.geometry, kind="basic", households=int(each.households))
        )  # fmt: skip
    shapes = read["communities"].set_index("code").geometry
    for code, community, name_zh, name_en in SPECIAL:
        centre = shapes[community].representative_point()
        site = shapely.box(centre.x - 0.0015, centre.y - 0.001, centre.x + 0.0015, centre.y + 0.001)
        site = shapely.set_precision(site.intersection(shapes[community]), 1e-7)
        rows.append(row(code, community, "grid", name_zh, name_en, site, kind="special"))
    return gpd.GeoDataFrame(rows, geometry="geometry", crs="EPSG:4326")


if __name__ == "__main__":
    areas = build(Path(sys.argv[1]))
    areas["households"] = areas["households"].astype("Int64")
    areas.to_file(OUT, driver="GeoJSON", engine="pyogrio", COORDINATE_PRECISION="7", RFC7946="NO", WRITE_NAME="NO")
