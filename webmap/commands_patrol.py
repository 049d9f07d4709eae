"""``wangge patrol roster``, ``due`` and ``dosage``: the calendar of patrols, drafts that fall due, presence and what it did.

It parses and prints; the work is done in ``webmap.rosters`` and the rooms beside it, ``webmap.holidays`` and ``webmap.patrol_dosage``.
"""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import click

from gis.calendar import SHIFTS
from webmap.command import DONE, FINDINGS, shared
from webmap.console import Console

_FROM = click.option("--from", "since", default="", help="开始日期 / first day [今天 today]")
_TO = click.option("--to", "until", default="", help="结束日期(含)/ last day, included [两周 two weeks]")


@click.group(name="roster")
def roster() -> None:
    """排班表 / the calendar of patrols."""


@roster.command(name="show")
@_FROM
@_TO
@shared
def show(console: Console, since: str, until: str) -> int:
    """列出班次、队伍、模板和方案 / shifts with teams, template, why and plan."""
    from webmap import rosters
    from webmap.store import LOCAL_OPERATOR

    with console.open() as services:
        first, last = _span(services.today(), since, until)
        told = rosters.overview(services, LOCAL_OPERATOR, first, last)
    lines = [
        f"{row['day']}  {row['shift']:<8} {row['area'] or '-':<12} {row['state']:<10} "
        f"{'、'.join(row['teams']) or '-'}  {row[console.lang]}"
        for row in told["shifts"]
    ]
    text = "\n".join(lines) or console.text("没有班次", "No shifts")
    console.result(told, zh=text, en=text)
    return DONE


@roster.command(name="groups")
@click.option("--pattern", required=True, help="班制 / pattern, such as four_groups_three_shifts")
@click.option("--start", required=True, help="周期首日 / day 0 of the cycle")
@click.option(
    "--group", "groups", multiple=True, required=True, help="一个班组的队,逗号分隔 / teams of one group, by comma"
)
@click.option("--area", default="", help="区域编码 / area code [全区 whole district]")
@shared
def groups(console: Console, pattern: str, start: str, groups: tuple[str, ...], area: str) -> int:
    """设定班组 / say which teams stand in which group."""
    from webmap import duty_groups
    from webmap.filters import parse_day
    from webmap.store import LOCAL_OPERATOR

    split = [[name.strip() for name in group.replace(",", ",").split(",") if name.strip()] for group in groups]
    with console.open() as services:
        made = duty_groups.put_roster(
            services, area, pattern=pattern, start=parse_day(start), groups=split, viewer=LOCAL_OPERATOR
        )
    rest = made.pattern.least_rest_h()
    console.result(
        {"pattern": pattern, "groups": split, "least_rest_h": rest},
        zh=f"{made.pattern.name_zh}:{len(split)} 个班组,两班之间至少休息 {rest:.0f} 小时",
        en=f"{made.pattern.name_en}: {len(split)} groups, at least {rest:.0f} hours between two shifts",
    )
    return DONE


@roster.command(name="pattern")
@click.argument("pattern")
@click.option("--cycle", required=True, help="周期,逗号分隔,空为休息 / the cycle by comma, empty for rest: day,night,")
@click.option("--offsets", required=True, help="各班组的起点 / where each group stands: 0,1,2")
@click.option("--name", "name_zh", default="", help="名称 / name")
@click.option("--name-en", default="", help="英文名称 / English name")
@shared
def pattern_(console: Console, pattern: str, cycle: str, offsets: str, name_zh: str, name_en: str) -> int:
    """自定义班制 / a cycle of the district's own."""
    from webmap import duty_groups
    from webmap.filters import whole_numbers
    from webmap.store import LOCAL_OPERATOR

    numbers = [whole_numbers((each.strip(),), name="offsets", high=365)[0] for each in offsets.split(",")]
    told = {"name_zh": name_zh or pattern, "name_en": name_en, "offsets": numbers}
    with console.open() as services:
        steps = [step.strip() for step in cycle.split(",")]
        made = duty_groups.put_pattern(services, pattern, told | {"cycle": steps}, viewer=LOCAL_OPERATOR)
    gaps = [f"{day + 1}:{shift}" for day, shift in made.uncovered()]
    console.result(
        {"id": pattern, "uncovered": gaps},
        zh=f"已保存班制 {pattern};无人当班:{'、'.join(gaps) or '无'}",
        en=f"Kept the pattern {pattern}; nobody has: {', '.join(gaps) or 'none'}",
    )
    return DONE


