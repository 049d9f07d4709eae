"""``wangge cameras``: what cameras see and do not see, where the next one belongs, the register check, tables and masks.

It parses and prints; the work is done in ``webmap.cameras``, ``camera_studies``, ``camera_sites`` and ``camera_rules``.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gis.errors import FilterError, InputError
from webmap.command import DONE, FINDINGS, shared
from webmap.console import Console

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import geopandas as gpd

    from gis.incidents import IncidentFilter
    from webmap.services import Services


@click.group(name="cameras")
def cameras_group() -> None:
    """摄像机 / cameras."""


def _filtered(command: "Callable[..., Any]") -> "Callable[..., Any]":
    """The options of a question that weighs incidents; they arrive as ``since``, ``until``, ``categories``, ``area``."""
    for option in (
        click.option("--area", default="", help="区域编码 / area code"),
        click.option("--category", "categories", multiple=True, help="类别代码 / category code"),
        click.option("--to", "until", default="", help="结束日期(含)/ last day, included"),
        click.option("--from", "since", default="", help="开始日期 / first day"),
    ):
        command = option(command)
    return command


@cameras_group.command(name="coverage")
@click.option("--band", default="", help="像素密度等级 / pixel band, such as identify")
@click.option("--light", type=click.Choice(["day", "night"]), default="day", show_default=True, help="昼夜 / light")
@_filtered
@shared
def coverage(console: Console, band: str, light: str, **asked: Any) -> int:
    """覆盖率及各类点位目标 / what is seen, with denominators, and targets by point class."""
    from webmap import cameras
    from webmap.store import LOCAL_OPERATOR

    with console.open() as services:
        told = cameras.summary(services, LOCAL_OPERATOR, _question(services, **asked), band=band, light=light)
    lines = [
        f"{row['measure']:<10} {row['seen'][0]:>14,.0f} / {row['of']:>14,.0f}  {_percent(row['seen'][0], row['of'])}"
        for row in told["sure"]
    ]
    lines += [
        f"{row['point_class']} {row['measure']:<8} {row['kinds']:<32} {_share(row['share'])} / {_share(row['asked'])}  "
        f"{row['working']}/{row['cameras']}"
        for row in told["targets"]
    ]
    head_zh = f"摄像机 {told['cameras']} 台,工作 {told['working']} 台,方向未知 {told['unknown']} 台"
    head_en = f"{told['cameras']} cameras, {told['working']} working, {told['unknown']} of unknown direction"
    notes = [console.text(each["zh"], each["en"]) for each in told["problems"]]
    console.result(told, zh="\n".join([head_zh, *lines, *notes]), en="\n".join([head_en, *lines, *notes]))
    return DONE


@cameras_group.command(name="blind-spots")
@click.option("--top", type=click.IntRange(1, 500), default=10, show_default=True, help="列出前几名 / rows to list")
@_filtered
@shared
def blind_spots(console: Console, top: int, **asked: Any) -> int:
    """盲区排名 / ranked ground that nobody sees, and why."""
    from webmap import camera_studies
    from webmap.store import LOCAL_OPERATOR

    with console.open() as services:
        table = camera_studies.blind_table(services, LOCAL_OPERATOR, _question(services, **asked), limit=top)
    _print(console, table, ("rank", "score", "area_m2", "street_m", f"name_{console.lang}", f"why_{console.lang}"))
    return DONE


@cameras_group.command(name="site")
@click.option("--count", type=int, default=None, help="新增台数 / number of new cameras [5]")
@click.option("--budget", type=float, default=None, help="预算 / budget, in the unit of the costs")
@click.option("--goal", default="most", show_default=True, help="most|fewest|cheapest")
@click.option("--share", type=float, default=0.9, show_default=True, help="覆盖比例 / share for fewest, cheapest")
@click.option("--backup", type=float, default=0.0, show_default=True, help="第二台的价值 / worth of a second camera")
@click.option("--angle", type=float, default=70.0, show_default=True, help="视角(度)/ degrees")
@click.option("--range", "range_m", type=float, default=60.0, show_default=True, help="可视距离(米)/ metres")
@click.option("--height", "height_m", type=float, default=5.0, show_default=True, help="高度(米)/ metres")
@click.option("--forbidden", type=click.Path(path_type=Path), help="禁设区 GeoJSON / forbidden zones")
@click.option("--prove", is_flag=True, help="证明最优 / let the solver prove it")
@_filtered
@shared
def site(
    console: Console, count: int | None, budget: float | None, goal: str, share: float, backup: float, angle: float,
    range_m: float, height_m: float, forbidden: Path | None, prove: bool, **asked: Any,
) -> int:  # fmt: skip
    """新摄像机选址 / where the next cameras belong."""
    from gis.cameras.candidates import Optic
    from webmap.camera_sites import SiteQuestion, propose, zone_of
    from webmap.store import LOCAL_OPERATOR

    zones = tuple(zone_of(_json(forbidden))) if forbidden is not None else ()
    if goal == "most" and count is None and budget is None:
        count = 5
    question = SiteQuestion(
        goal=goal, count=count, budget=budget, share=share, backup=backup, optic=Optic(angle, range_m, height_m),
        area=asked["area"], forbidden=zones, prove=prove,
    )  # fmt: skip
    with console.open() as services:
        answer = propose(services, LOCAL_OPERATOR, _question(services, **asked), question)
    told = answer.as_dict()
    rows = _rows(answer.table)
    names = ("rank", "lon", "lat", "azimuth", "mount", "cost", "gain", "incidents", "street_m")
    zh = f"覆盖 {told['covered']:.2%}(原 {told['already']:.2%}),费用 {told['total_cost']:g},差距 {told['gap']},已证明:{told['proven']}"
    en = f"covers {told['covered']:.2%} (now {told['already']:.2%}), cost {told['total_cost']:g}, gap {told['gap']}, proven: {told['proven']}"
    lines = _lines(rows, names)
    console.result(told | {"sites": rows}, zh="\n".join([zh, *lines]), en="\n".join([en, *lines]))
    return DONE


@cameras_group.command(name="resilience")
@click.option("--off", multiple=True, metavar="ID", help="停用的摄像机 / cameras switched off")
@click.option("--top", type=click.IntRange(1, 200), default=10, show_default=True, help="列出前几名 / rows to list")
@_filtered
@shared
def resilience(console: Console, off: tuple[str, ...], top: int, **asked: Any) -> int:
    """故障影响 / what failures cost, single points of failure, coverage at given availability."""
    from webmap import camera_studies
    from webmap.store import LOCAL_OPERATOR

    with console.open() as services:
        told = camera_studies.resilience(services, LOCAL_OPERATOR, _question(services, **asked), off=off, most=top)
    single = told["single"]
    lines = _lines(told["losses"], ("id", "name", "lost_m2", "lost_street_m"))
    for each in told["availability"]:
        lines += [
            f"{each['p']:.0%} {row['measure']:<10} {row['expected']:,.0f} ({row['low']:,.0f}-{row['high']:,.0f}) / {row['of']:,.0f}"
            for row in each["rows"]
        ]
    zh = f"只靠一台摄像机的场所 {single['places']} / {single['of']}"
    en = f"{single['places']} of {single['of']} places hang on one camera"
    console.result(told, zh="\n".join([zh, *lines]), en="\n".join([en, *lines]))
    return DONE


@cameras_group.command(name="check")
@click.option("--rule", default="", help="只看一条规则 / one rule alone, such as excluded")
@shared
def check(console: Console, rule: str) -> int:
    """登记核查 / the register held against the rules; exit status 1 if something is wrong."""
    from webmap import camera_studies
    from webmap.store import LOCAL_OPERATOR

    with console.open() as services:
        found = camera_studies.check(services, LOCAL_OPERATOR)
    findings = found.findings if not rule else found.findings[found.findings["rule"] == rule]
    rows = findings.drop(columns="row").to_dict("records")
    lines = _lines(found.summary.to_dict("records"), ("rule", "in_order", "wrong", "unknown"))
    lines += [f"{each['camera']}: {each[console.lang]}" for each in rows if each["state"] == "wrong"]
    data = {"on": found.on.isoformat(), "summary": found.summary.to_dict("records"), "findings": rows}
    console.result(data, zh="\n".join(lines), en="\n".join(lines))
    return FINDINGS if (findings["state"] == "wrong").any() else DONE


@cameras_group.command(name="history")
@click.argument("camera")
@shared
def history(console: Console, camera: str) -> int:
    """摄像机状态历史 / every status that a camera had."""
    from webmap import camera_studies
    from webmap.store import LOCAL_OPERATOR

    with console.open() as services:
        spans = camera_studies.history(services, LOCAL_OPERATOR, camera)
    text = "\n".join(_lines(spans, ("since", "status", "days"))) or console.text("没有记录", "nothing on record")
    console.result(spans, zh=text, en=text)
    return DONE


@cameras_group.command(name="tables")
@click.argument("name", required=False, default="")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--default", "to_default", is_flag=True, help="恢复默认 / the defaults hold again")
@shared
def tables(console: Console, name: str, file: Path | None, to_default: bool) -> int:
    """规则表:打印为 CSV 或由文件设置 / the district's tables: print as CSV, or set from a file."""
    from gis.cameras.tables import TABLES, kind_of, read_csv, write_csv
    from webmap import camera_rules
    from webmap.store import LOCAL_OPERATOR

    if not name:
        listed = {each: {"zh": kind.zh, "en": kind.en} for each, kind in TABLES.items()}
        lines = [f"{each:<12} {console.text(kind.zh, kind.en)}" for each, kind in TABLES.items()]
        console.result(listed, zh="\n".join(lines), en="\n".join(lines))
        return DONE
    kind_of(name)
    with console.open() as services:
        if to_default or file is not None:
            given = () if file is None or to_default else read_csv(name, _bytes(file))
            camera_rules.put(services, name, given, viewer=LOCAL_OPERATOR)
        rows = camera_rules.rows(services, name)
    text = write_csv(name, rows).rstrip("\n")
    console.result([dict(row) for row in rows], zh=text, en=text)
    return DONE


