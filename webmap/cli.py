"""The ``wangge`` command: thin, one function a command. Results on stdout, messages on stderr.

Exit status 0 done, 1 done with rejects or findings, 2 wrong use, 3 failed. Every command takes ``--db URL``,
``--json`` and ``--lang zh|en``. It parses and prints; the work is done in ``webmap`` and ``gis``.
"""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gis.errors import ConfigError, FilterError, InputError, Lang, WanggeError
from webmap.command import DONE, FAILED, FINDINGS, WRONG_USE, shared
from webmap.commands_accounts import user
from webmap.commands_audit import audit
from webmap.commands_cameras import cameras_group
from webmap.commands_casefile import casefile
from webmap.commands_events import events_group
from webmap.commands_forecast import forecast
from webmap.commands_outbox import outbox
from webmap.commands_patrol import dosage, due, roster
from webmap.commands_side import committees_group, inspections_group, supervision_group
from webmap.console import Console
from webmap.kernel_cache import keep_for_user

if TYPE_CHECKING:
    from webmap.services import Services

HOT_SPOT_METHODS = ("optimized", "gi_star", "local_moran", "emerging", "scan")
HOT_SPOT_VERSUS = ("previous", "year", "none")
"""Those of ``gis.hotspots`` and ``webmap.hotspots``, told here since a command must not load them to print its help."""


def main() -> None:
    """Run the command; every error of ours ends in one sentence and an exit status, never in a traceback."""
    keep_for_user()
    try:
        status = cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        status = FAILED
    except click.ClickException as error:
        error.show()
        status = WRONG_USE
    except WanggeError as error:
        lang: Lang = "en" if "en" in _asked_lang(sys.argv[1:]) else "zh"
        click.echo(error.text(lang), err=True)
        status = WRONG_USE if isinstance(error, ConfigError | FilterError) else FAILED
    except BrokenPipeError:
        status = DONE
    sys.exit(status if isinstance(status, int) else DONE)


def _asked_lang(arguments: list[str]) -> str:
    for position, word in enumerate(arguments):
        if word == "--lang" and position + 1 < len(arguments):
            return arguments[position + 1]
        if word.startswith("--lang="):
            return word.removeprefix("--lang=")
    return os.environ.get("WANGGE_LANG", "zh")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="wangge")
def cli() -> None:
    """网格 Wangge: 区县网格化管理与安全地图 / grid management and safety mapping for a city district."""


@cli.command()
@click.option("--port", type=int, default=None, help="端口 / port [8000]")
@click.option("--prepare-only", is_flag=True, help="只准备数据,不启动服务 / load and compute, do not serve")
@shared
def demo(console: Console, port: int | None, prepare_only: bool) -> int:
    """装入示例区县并打开地图 / load the sample district and serve the map."""
    from webmap.demo import prepare_demo
    from webmap.server import free_port, serve
    from webmap.warming import beside

    config = console.config(db=console.db or "sqlite:///var/demo.db", port=port)
    if not prepare_only:
        free_port(config)
    # The other core compiles while this one imports; the search of plans takes longest.
    with (
        beside("plans") as plans,
        beside("forecasts", "replanning", "hot_spots", "cameras"),
        console.open(config, create=True) as services,
    ):
        prepare_demo(services, console, live=True, compiled=plans.wait)
    if not prepare_only:
        serve(config, console)
    return DONE


@cli.command()
@click.option("--name", default="", help="区县名称 / name of the district")
@click.option("--name-en", default="", help="英文名称 / English name")
@click.option("--code", default="", help="区县代码 / code of the district, e.g. 150304000000")
@click.option("--zone", default="Asia/Shanghai", show_default=True, help="时区 / time zone")
@shared
def init(console: Console, name: str, name_en: str, code: str, zone: str) -> int:
    """建立空的数据库 / create an empty store."""
    from webmap.store import init_store

    config = console.config()
    store = init_store(config.db, {"name_zh": name, "name_en": name_en, "code": code, "zone": zone})
    store.close()
    console.result({"db": config.db}, zh=f"已建立 {config.db}", en=f"Created {config.db}")
    return DONE


