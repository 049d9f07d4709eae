"""How the command line speaks: results on stdout (text or JSON), messages and progress on stderr, in one language.

It prints what it is given and decides nothing.
"""

import json
import os
import sys
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click
from tqdm import tqdm

from gis.errors import Lang
from webmap.config import Config, load_config

if TYPE_CHECKING:
    import pandas as pd

    from webmap.area_check import AreaCheck
    from webmap.imports import ImportOutcome
    from webmap.services import Heat, Period, Services


@dataclass(frozen=True)
class Console:
    """One run of the command: where the store is, how to print, in which language."""

    db: str | None
    as_json: bool
    lang: Lang
    config_file: Path | None = None

    def config(self, **changes: Any) -> Config:
        """The configuration of this run; options given on the command line come last."""
        environ = dict(load_environment())
        given = {"db": self.db, "lang": self.lang} | changes
        environ |= {f"WANGGE_{key.upper()}": str(value) for key, value in given.items() if value is not None}
        return load_config(self.config_file, environ)

    @contextmanager
    def open(self, config: Config | None = None, *, create: bool = False) -> Iterator["Services"]:
        """The services over this run's store, closed at the end."""
        from webmap.services import Services, utc_now
        from webmap.store import open_store

        config = config or self.config()
        store = open_store(config.db, create=create)
        try:
            yield Services(store, config, clock=utc_now)
        finally:
            store.close()

    def text(self, zh: str, en: str) -> str:
        """The text in this run's language."""
        return zh if self.lang == "zh" else en

    def say(self, zh: str, en: str) -> None:
        """A message for the person, on stderr."""
        click.echo(self.text(zh, en), err=True)

    def result(self, data: object, *, zh: str, en: str) -> None:
        """The result of the command, on stdout."""
        click.echo(json.dumps(data, ensure_ascii=False, indent=2, default=str) if self.as_json else self.text(zh, en))

    @contextmanager
    def progress(self, title: str) -> Iterator[Callable[[str, int, int], None]]:
        """A progress bar on stderr, drawn only where somebody looks at it.

        Yields a function of stage, done and total.
        """
        with tqdm(desc=title, unit="", file=sys.stderr, disable=not sys.stderr.isatty(), leave=False) as bar:

            def show(stage: str, done: int, total: int) -> None:
                bar.set_description(f"{title}: {stage}", refresh=False)
                bar.total = total
                bar.n = done
                bar.refresh()

            yield show

    def imported(self, outcome: "ImportOutcome") -> None:
        """The report of one import."""
        lines = [outcome.report.text(self.lang)]
        if outcome.stored is not None:
            stored = outcome.stored
            lines.append(
                self.text(
                    f"入库:新增 {stored.inserted},更新 {stored.updated},未变 {stored.unchanged}",
                    f"Stored: {stored.inserted} new, {stored.updated} changed, {stored.unchanged} as they were",
                )
            )
        if outcome.rejects is not None:
            lines.append(self.text(f"退回的行写在 {outcome.rejects}", f"Rejected rows are in {outcome.rejects}"))
        if outcome.findings is not None and len(outcome.findings):
            count = len(outcome.findings)
            lines.append(
                self.text(
                    f"边界有 {count} 处拓扑问题,运行 wangge areas check 查看",
                    f"The boundaries have {count} topology findings; see: wangge areas check",
                )
            )
        text = "\n".join(lines)
        self.result(outcome.as_dict(), zh=text, en=text)

    def findings(self, outcome: "AreaCheck") -> None:
        """The topology findings."""
        lines = [str(getattr(row, f"message_{self.lang}")) for row in outcome.left.itertuples()]
        head = self.text(
            f"边界问题 {len(outcome.left)} 处,已修复 {len(outcome.mended)} 处",
            f"{len(outcome.left)} findings left, {len(outcome.mended)} mended",
        )
        text = "\n".join([head, *lines])
        self.result(outcome.as_dict(), zh=text, en=text)

    def hot_grids(self, ranked: "pd.DataFrame", period: "Period", zone: str, top: int) -> None:
        """The first hot grids, with period and denominators."""
        total = int(ranked["count"].sum())
        shown = ranked.drop(columns="geometry").head(top)
        span = period_text(period.since, period.until, zone)
        head = self.text(
            f"{span},共 {total} 起,{len(ranked)} 个网格;显著热点 {int(ranked['hot'].sum())} 个 (Gi*,双侧,FDR 0.05)",
            f"{span}: {total} incidents in {len(ranked)} grids; {int(ranked['hot'].sum())} significant hot spots "
            "(Gi*, two-sided, FDR 0.05)",
        )
        unit = self.text("起/km²", "per km2")
        rows = [self._hot_row(row, unit) for row in shown.to_dict("records")]
        data = {
            "since": period.since,
            "until": period.until,
            "incidents": total,
            "grids": len(ranked),
            "ranked": shown.to_dict("records"),
        }
        text = "\n".join([head, *rows])
        self.result(data, zh=text, en=text)

    def hot_spots(self, table: "pd.DataFrame", about: dict[str, Any], top: int) -> None:
        """The first hot spots with what they mean, and those that dissolved."""
        told, lang = about["explanation"], self.lang
        notes = [each[lang] for each in (*about["choices"], *about["notes"], about["before_note"]) if each]
        rows = [self._spot_row(row) for row in table.head(top).to_dict("records")]
        text = "\n".join([told[f"means_{lang}"], told[f"means_not_{lang}"], *rows, *notes])
        kept = table.drop(columns=["geometry", "categories"]).head(top)
        plain = kept.astype(object).where(kept.notna(), None).to_dict("records")
        self.result({"about": about, "hot_spots": plain}, zh=text, en=text)

    def _spot_row(self, row: dict[Hashable, Any]) -> str:
        sign = {"new": "+", "persistent": "=", "dissolved": "-"}.get(row["change"], " ")
        rank = "    " if row["change"] == "dissolved" else f"{row['rank']:>4}"
        evidence = "" if row["change"] == "dissolved" else f"  PAI {row['pai']:.2f}  p {row['p']:.2g}"
        return f"{rank} {sign} {row['id']}  {row[f'place_{self.lang}']}  {row['count']}{evidence}  {row['hours']}"

    def _hot_row(self, row: dict[Hashable, Any], unit: str) -> str:
        name = row[f"name_{self.lang}"] or row["name_zh"]
        mark = " *" if row["hot"] else ""
        return (
            f"{row['rank']:>4}  {row['code']}  {name}  {row['count']} ({row['share']:.1%})  "
            f"{row['per_km2']:,.1f} {unit}  z={row['z']:.2f}{mark}"
        )

    def heat(self, drawn: "Heat", file: Path) -> None:
        """What the heat image shows."""
        south, west, north, east = drawn.image.bounds
        data = {
            "file": str(file),
            "bounds": {"south": south, "west": west, "north": north, "east": east},
            "bandwidth_m": drawn.bandwidth_m,
            "incidents": drawn.n,
            "since": drawn.period.since,
            "until": drawn.period.until,
            "unit": "incidents per km2 over the period",
            "legend": drawn.image.legend,
        }
        self.result(
            data,
            zh=f"已写 {file}:{drawn.n} 起,带宽 {drawn.bandwidth_m:.0f} 米,单位 起/km²(整个时段)",
            en=f"Wrote {file}: {drawn.n} incidents, bandwidth {drawn.bandwidth_m:.0f} m, in incidents per km2 over the period",
        )

    def plan(self, plan: dict[str, Any]) -> None:
        """A patrol plan, one line a stop."""
        zone = ZoneInfo(plan["zone"])
        lines = [self.text(note["zh"], note["en"]) for note in plan.get("notes", [])]
        if "mix" in plan:
            lines.append(self.text(plan["mix"]["zh"], plan["mix"]["en"]))
        for team in plan["teams"]:
            lines.append(
                self.text(
                    f"{team['name']}:{len(team['stops'])} 个点,路程 {team['travel_m'] / 1000:.1f} 公里",
                    f"{team['name']}: {len(team['stops'])} stops, {team['travel_m'] / 1000:.1f} km",
                )
            )
            lines += [
                f"  {datetime.fromisoformat(stop['arrive']).astimezone(zone):%H:%M}  "
                f"{stop[f'name_{self.lang}'] or stop['name_zh']}  {stop[f'why_{self.lang}']}"
                for stop in team["stops"]
            ]
        left = len(plan.get("unserved", []))
        lines.append(self.text(f"未安排:{left}", f"Not served: {left}"))
        text = "\n".join(lines)
        self.result(plan, zh=text, en=text)

    def verified(self, found: list[Any]) -> None:
        """What the check of the store found."""
        lines = [self.text(item.zh, item.en) for item in found] or [self.text("数据库完好", "The store is sound")]
        text = "\n".join(lines)
        self.result([{"zh": item.zh, "en": item.en} for item in found], zh=text, en=text)


def load_environment() -> dict[str, str]:
    """The ``WANGGE_*`` variables of this process."""
    return {key: value for key, value in os.environ.items() if key.startswith("WANGGE_")}


def period_text(since: datetime, until: datetime, zone: str) -> str:
    """A half-open period as first and last local day."""
    local = ZoneInfo(zone)
    last = until.astimezone(local) - timedelta(microseconds=1)
    return f"{since.astimezone(local):%Y-%m-%d} - {last:%Y-%m-%d}"