@cameras_group.group(name="masks")
def masks() -> None:
    """遮挡区 / ground that must not be watched."""


@masks.command(name="list")
@shared
def masks_list(console: Console) -> int:
    """列出遮挡区 / list the masks."""
    from webmap import camera_rules
    from webmap.store import LOCAL_OPERATOR

    with console.open() as services:
        table = camera_rules.masks_table(services, LOCAL_OPERATOR)
    rows = table.drop(columns="geometry").to_dict("records")
    text = "\n".join(_lines(rows, ("id", "camera", "name", "reason"))) or console.text("还没有遮挡区", "no masks yet")
    console.result(rows, zh=text, en=text)
    return DONE


@masks.command(name="import")
@click.argument("file", type=click.Path(path_type=Path))
@shared
def masks_import(console: Console, file: Path) -> int:
    """由 GeoJSON 导入遮挡区 / import masks from GeoJSON; exit status 1 if some were refused."""
    from webmap import camera_rules
    from webmap.store import LOCAL_OPERATOR

    document = _json(file)
    with console.open() as services:
        kept, rejected = camera_rules.import_masks(services, document, viewer=LOCAL_OPERATOR)
    data = {"kept": kept, "rejected": [{"feature": at, "zh": zh, "en": en} for at, zh, en in rejected]}
    lines = [f"{at}: {console.text(zh, en)}" for at, zh, en in rejected]
    zh, en = f"导入 {len(kept)} 个,退回 {len(rejected)} 个", f"{len(kept)} kept, {len(rejected)} refused"
    console.result(data, zh="\n".join([zh, *lines]), en="\n".join([en, *lines]))
    return FINDINGS if rejected else DONE