@cli.command(name="import")
@click.argument(
    "kind", type=click.Choice(["areas", "cameras", "incidents", "places", "streets", "buildings", "workorders"])
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--datum", default="auto", show_default=True, help="auto|wgs84|cgcs2000|gcj02|bd09|EPSG:n")
@click.option("--map", "mapping", multiple=True, metavar="FIELD=HEADER", help="指定表头 / name a header")
@click.option("--level", default="", help="区划层级 / level of areas: district, street, community, grid")
@click.option("--scheme", default="", help="类别代码体系 / category scheme of the codes")
@click.option("--rejects", type=click.Path(path_type=Path), help="退回文件 / file of rejected rows")
@click.option("--dry-run", is_flag=True, help="只检查不入库 / check, store nothing")
@shared
def import_(
    console: Console,
    kind: str,
    files: tuple[Path, ...],
    datum: str,
    mapping: tuple[str, ...],
    level: str,
    scheme: str,
    rejects: Path | None,
    dry_run: bool,
) -> int:
    """导入图层或 12345 工单 / import a layer, or 12345 work orders."""
    from gis.layers import ReadOptions
    from webmap.commands_orders import import_files
    from webmap.imports import import_file
    from webmap.store import LOCAL_OPERATOR

    options = ReadOptions(datum=datum, mapping=_mapping(mapping), level=level, scheme=scheme, lang=console.lang)
    if kind == "workorders":
        return import_files(console, files, options, rejects=rejects, dry_run=dry_run)
    status = DONE
    with console.open() as services:
        for file in files:
            with console.progress(file.name) as progress:
                outcome = import_file(
                    services,
                    file,
                    kind,
                    viewer=LOCAL_OPERATOR,
                    options=options,
                    rejects=rejects,
                    dry_run=dry_run,
                    progress=progress,
                )
            console.imported(outcome)
            if outcome.report.rows_rejected or (outcome.findings is not None and len(outcome.findings)):
                status = FINDINGS
    return status


@cli.group()
def areas() -> None:
    """区划边界 / areas."""


@areas.command(name="check")
@click.option("--repair", is_flag=True, help="修复能安全修复的问题 / mend what can be mended safely")
@click.option("--report", type=click.Path(path_type=Path), help="问题图层 GeoPackage / findings as a GeoPackage")
@shared
def areas_check(console: Console, repair: bool, report: Path | None) -> int:
    """检查边界拓扑 / check the boundaries: overlaps, gaps, slivers, outside parent, invalid rings, codes."""
    from webmap.area_check import check_stored_areas
    from webmap.store import LOCAL_OPERATOR

    with console.open() as services:
        outcome = check_stored_areas(services, viewer=LOCAL_OPERATOR, repair=repair, report=report)
    console.findings(outcome)
    return FINDINGS if len(outcome.left) else DONE


@cli.group()
def streets() -> None:
    """道路 / streets."""


@streets.command(name="check")
@click.option("--report", type=click.Path(path_type=Path), help="问题图层 GeoPackage / findings as a GeoPackage")
@shared
def streets_check(console: Console, report: Path | None) -> int:
    """检查道路 / check the streets: what each mode can use, loose parts, lines of no use, streets outside."""
    from webmap.store import LOCAL_OPERATOR
    from webmap.street_check import check_stored_streets

    with console.open() as services:
        outcome = check_stored_streets(services, viewer=LOCAL_OPERATOR, report=report)
    console.result(outcome.as_dict(), zh=outcome.check.text("zh"), en=outcome.check.text("en"))
    return FINDINGS if len(outcome.check.findings) else DONE


@cli.command()
@click.option("--from", "since", default="", help="开始日期 / first day, 2026-01-31")
@click.option("--to", "until", default="", help="结束日期(含)/ last day, included")
@click.option("--category", "categories", multiple=True, help="类别代码 / category code")
@click.option("--area", default="", help="区域编码 / area code")
@click.option("--found-by", type=click.Choice(["report", "patrol", "all"]), default="report", show_default=True)
@click.option("--top", type=click.IntRange(1), default=10, show_default=True, help="列出前几名 / rows to list")
@click.option("--method", type=click.Choice(HOT_SPOT_METHODS), help="找出热点区域的方法 / find hot-spot areas by it")
@click.option(
    "--versus",
    type=click.Choice(HOT_SPOT_VERSUS),
    default="previous",
    show_default=True,
    help="对比时段 / period to compare with",
)
@shared
def hotspots(
    console: Console, since: str, until: str, categories: tuple[str, ...], area: str, found_by: str, top: int,
    method: str | None, versus: str,
) -> int:  # fmt: skip
    """热点网格排名,或热点区域 / rank the hot grids, or find hot-spot areas."""
    from webmap.filters import day_filter
    from webmap.hotspots.answers import about, table_of
    from webmap.hotspots.found import hot_spots
    from webmap.hotspots.question import HotSpotQuestion
    from webmap.store import LOCAL_OPERATOR

    with console.open() as services:
        found = ("report", "patrol") if found_by == "all" else (found_by,)
        asked = day_filter(since, until, zone=services.zone, categories=categories, area=area, found_by=found)
        if method:
            spots = hot_spots(services, LOCAL_OPERATOR, asked, HotSpotQuestion(method, versus=versus))
            console.hot_spots(table_of(services, LOCAL_OPERATOR, spots), about(services, LOCAL_OPERATOR, spots), top)
            return DONE
        ranked = services.hot_grids(LOCAL_OPERATOR, asked)
        console.hot_grids(ranked, services.period(LOCAL_OPERATOR, asked), services.zone, top)
    return DONE


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--from", "since", default="", help="开始日期 / first day")
@click.option("--to", "until", default="", help="结束日期(含)/ last day, included")
@click.option("--category", "categories", multiple=True, help="类别代码 / category code")
@click.option("--area", default="", help="区域编码 / area code")
@click.option("--bandwidth", "bandwidth_m", type=float, default=None, help="带宽(米)/ bandwidth in metres [by rule]")
@shared
def heat(
    console: Console,
    file: Path,
    since: str,
    until: str,
    categories: tuple[str, ...],
    area: str,
    bandwidth_m: float | None,
) -> int:
    """热力图存为 PNG / write the heat map as a PNG."""
    from webmap.filters import day_filter
    from webmap.store import LOCAL_OPERATOR

    with console.open() as services:
        asked = day_filter(since, until, zone=services.zone, categories=categories, area=area, found_by=())
        drawn = services.heat(LOCAL_OPERATOR, asked, bandwidth_m=bandwidth_m)
    file.write_bytes(drawn.image.png)
    console.heat(drawn, file)
    return DONE


@cli.group()
def patrol() -> None:
    """巡逻 / patrol."""


@patrol.command(name="plan")
@click.option("--date", "day", default="", help="日期 / day of the shift [今天 today]")
@click.option("--shift", default="night", show_default=True, help="班次 / day, evening, night, day12, night12")
@click.option("--teams", type=click.IntRange(1, 200), default=6, show_default=True, help="队数 / number of teams")
@click.option("--mode", type=click.Choice(["foot", "ebike", "car"]), default="ebike", show_default=True)
@click.option(
    "--demand-days", type=click.IntRange(1), default=90, show_default=True, help="取最近几天的上报 / days of reports"
)
@click.option("--seed", type=int, default=1, show_default=True, help="随机种子 / seed: the same seed, the same plan")
@click.option(
    "--source",
    "sources",
    multiple=True,
    help="需求来源,可多次 / hot_spot, forecast, must, railway, event, blind_spot; repeatable [hot_spot must event]",
)
@click.option(
    "--varied", type=click.IntRange(2, 12), default=None, help="混合方案数,抽取其一 / draw one of so many plans"
)
@click.option("--draw-seed", type=click.IntRange(1), default=None, help="抽取种子 / seed of the draw [随机 fresh]")
@click.option("--own", type=click.Path(path_type=Path), default=None, help="各队设置 / JSON file of settings by team")
@shared
def patrol_plan(
    console: Console, day: str, shift: str, teams: int, mode: str, demand_days: int, seed: int,
    sources: tuple[str, ...], varied: int | None, draw_seed: int | None, own: Path | None,
) -> int:  # fmt: skip
    """排出一个班次的巡逻方案 / plan the patrol of one shift."""
    from webmap.filters import parse_day
    from webmap.patrol_sources import USUAL_SOURCES
    from webmap.planning import PlanRequest, make_plan
    from webmap.store import LOCAL_OPERATOR
    from webmap.team_settings import must_skills_of, settings_of, told_in
    from webmap.varied import fresh_seed

    told = told_in(own) if own else {}
    with console.open() as services:
        today = services.today()
        request = PlanRequest(
            day=parse_day(day) if day else today,
            shift=shift,
            teams=teams,
            mode=mode,
            demand_days=demand_days,
            seed=seed,
            sources=sources or USUAL_SOURCES,
            varied=varied or 0,
            draw_seed=(draw_seed or fresh_seed()) if varied else 0,
            team_settings=settings_of(told.get("team_settings"), most=teams),
            must_skills=must_skills_of(told.get("must_skills")),
        )
        with console.progress("patrol") as progress:
            plan = make_plan(services, request, viewer=LOCAL_OPERATOR, progress=progress)
    console.plan(plan)
    return FINDINGS if plan.get("unserved") else DONE


@cli.command()
@click.argument("layer")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--format", "file_format", default="", help="gpkg, geojson, shp, kml, csv, xlsx, parquet [按扩展名 by suffix]"
)
@click.option("--datum", default="wgs84", show_default=True, help="wgs84|cgcs2000|gcj02|bd09|EPSG:n")
@click.option("--from", "since", default="", help="开始日期 / first day")
@click.option("--to", "until", default="", help="结束日期(含)/ last day, included")
@click.option("--category", "categories", multiple=True, help="类别代码 / category code")
@click.option("--area", default="", help="区域编码 / area code")
@click.option("--public", is_flag=True, help="仅公开字段 / publishable columns only")
@shared
def export(
    console: Console,
    layer: str,
    file: Path,
    file_format: str,
    datum: str,
    since: str,
    until: str,
    categories: tuple[str, ...],
    area: str,
    public: bool,
) -> int:
    """导出图层或结果 / export a layer or a result."""
    from webmap.downloads import export_layer
    from webmap.filters import day_filter
    from webmap.store import LOCAL_OPERATOR

    with console.open() as services:
        asked = day_filter(since, until, zone=services.zone, categories=categories, area=area, found_by=())
        _note(services, "export", layer, area=area, file=file.name, public=public)
        written = export_layer(
            services,
            layer,
            file,
            viewer=LOCAL_OPERATOR,
            asked=asked,
            file_format=file_format,
            datum=datum,
            lang=console.lang,
            public=public,
        )
    console.result({"file": str(written)}, zh=f"已导出 {written}", en=f"Wrote {written}")
    return DONE