@roster.command(name="template")
@click.argument("template")
@click.option("--name", default="", help="名称 / name")
@click.option("--shift", default="night", show_default=True, help=f"班次 / {', '.join(SHIFTS)}")
@click.option("--teams", type=click.IntRange(0, 60), default=0, help="队数 / number of teams [按班组 by the roster]")
@click.option("--mode", type=click.Choice(["foot", "ebike", "car"]), default="ebike", show_default=True)
@click.option("--source", "sources", multiple=True, help="需求来源,可多次 / sources of stops; repeatable")
@click.option(
    "--demand-days", type=click.IntRange(1, 3660), default=90, show_default=True, help="上报天数 / days of reports"
)
@click.option("--area", default="", help="区域编码 / area code [全区 whole district]")
@click.option("--from", "first", default="", help="首日 / first day [今天 today]")
@click.option("--to", "last", default="", help="末日 / last day [不限 open]")
@click.option(
    "--kind", type=click.Choice(["any", "working", "off"]), default="any", show_default=True, help="日期类别 / days"
)
@click.option("--weekday", "weekdays", type=click.IntRange(0, 6), multiple=True, help="星期,0 为周一 / 0 is Monday")
@click.option("--every", type=click.IntRange(1, 366), default=1, show_default=True, help="每几天 / each n-th day")
@click.option("--except", "except_on", multiple=True, help="除外的日期 / a day left out; repeatable")
@click.option("--varied", type=click.IntRange(2, 12), default=None, help="混合方案数 / draw one of so many plans")
@click.option("--own", type=click.Path(path_type=Path), default=None, help="各队设置 / JSON file of settings by team")
@shared
def template_(console: Console, template: str, first: str, varied: int | None, own: Path | None, **told: Any) -> int:
    """保存循环方案模板 / keep a template of a recurring plan."""
    from webmap import recurring
    from webmap.patrol_sources import USUAL_SOURCES
    from webmap.store import LOCAL_OPERATOR
    from webmap.team_settings import told_in

    told = {name: list(value) if isinstance(value, tuple) else value for name, value in told.items()}
    told |= {"varied": varied or 0, "sources": told["sources"] or list(USUAL_SOURCES)}
    told |= told_in(own) if own else {}
    with console.open() as services:
        told["first"] = first or services.today().isoformat()
        made = recurring.put_template(services, template, told, viewer=LOCAL_OPERATOR)
    body = {"id": made.id, "area": made.area, **made.body()}
    console.result(body, zh=f"已保存模板 {made.name}:{made.words('zh')}", en=f"Kept {made.name}: {made.words('en')}")
    return DONE


@roster.command(name="drop")
@click.argument("kind", type=click.Choice(["pattern", "roster", "template"]))
@click.argument("item")
@shared
def drop(console: Console, kind: str, item: str) -> int:
    """删除班制、班组或模板 / drop a pattern, the groups of an area, or a template."""
    from webmap.store import LOCAL_OPERATOR

    with console.open() as services:
        services.store.rosters.remove(kind, item, viewer=LOCAL_OPERATOR, now=services.clock())
    console.result({"kind": kind, "id": item}, zh=f"已删除 {item}", en=f"Dropped {item}")
    return DONE