@masks.command(name="remove")
@click.argument("mask")
@shared
def masks_remove(console: Console, mask: str) -> int:
    """删除遮挡区 / remove a mask."""
    from webmap import camera_rules
    from webmap.store import LOCAL_OPERATOR

    with console.open() as services:
        camera_rules.remove_mask(services, mask, viewer=LOCAL_OPERATOR)
    console.result({"removed": mask}, zh=f"已删除遮挡区 {mask}", en=f"Removed the mask {mask}")
    return DONE


def _question(
    services: "Services", *, since: str, until: str, categories: tuple[str, ...], area: str
) -> "IncidentFilter":
    from webmap.filters import day_filter

    return day_filter(since, until, zone=services.zone, categories=categories, area=area)


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InputError(zh=f"文件 {file} 无法读取。", en=f"The file {file} cannot be read.") from error


def _json(file: Path) -> Any:
    try:
        return json.loads(_bytes(file).decode("utf-8-sig"))
    except ValueError as error:
        raise FilterError(zh=f"{file.name} 不是有效的 JSON。", en=f"{file.name} is no valid JSON.") from error


def _rows(table: "gpd.GeoDataFrame") -> "list[dict[str, Any]]":
    rows: list[dict[str, Any]] = json.loads(table.drop(columns="geometry").to_json(orient="records"))
    return rows


def _print(console: Console, table: "gpd.GeoDataFrame", names: "Sequence[str]") -> None:
    rows = _rows(table)
    text = "\n".join(_lines(rows, names))
    console.result(rows, zh=text, en=text)


def _lines(rows: "Sequence[Mapping[Any, Any]]", names: "Sequence[str]") -> list[str]:
    """Rows with a heading, columns apart by tabs."""
    if not rows:
        return []
    return ["\t".join(names), *("\t".join(str(row[name]) for name in names) for row in rows)]


def _percent(part: float, whole: float) -> str:
    return f"{part / whole:.1%}" if whole else "-"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"
