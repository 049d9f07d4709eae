"""``wangge events``: list and show cases, move one, run the clocks, check and load routing rules and units. It parses and prints."""

from pathlib import Path
from typing import Any

import click

from webmap.command import DONE, FINDINGS, shared
from webmap.console import Console


@click.group(name="events")
def events_group() -> None:
    """事件闭环 / events, from report to archived case."""


@events_group.command(name="list")
@click.option("--state", "states", multiple=True, help="状态,可多次 / state; repeatable")
@click.option("--tier", "tiers", multiple=True, help="层级 / community, street, district, city; repeatable")
@click.option("--unit", "units", multiple=True, help="承办单位 / code of a unit; repeatable")
@click.option("--category", "categories", multiple=True, help="类别代码 / category code")
@click.option("--area", default="", help="区域编码 / area code")
@click.option("--work", is_flag=True, help="在办事件按紧迫程度 / live cases by urgency")
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True, help="列出几条 / rows to list")
@shared
def list_(
    console: Console,
    states: tuple[str, ...],
    tiers: tuple[str, ...],
    units: tuple[str, ...],
    categories: tuple[str, ...],
    area: str,
    work: bool,
    limit: int,
) -> int:
    """列出事件 / list cases, newest first, or by urgency."""
    from webmap.cases import lists
    from webmap.store.case_scope import CASE_OPERATOR
    from webmap.store.cases import CaseQuery

    with console.open() as services:
        query = CaseQuery(states=states, tiers=tiers, units=units, categories=categories, area=area, limit=limit)
        if work:
            told = lists.work_list(services, query, viewer=CASE_OPERATOR, limit=limit)
        else:
            told = lists.page(services, query, viewer=CASE_OPERATOR)
    zh, en = ("\n".join(_line(event, lang) for event in told["events"]) for lang in ("zh", "en"))
    console.result(told, zh=zh or "没有事件", en=en or "There are no cases")
    return DONE


@events_group.command()
@click.argument("event")
@shared
def show(console: Console, event: str) -> int:
    """一事一档 / one case with its history and clocks."""
    from webmap.cases import casefile
    from webmap.store.case_scope import CASE_OPERATOR

    with console.open() as services:
        told = casefile.one(services, event, viewer=CASE_OPERATOR)
    texts = []
    for lang in ("zh", "en"):
        lines = [_line(told["event"], lang)]
        lines += [
            f"  {step['version']:>3}  {step['at']}  {step[lang]}  {step['from']} -> {step['to']}  {step['role']}  {step['reason']}".rstrip()
            for step in told["history"]
        ]
        texts.append("\n".join(lines))
    console.result(told, zh=texts[0], en=texts[1])
    return DONE


@events_group.command()
@click.argument("event")
@click.argument("name", metavar="MOVE")
@click.option("--version", type=click.IntRange(1), required=True, help="所见版本 / version that was seen")
@click.option("--reason", default="", help="原因 / reason")
@click.option("--unit", default=None, help="承办单位,空为本级调度席 / unit; empty for the desk of the tier")
@click.option("--until", default=None, help="截止时间,带时区 / end date with its zone")
@click.option("--into", default=None, help="并入的事件 / the case that it is the same as")
@click.option("--tier", default=None, help="升降到的层级 / tier of an escalation")
@click.option("--score", type=click.IntRange(1, 5), default=None, help="评分 / score")
@shared
def move(console: Console, event: str, name: str, **told: Any) -> int:
    """办理一步 / make one move of a case."""
    from webmap.cases import work
    from webmap.store.case_scope import CASE_OPERATOR

    sent = {key: value for key, value in told.items() if value is not None} | {"move": name}
    with console.open() as services:
        made = work.move(services, event, sent, viewer=CASE_OPERATOR)
    console.result(made, zh=_line(made["event"], "zh"), en=_line(made["event"], "en"))
    return DONE


@events_group.command()
@shared
def tick(console: Console) -> int:
    """时限巡检:预警、升级、督办、恢复、归档 / run the clocks: warn, escalate, tell, resume, archive."""
    from webmap.cases.ticks import tick as run

    with console.open() as services:
        report = run(services)
    console.result(
        report.as_dict(),
        zh=f"预警 {report.warned},升级 {report.escalated},报督导 {report.told},恢复 {report.resumed},归档 {report.archived},督办逾期 {report.orders}",
        en=f"{report.warned} warned, {report.escalated} escalated, {report.told} told to the supervisor, "
        f"{report.resumed} resumed, {report.archived} archived, {report.orders} overdue orders told",
    )
    return FINDINGS if report.refused else DONE


@events_group.group()
def rules() -> None:
    """派遣规则 / routing rules."""


@rules.command(name="check")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@shared
def check_rules(console: Console, file: Path) -> int:
    """检查规则表,不入库 / check a table of rules, store nothing."""
    from webmap.cases.routing import check_file

    with console.open() as services:
        table = check_file(services, file)
    never = table.never_reached()
    lines = [
        (f"规则 {one} 被规则 {other} 完全遮盖", f"rule {one} is never reached: rule {other} takes all of it")
        for one, other in never
    ]
    told = [(f"{len(table)} 条规则可用", f"{len(table)} rules are sound"), *lines]
    zh, en = ("\n".join(texts) for texts in zip(*told, strict=True))
    console.result({"rules": len(table), "never_reached": never}, zh=zh, en=en)
    return FINDINGS if never else DONE


@rules.command(name="load")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--note", default="", help="说明 / note [文件名 file name]")
@shared
def load_rules(console: Console, file: Path, note: str) -> int:
    """启用规则表 / put a table of rules in force."""
    from webmap.cases.routing import load_file
    from webmap.store import LOCAL_OPERATOR

    with console.open() as services:
        kept = load_file(services, file, viewer=LOCAL_OPERATOR, note=note)
    console.result(
        {"version": kept.version, "rules": len(kept.table)},
        zh=f"第 {kept.version} 版规则已启用,共 {len(kept.table)} 条",
        en=f"Version {kept.version} of the rules is in force, {len(kept.table)} of them",
    )
    return DONE


@events_group.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@shared
def units(console: Console, file: Path) -> int:
    """导入承办单位及其账号 / load the units and their accounts from CSV."""
    from webmap.cases.routing import load_units
    from webmap.store import LOCAL_OPERATOR

    with console.open() as services:
        count = load_units(services, file, viewer=LOCAL_OPERATOR)
    console.result({"units": count}, zh=f"承办单位 {count} 个", en=f"{count} units")
    return DONE


def _line(event: dict[str, Any], lang: str) -> str:
    where = event["grid"] or event["community"] or event["street"] or event["district"] or "-"
    unit = event[f"unit_{lang}"] or event["unit"] or ("调度席" if lang == "zh" else "desk")
    due = f"{event['due_at']} ({event['remaining']:.0%})" if event["due_at"] else "-"
    return (
        f"{event['id']}  v{event['version']}  {event[f'state_{lang}']}  {event['tier']}  {unit}  "
        f"{event[f'category_{lang}']}  {where}  {due}"
    )