@cli.command()
@click.option("--host", default=None, help="地址 / address [127.0.0.1]")
@click.option("--port", type=int, default=None, help="端口 / port [8000]")
@click.option("--workers", type=click.IntRange(1, 64), default=None, help="进程数 / processes [2]")
@shared
def serve(console: Console, host: str | None, port: int | None, workers: int | None) -> int:
    """启动地图服务 / serve the map."""
    from webmap.chores import chores
    from webmap.server import free_port
    from webmap.server import serve as run_server

    config = console.config(host=host, port=port, workers=workers)
    free_port(config)
    with console.open(config) as services:
        # Whatever the workers could not do stops the start here, in words.
        chores(services)
        services.warm(console.say)
    run_server(config, console)
    return DONE


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
@shared
def backup(console: Console, file: Path) -> int:
    """备份 / back the store up into one file."""
    with console.open() as services:
        _note(services, "backup", file.name)
        services.store.backup(file)
    console.result({"file": str(file)}, zh=f"已备份到 {file}", en=f"Backed up to {file}")
    return DONE


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
@shared
def restore(console: Console, file: Path) -> int:
    """恢复到一个空库 / restore a backup into an empty store."""
    from webmap.store import restore_store

    config = console.config()
    restore_store(config.db, file)
    with console.open(config) as services:
        _note(services, "restore", file.name)
    console.result({"db": config.db}, zh=f"已恢复到 {config.db}", en=f"Restored into {config.db}")
    return DONE