@roster.command(name="holidays")
@click.argument("file", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--default", "default", is_flag=True, help="恢复内置表 / take the shipped table again")
@shared
def holidays_(console: Console, file: Path | None, default: bool) -> int:
    """查看或装入节假日表(CSV)/ show or load the table of holidays (CSV: date, kind, name_zh, name_en)."""
    from webmap import holidays
    from webmap.store import LOCAL_OPERATOR

    with console.open() as services:
        if file is not None or default:
            told = holidays.load_holidays(services, None if default else file, viewer=LOCAL_OPERATOR)
        else:
            told = holidays.told(services)
    years = ", ".join(map(str, told["years"]))
    zh = f"{'本区' if told['own'] else '内置'}节假日表:{told['days']} 天,{years} 年"
    en = f"{'The district' if told['own'] else 'The shipped'} table of holidays: {told['days']} days of {years}"
    console.result(told, zh=zh, en=en)
    return DONE


@roster.command(name="copy")
@_FROM
@_TO
@shared
def copy(console: Console, since: str, until: str) -> int:
    """复制上周方案为草稿 / copy the plans of last week to shifts that have none, as drafts."""
    from webmap.due import copy_week

    return _report(console, since, until, copy_week)


@click.command(name="due")
@_FROM
@_TO
@shared
def due(console: Console, since: str, until: str) -> int:
    """按模板生成到期方案(草稿)/ make the plans that fall due, as drafts."""
    from webmap.due import make_due

    return _report(console, since, until, make_due)


def _report(console: Console, since: str, until: str, work: Any) -> int:
    from webmap.store import LOCAL_OPERATOR

    with console.open() as services, console.progress("patrol") as progress:
        first, last = _span(services.today(), since, until)
        told = work(
            services,
            LOCAL_OPERATOR,
            first,
            last,
            tell=lambda line: progress(f"{line['day']} {line['shift']}", line["done"], line["of"]),
        )
    lines = [f"{each['day']} {each['shift']} {each['area']} {each['plan']}" for each in told["made"]]
    lines += [f"{each['day']} {each['shift']} {each['area']}: {each[console.lang]}" for each in told["failed"]]
    made, failed = len(told["made"]), len(told["failed"])
    head_zh = f"生成草稿 {made} 份,已有 {told['there']} 份,未能生成 {failed} 份"
    head_en = f"{made} drafts made, {told['there']} were there, {failed} could not be made"
    console.result(told, zh="\n".join([head_zh, *lines]), en="\n".join([head_en, *lines]))
    return FINDINGS if failed else DONE


@click.command(name="dosage")
@click.option("--from", "since", default="", help="开始日期 / first day [十二周前 twelve weeks ago]")
@click.option("--to", "until", default="", help="结束日期(含)/ last day, included [今天 today]")
@click.option("--start", default="", help="巡逻开始日,作前后对比 / first day of patrols: compare before and after")
@click.option(
    "--days", type=click.IntRange(7, 366), default=28, show_default=True, help="每期天数 / days of either span"
)
@click.option("--place", "places", multiple=True, help="巡逻网格编码 / code of a patrolled grid; repeatable")
@click.option(
    "--rule", type=click.Choice(["similar", "rest"]), default="similar", show_default=True, help="对照 / compare with"
)
@shared
def dosage(console: Console, since: str, until: str, start: str, days: int, places: tuple[str, ...], rule: Any) -> int:
    """各点位每周巡逻剂量,及前后对比 / presence by place and week; before and after with its uncertainty."""
    from webmap import patrol_dosage
    from webmap.filters import parse_day
    from webmap.store import LOCAL_OPERATOR

    with console.open() as services:
        if start:
            question = patrol_dosage.EffectQuestion(parse_day(start), days, places, rule=rule)
            told = patrol_dosage.effect(services, LOCAL_OPERATOR, question)
            rule_words = console.text(f"对照:{told['rule']['zh']}", f"Comparison: {told['rule']['en']}")
            text = "\n".join([told[console.lang], rule_words, *(each[console.lang] for each in told["caveats"])])
            console.result(told, zh=text, en=text)
            return DONE
        last = parse_day(until) if until else services.today()
        first = parse_day(since) if since else last - timedelta(weeks=12)
        rows = patrol_dosage.weekly(services, LOCAL_OPERATOR, since=first, until=last + timedelta(days=1))
    lines = [
        f"{row['week']}  {row['stop']:<28} {row['visits']:>4}  {'-' if row['minutes'] is None else row['minutes']}"
        for row in rows
        if row["visits"]
    ]
    text = "\n".join(lines) or console.text("没有到点记录", "No check-ins")
    console.result(rows, zh=text, en=text)
    return DONE


def _span(today: date, since: str, until: str) -> tuple[date, date]:
    from webmap.filters import parse_day

    first = parse_day(since) if since else today
    return first, parse_day(until) if until else first + timedelta(days=13)
