"""What columns are called towards people, with their units, in both languages. It knows names and never values."""

from gis.errors import Lang
from gis.schemas import TABLES

_RESULTS: dict[str, tuple[str, str, str]] = {
    "rank": ("名次", "rank", ""),
    "count": ("事件数", "incidents", ""),
    "area_km2": ("面积", "area", "km2"),
    "per_km2": ("密度(整个时段)", "incidents per km2 over the period", "1/km2"),
    "per_1000_households": ("每千户事件数", "incidents per 1,000 households", ""),
    "days": ("时段天数", "days of the period", "d"),
    "z": ("Gi*得分", "Gi* score", ""),
    "p": ("p值(双侧)", "p (two-sided)", ""),
    "q": ("FDR校正p值", "p adjusted by FDR", ""),
    "hot": ("显著热点", "significant hot spot", ""),
    "cold": ("显著冷点", "significant cold spot", ""),
    "share": ("占全部事件比例", "share of all incidents", ""),
    "expected": ("预计上报数(时段内)", "reports expected in the period", ""),
    "expected_per_km2": ("预计密度(时段内)", "reports expected per km2 in the period", "1/km2"),
    "expected_share": ("占全部预计的比例", "share of all that is expected", ""),
    "top": ("预测最高 5% 面积内", "in the top 5% of the area", ""),
    "period_since": ("预测时段开始", "forecast from", ""),
    "period_until": ("预测时段结束", "forecast to", ""),
    "model": ("预测模型", "model of the forecast", ""),
    "bandwidth_m": ("带宽", "bandwidth", "m"),
    "team": ("队", "team", ""),
    "order": ("顺序", "order", ""),
    "beat": ("责任区", "beat", ""),
    "minutes": ("工作量", "workload", "min"),
    "stop": ("点", "stop", ""),
    "why_zh": ("原因", "why (Chinese)", ""),
    "why_en": ("原因(英文)", "why", ""),
    "arrive": ("到达(UTC)", "arrival (UTC)", ""),
    "start": ("开始(UTC)", "start (UTC)", ""),
    "leave": ("离开(UTC)", "leave (UTC)", ""),
    "arrive_s": ("到达(班次开始后)", "arrival after shift start", "s"),
    "start_s": ("开始(班次开始后)", "start after shift start", "s"),
    "leave_s": ("离开(班次开始后)", "leave after shift start", "s"),
    "open_s": ("最早开始", "opens", "s"),
    "close_s": ("最晚开始", "closes", "s"),
    "dwell_s": ("停留", "dwell", "s"),
    "travel_s": ("路程时间", "travel", "s"),
    "travel_m": ("路程", "travel", "m"),
    "worth": ("价值", "worth", ""),
    "must": ("必到", "must visit", ""),
    "other": ("相关编码", "other code", ""),
    "area_m2": ("面积", "area", "m2"),
    "seen_m2": ("可视面积", "area seen", "m2"),
    "basis": ("依据(sure 必见,may 可能)", "basis (sure, may)", ""),
    "cameras": ("摄像机数", "cameras", ""),
    "area1_m2": ("可视面积", "area seen", "m2"),
    "area2_m2": ("两台以上可视面积", "area seen by two or more", "m2"),
    "area3_m2": ("三台以上可视面积", "area seen by three or more", "m2"),
    "street_ids": ("道路编号", "street ids", ""),
    "mode": ("出行方式", "mode", ""),
    "length_m": ("长度", "length", "m"),
    "street_m": ("道路长度", "street length", "m"),
    "street1_m": ("可视道路长度", "street length seen", "m"),
    "street2_m": ("两台以上可视道路", "street length seen by two or more", "m"),
    "street3_m": ("三台以上可视道路", "street length seen by three or more", "m"),
    "places": ("重点场所", "key places", ""),
    "places1": ("可视重点场所", "key places seen", ""),
    "places2": ("两台以上可视场所", "key places seen by two or more", ""),
    "places3": ("三台以上可视场所", "key places seen by three or more", ""),
    "depth": ("覆盖重数(3 为三台以上)", "cameras that see it (3: three or more)", ""),
    "incidents": ("事件数", "incidents", ""),
    "hotspot": ("热点内事件", "hot-spot incidents", ""),
    "incidents1": ("可视范围内事件", "incidents seen", ""),
    "incidents2": ("两台以上可视事件", "incidents seen by two or more", ""),
    "incidents3": ("三台以上可视事件", "incidents seen by three or more", ""),
    "hotspot1": ("可视热点内事件", "hot-spot incidents seen", ""),
    "hotspot2": ("两台以上可视热点事件", "hot-spot incidents seen by two or more", ""),
    "hotspot3": ("三台以上可视热点事件", "hot-spot incidents seen by three or more", ""),
    "may_incidents1": ("可能可视事件(含方向未知)", "incidents that may be seen", ""),
    "may_hotspot1": ("可能可视热点事件", "hot-spot incidents that may be seen", ""),
    "cell": ("网格编码", "grid code", ""),
    "score": ("得分(万分比)", "score (parts per ten thousand)", ""),
    "reason": ("原因代码", "reason code", ""),
    "reason_share": ("该原因所占比例", "part the reason explains", ""),
    "area_share": ("占全区面积比例", "share of all ground", ""),
    "street_share": ("占全区道路比例", "share of all streets", ""),
    "places_share": ("占全部场所比例", "share of all key places", ""),
    "incidents_share": ("占全部事件比例", "share of all incidents", ""),
    "hotspot_share": ("占热点事件比例", "share of hot-spot incidents", ""),
    "gain": ("新增覆盖(占全部需求)", "added coverage (share of all demand)", ""),
    "camera": ("摄像机", "camera", ""),
    "rule": ("检查项", "rule", ""),
    "article": ("条款", "article", ""),
    "state": ("结论", "verdict", ""),
    "value": ("登记值", "value", ""),
    "may_area1_m2": ("可能可视面积(含方向未知)", "area that may be seen", "m2"),
    "may_street1_m": ("可能可视道路(含方向未知)", "street length that may be seen", "m"),
    "may_places1": ("可能可视场所(含方向未知)", "key places that may be seen", ""),
    "message_zh": ("说明", "finding (Chinese)", ""),
    "message_en": ("说明(英文)", "finding", ""),
    "repairable": ("可安全修复", "can be mended safely", ""),
    "file_datum": ("坐标系", "datum of this file", ""),
    "wkt": ("几何(WKT)", "geometry (WKT)", ""),
    "lon": ("经度", "longitude", "deg"),
    "lat": ("纬度", "latitude", "deg"),
    "east_m": ("东坐标", "easting", "m"),
    "north_m": ("北坐标", "northing", "m"),
}


def describe(name: str, layer: str) -> tuple[str, str, str]:
    """Chinese title, English title and unit of a column; the name itself where nothing is known."""
    table = TABLES.get(layer) or (TABLES["areas"] if layer in ("grids", "hotspots", "beats", "forecast") else None)
    if table is not None and name in table.by_name:
        column = table.by_name[name]
        return column.zh, column.en, column.unit
    for other in TABLES.values():
        if name not in _RESULTS and name in other.by_name:
            column = other.by_name[name]
            return column.zh, column.en, column.unit
    return _RESULTS.get(name, (name, name, ""))


def title(name: str, layer: str, lang: Lang) -> str:
    """The column's title in one language, with its unit."""
    zh, en, unit = describe(name, layer)
    text = zh if lang == "zh" else en
    return f"{text} ({unit})" if unit else text
