"""``wangge forecast``: reports expected by grid in the coming shift, day or week, with the score card. It parses and prints."""

from typing import Any

import click

from webmap.command import DONE, shared
from webmap.console import Console

ROWS = 10


@click.command(name="forecast")
@click.option(
    "--period",
    type=click.Choice(["shift", "day", "week"]),
    default="week",
    show_default=True,
    help="时段:下一班、明天、明天起七天 / the next shift, tomorrow, seven days from tomorrow",
)
@click.option("--category", default="", help="类别代码 / category code [全部 all]")
@click.option("--area", default="", help="区域编码 / area code [全区 whole district]")
@shared
def forecast(console: Console, period: Any, category: str, area: str) -> int:
    """预测各网格的上报数并评分 / reports expected by grid, with the score card; kept for the map."""
    from webmap.forecasts import ForecastQuestion, make
    from webmap.pages.forecasts import shown
    from webmap.store import LOCAL_OPERATOR

    with console.open() as services, console.progress("forecast") as progress:
        asked = ForecastQuestion(period, category, area)
        told = shown(services, LOCAL_OPERATOR, make(services, LOCAL_OPERATOR, asked, progress=progress))
        names = {
            row.code: (row.name_zh, row.name_en or row.name_zh) for row in services.cells(LOCAL_OPERATOR).itertuples()
        }
    console.result(told, zh=_text(told, names, "zh"), en=_text(told, names, "en"))
    return DONE


def _text(told: dict[str, Any], names: dict[str, tuple[str, str]], lang: str) -> str:
    period, explain = told["period"], told["explain"]
    span = f"{period['since'][:16]} - {period['until'][:16]}".replace("T", " ")
    head = f"{told['category_name'][lang]}, {span}: {told['total']:.1f} {'起' if lang == 'zh' else 'reports'}"
    rows = [
        f"{row['rank']:>4}  {row['expected']:>8.3f}  {row['code']}  {names.get(row['code'], ('', ''))[lang == 'en']}"
        for row in told["grids"][:ROWS]
    ]
    said = [told["exposure"][lang], told["delay"][lang], *(line[lang] for line in told["lines"])]
    said += [
        explain[f"means_{lang}"],
        explain[f"means_not_{lang}"],
        f"{explain[f'method_{lang}']}; {explain['source']}",
    ]
    return "\n".join([head, told["unit"][lang], *rows, *said])