@cli.command()
@shared
def verify(console: Console) -> int:
    """核对数据库 / verify the store."""
    with console.open() as services:
        found = services.store.verify()
    console.verified(found)
    return FINDINGS if found else DONE


cli.add_command(user)
cli.add_command(audit)
cli.add_command(outbox)
cli.add_command(casefile)
cli.add_command(cameras_group)
cli.add_command(events_group)
cli.add_command(forecast)
cli.add_command(committees_group)
cli.add_command(inspections_group)
cli.add_command(supervision_group)
for _command in (roster, due, dosage):
    patrol.add_command(_command)


def _note(services: "Services", action: str, subject: str, *, area: str = "", **detail: Any) -> None:
    """Into the audit log, before anything leaves the store and after something entered it whole."""
    from webmap.store import LOCAL_OPERATOR
    from webmap.store.audit import AuditEntry

    actor, now = LOCAL_OPERATOR.actor, services.clock()
    services.store.audit.note_now(AuditEntry(action, actor, now, subject=subject, area=area, detail=detail))


def _mapping(pairs: tuple[str, ...]) -> dict[str, str]:
    mapping = {}
    for pair in pairs:
        field, equals, header = pair.partition("=")
        if not equals or not field.strip() or not header.strip():
            raise InputError(
                zh=f"--map 应写成 字段=表头,例如 time=上报时间,而不是“{pair}”。",
                en=f"--map wants field=header, such as time=上报时间, not '{pair}'.",
            )
        mapping[field.strip()] = header.strip()
    return mapping
