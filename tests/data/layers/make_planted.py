"""Writes planted_12345_gbk.csv: a hotline export as districts send it, with faults planted on known rows.

Run from the repository's root: ``python tests/data/layers/make_planted.py``. Everything in it is invented; the ID-card number is the
textbook example and the telephones do not exist. GB18030, a title above the header, GCJ-02 coordinates, declared grids.
"""

import csv
import io
import json
from pathlib import Path

import shapely

from gis.crs import wgs84_to_gcj02

HERE = Path(__file__).resolve().parent
HEAD = (
    "工单编号",
    "发生时间",
    "事件类型",
    "详细地址",
    "经度",
    "纬度",
    "所属网格编码",
    "来源",
    "办理状态",
    "联系人",
    "联系电话",
    "经办",
    "诉求内容",
)
PEOPLE = (
    ("王小明", "13812345678"),
    ("李丽", "15947301234"),
    ("赵国强", "0473-3661234"),
    ("陈静", "18647312345"),
    ("刘洋", "13947355555"),
)
CLERKS = ("张建军", "孙丽", "周伟", "吴敏", "郑强")


def places(count: int) -> list[tuple[str, float, float]]:
    """Grid code and a GCJ-02 point well inside it, for the first grids of the sample district."""
    areas = json.loads((HERE.parents[2] / "data" / "layers" / "areas.geojson").read_text(encoding="utf-8"))
    grids = [
        f for f in areas["features"] if f["properties"]["level"] == "grid" and f["properties"]["kind"] != "special"
    ]
    found = []
    for feature in sorted(grids, key=lambda f: f["properties"]["code"])[: count * 4 : 4]:
        point = shapely.maximum_inscribed_circle(shapely.geometry.shape(feature["geometry"]))
        x, y = point.coords[0]
        lon, lat = wgs84_to_gcj02(x, y)
        found.append((feature["properties"]["code"], round(float(lon), 6), round(float(lat), 6)))
    return found


def rows() -> list[list[str]]:
    """Thirty-one records: what is planted where is said beside it."""
    table = []
    for i, (grid, lon, lat) in enumerate(places(31)):
        person, phone = PEOPLE[i % len(PEOPLE)]
        table.append(
            [f"SJ{20230100 + i}", f"2023年1月{i % 28 + 1}日 9时{i:02d}分", "暴露垃圾", f"巴音赛街道团结街{i + 1}号", str(lon), str(lat), grid,
             "12345热线", "已办结", person, phone, CLERKS[i % 5], f"来电人{person}反映楼下垃圾未清理"]
        )  # fmt: skip
    time, kind, address, lon, lat = 1, 2, 3, 4, 5
    table[1][time] = "2023/1/2 10:05"
    table[2][time] = "２０２３年１月３日　８时０５分"
    table[3][time] = "44930.5"  # Excel's 2023-01-04 12:00
    table[4][time] = "2023年1月5日 下午3时5分"
    table[5][time] = ""  # refused: no time
    table[6][time] = "昨天上午"  # refused: relative
    table[7][time] = "2023年2月30日"  # refused: no such day
    table[8][time] = "1月9日 9时"  # refused: no year
    table[9][lon] = ""  # refused: no coordinate
    table[10][lat] = "不详13812345678"  # refused, and the telephone is not repeated in the rejects
    table[11][lon], table[11][lat] = "0", "0"  # refused
    table[12][lon], table[12][lat] = table[12][lat], table[12][lon]  # put right: latitude and longitude exchanged
    table[13][lon], table[13][lat] = "116.403698", "39.910590"  # refused: Beijing
    table[14][kind] = "01-02"  # refused: a bare code of two lists
    table[15][kind] = "01-10"  # refused: the same thing in another list, and bare
    table[16][kind] = ""  # refused: no category
    table[17][kind] = "06010"
    table[18][kind] = "邻居养公鸡"  # stays text
    table[19][address] = "团结街20号 张先生13900001111"  # masked
    table[20][address] = "身份证11010519491231002X 车号蒙C12345"  # masked
    table[21][lon] = dms(table[21][lon])
    table[22][lat] = "北纬" + table[22][lat] + "度"
    table[23][:] = table[22]  # counted once: the same row again
    table[24][0] = table[25][0]  # one number for two matters: both get an id of their content
    table[26][7], table[26][kind] = "网格员巡查", "店外经营"  # found by patrol
    table[27][lon], table[27][time] = "经度未知", "不知道"  # refused twice
    table[28].append("多出一列")  # refused: ragged
    table[29][kind] = "占道经营"
    return table


def dms(text: str) -> str:
    """Degrees as degrees, minutes and seconds with hundredths."""
    total = round(float(text) * 360_000)
    return f"东经{total // 360_000}度{total % 360_000 // 6000}分{total % 6000 / 100:.2f}秒"


def main() -> None:
    """Write the file."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["乌达区12345热线工单台账(示例,全部虚构)"] + [""] * (len(HEAD) - 1))
    writer.writerow(HEAD)
    writer.writerows(rows())
    writer.writerow([""] * len(HEAD))
    (HERE / "planted_12345_gbk.csv").write_bytes(out.getvalue().encode("gb18030"))


if __name__ == "__main__":
    main()
