"""``wangge committees``, ``wangge inspections`` and ``wangge supervision``: the side desks from the command line. It parses and prints."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

from webmap.command import DONE, FINDINGS, shared
from webmap.console import Console


@click.group(name="committees")
def committees_group() -> None:
    """调解组织 / mediation committees."""


@committees_group.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@shared
def load(console: Console, file: Path) -> int:
    """导入调委会 / load the committees from CSV in place of those before."""
    from gis.dispatch.committees import load_committees
    from webmap.store import LOCAL_OPERATOR

    with console.open() as services:
        found = load_committees(file)
        services.store.committees.replace(found, viewer=LOCAL_OPERATOR, now=services.clock())
    console.result({"committees": len(found)}, zh=f"调委会 {len(found)} 个", en=f"{len(found)} committees")
    return DONE


@committees_group.command()
@click.argument("code")
@click.argument("names", metavar="ACCOUNT...", nargs=-1)
@shared
def accounts(console: Console, code: str, names: tuple[str, ...]) -> int:
    """调委会的账号 / say which accounts belong to a committee; none without any."""
    from webmap.store import LOCAL_OPERATOR

    with console.open() as services:
        services.store.committees.set_accounts(code, names, viewer=LOCAL_OPERATOR, now=services.clock())
    told = {"committee": code, "accounts": sorted(set(names))}
    console.result(told, zh=f"{code}:账号 {len(told['accounts'])} 个", en=f"{code}: {len(told['accounts'])} accounts")
    return DONE


@click.group(name="inspections")
def inspections_group() -> None:
    """定期检查 / scheduled inspections."""


@inspections_group.command()
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), default=None, help="首日 / first day [今天 today]")
@click.option(
    "--to", "last", type=click.DateTime(["%Y-%m-%d"]), default=None, help="末日 / last day [13 天后 13 days on]"
)
@click.option("--area", default="", help="区域编码 / area code")
@click.option(
    "--status",
    "statuses",
    multiple=True,
    type=click.Choice(["upcoming", "due", "done", "late", "missed"]),
    help="状态,可多次 / status; repeatable",
)
@shared
def due(console: Console, first: datetime | None, last: datetime | None, area: str, statuses: tuple[str, ...]) -> int:
    """到期检查 / what falls due; status 1 if something was missed."""
    from webmap.side_desks import inspections
    from webmap.store.case_scope import CASE_OPERATOR

    with console.open() as services:
        since = first.date() if first else services.today()
        until = last.date() if last else since + timedelta(days=13)
        told = inspections.due(services, viewer=CASE_OPERATOR, first=since, last=until, area=area, statuses=statuses)
    lines = [
        f"{each['day']}  {each['status']:<8}  {each['site_kind']:<12}  {each['name_zh']}  {each['schedule']}"
        for each in told["due"]
    ]
    console.result(told, zh="\n".join(lines) or "没有检查", en="\n".join(lines) or "Nothing is due")
    return FINDINGS if told["counts"]["missed"] else DONE


@inspections_group.command()
@click.argument("schedule")
@click.option("--id", "inspection", required=True, help="检查编号(UUID) / id of the inspection, a UUID of yours")
@click.option("--fail", "fails", multiple=True, metavar="ITEM", help="不合格项,可多次 / failed item; repeatable")
@click.option("--skip", "skips", multiple=True, metavar="ITEM", help="不适用项,可多次 / item that does not apply")
@click.option("--note", "notes", multiple=True, metavar="ITEM=TEXT", help="备注,可多次 / remark; repeatable")
@click.option("--at", default=None, help="检查时间,带时区 / when, with its zone [现在 now]")
@shared
def check(
    console: Console,
    schedule: str,
    inspection: str,
    fails: tuple[str, ...],
    skips: tuple[str, ...],
    notes: tuple[str, ...],
    at: str | None,
) -> int:
    """记录一次检查,其余项合格 / keep an inspection, all other items in order; status 1 if something failed."""
    from webmap.side_desks import inspections
    from webmap.store.case_scope import CASE_OPERATOR

    with console.open() as services:
        items = inspections.checks(services, schedule, viewer=CASE_OPERATOR)["checklist"]
        answers = {item["item"]: "ok" for item in items}
        answers |= dict.fromkeys(skips, "not_applicable") | dict.fromkeys(fails, "fail")
        told: dict[str, Any] = {"id": inspection, "answers": answers}
        told["notes"] = {item: text for item, _, text in (note.partition("=") for note in notes)}
        made = inspections.check(services, schedule, told | ({"at": at} if at else {}), viewer=CASE_OPERATOR)
    events = [f"{each['id']}  {each['item']}  {each['category']}" for each in made["events"]]
    console.result(made, zh="\n".join(["检查已记录", *events]), en="\n".join(["The inspection is kept", *events]))
    return FINDINGS if events else DONE


@click.group(name="supervision")
def supervision_group() -> None:
    """督办单 / supervision orders."""


@supervision_group.command(name="list")
@click.option("--state", "states", multiple=True, help="状态,可多次 / state; repeatable")
@click.option("--unit", default="", help="承办单位 / code of a unit")
@click.option("--area", default="", help="区域编码 / area code")
@click.option("--overdue", is_flag=True, help="仅逾期 / only those past their deadline")
@shared
def list_(console: Console, states: tuple[str, ...], unit: str, area: str, overdue: bool) -> int:
    """列出督办单 / list supervision orders by deadline; status 1 if an open one is overdue."""
    from webmap.side_desks import supervision
    from webmap.store.case_scope import CASE_OPERATOR

    with console.open() as services:
        told = supervision.listed(services, viewer=CASE_OPERATOR, states=states, unit=unit, area=area, overdue=overdue)
    zh, en = ("\n".join(_line(order, lang) for order in told["orders"]) for lang in ("zh", "en"))
    console.result(told, zh=zh or "没有督办单", en=en or "There are no orders")
    return FINDINGS if told["overdue"] else DONE


def _line(order: dict[str, Any], lang: str) -> str:
    late = {"zh": "逾期", "en": "overdue"}[lang] if order["overdue"] else ""
    unit = order[f"unit_{lang}"] or order["unit"]
    return f"{order['id']}  v{order['version']}  {order[f'state_{lang}']}  {unit}  {order['due_at'] or '-'}  {late}".rstrip()
