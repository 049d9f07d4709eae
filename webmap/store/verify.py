"""Is the store sound? Every fault found, in words for the person who must act; nothing is repaired here."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import shapely
from sqlalchemy import Connection, Table, and_, exists, func, select, text

from gis.errors import FileFormatError, StoreError
from gis.schemas import LEVELS
from webmap.auth.permissions import ADMINISTRATORS
from webmap.store._columns import fetch_batches, select_list
from webmap.store.attachments import unsound_files
from webmap.store.audit import chain_findings
from webmap.store.backup import count_rows, read_manifest
from webmap.store.case_verify import case_findings
from webmap.store.db import Database
from webmap.store.findings import Finding
from webmap.store.models import (
    AREAS,
    ATTACHMENTS,
    BOX,
    BUILDINGS,
    CAMERAS,
    CHANGES,
    CHECKINS,
    EVENTS,
    GRANTS,
    INCIDENTS,
    LOCATED,
    PLACES,
    PLANS,
    STREETS,
)
from webmap.store.plans import IN_FORCE
from webmap.store.row_security import EVERYTHING, show_cases
from webmap.store.side_verify import side_findings

_SHAPES = (AREAS, STREETS, BUILDINGS)
_POINTS = (INCIDENTS, CAMERAS, PLACES, EVENTS)


def verify_store(database: Database, folder: Path | None, archive: Path | None) -> list[Finding]:
    """Every fault of a store, an empty list for a sound one.

    Parameters
    ----------
    folder
        Where attachments lie.
    archive
        A backup whose row counts the store must have.
    """
    checks: list[Callable[[Connection], Iterator[Finding]]] = [
        *(_shapes, _codes, _parents, _sequence, _grants, _plans, case_findings, side_findings)
    ]
    if database.is_sqlite:
        checks = [_sqlite_integrity, _sqlite_indexes, *checks]
    checks.append(lambda connection: _attachments(connection, folder))
    checks.append(lambda connection: iter(chain_findings(connection)))
    if archive is not None:
        checks.append(lambda connection: _counts(connection, archive))
    findings: list[Finding] = []
    for check in checks:
        try:
            with database.reading() as connection:
                show_cases(connection, EVERYTHING)
                findings += check(connection)
        except StoreError as error:
            finding = Finding("damaged", "", 1, error.zh, error.en)
            findings += [finding] if finding not in findings else []
    return findings


def _sqlite_integrity(connection: Connection) -> Iterator[Finding]:
    said = [str(row[0]) for row in connection.execute(text("PRAGMA integrity_check(20)"))]
    if said != ["ok"]:
        yield Finding(
            "damaged",
            "",
            len(said),
            f"数据库文件已损坏({said[0]}),请用 wangge restore 从备份恢复。",
            f"The database file is damaged ({said[0]}); restore it with wangge restore.",
        )
    orphans: dict[str, int] = {}
    for row in connection.execute(text("PRAGMA foreign_key_check")):
        orphans[row[0]] = orphans.get(row[0], 0) + 1
    for table, count in sorted(orphans.items()):
        zh, en = (
            f"{table} 有 {count} 行引用了不存在的记录。",
            f"{count} rows of {table} point to lost records.",
        )
        yield Finding("foreign_key", table, count, zh, en)


def _sqlite_indexes(connection: Connection) -> Iterator[Finding]:
    for table in _SHAPES:
        said = str(connection.scalar(select(func.rtreecheck(f"{table.name}_box"))))
        boxes = f"SELECT count(*) FROM {table.name}_box"  # noqa: S608 - own table names
        wanted = connection.scalar(select(func.count()).where(table.c.min_lon.is_not(None)))
        if said != "ok" or connection.scalar(text(boxes)) != wanted:
            zh = f"{table.name} 的空间索引与数据不一致({said})。"
            yield Finding("index", table.name, 1, zh, f"The spatial index of {table.name} is out of step ({said}).")


def _shapes(connection: Connection) -> Iterator[Finding]:
    for table in _SHAPES:
        bad = _bad_shapes(connection, table)
        if bad:
            zh = f"{table.name} 有 {bad} 个图形无法读取或与其范围框不符,请重新导入该图层。"
            en = f"{bad} shapes of {table.name} are unreadable or differ from their box; import the layer again."
            yield Finding("geometry", table.name, bad, zh, en)


def _bad_shapes(connection: Connection, table: Table) -> int:
    kinds = {"geometry": "geometry"} | dict.fromkeys(BOX, "float")
    query = select(*select_list(table, kinds)).where(table.c.geometry.is_not(None))
    bad = 0
    for batch in fetch_batches(connection, query, kinds):
        shapes = shapely.from_wkb(np.asarray(batch["geometry"].to_pylist(), dtype=object), on_invalid="ignore")
        boxes = np.column_stack([batch[name].to_numpy(zero_copy_only=False) for name in BOX])
        bad += int((~(shapely.bounds(shapes) == boxes).all(axis=1)).sum())
    return bad


def _codes(connection: Connection) -> Iterator[Finding]:
    for table in _POINTS:
        for name in LOCATED:
            column = table.c[name]
            unknown = and_(column != "", ~exists().where(AREAS.c.code == column))
            query = select(func.count(), func.min(column)).where(unknown)
            count, example = connection.execute(query).one()
            if count:
                zh = f"{table.name} 有 {count} 行的 {name} 编码不在区域表中,例如 {example};请重新落格。"
                en = f"{count} rows of {table.name} have a {name} code that no area has, such as {example}; join again."
                yield Finding("unknown_code", table.name, count, zh, en)


def _parents(connection: Connection) -> Iterator[Finding]:
    above = AREAS.alias()
    # The areas at the top name a parent too, the city of a district, which the store need not hold.
    top = min(connection.execute(select(AREAS.c.level).distinct()).scalars(), key=LEVELS.index, default="")
    orphan = ~exists().where(above.c.code == AREAS.c.parent)
    lost = and_(AREAS.c.parent != "", AREAS.c.level != top, orphan)
    count, example = connection.execute(select(func.count(), func.min(AREAS.c.parent)).where(lost)).one()
    if count:
        zh = f"{count} 个区域的上级 {example} 等不在区域表中。"
        yield Finding("parent", "areas", count, zh, f"{count} areas hang below codes that no area has: {example}.")


def _sequence(connection: Connection) -> Iterator[Finding]:
    rows, last = connection.execute(select(func.count(), func.coalesce(func.max(CHANGES.c.seq), 0))).one()
    if rows != last:
        zh, en = f"变更序列缺 {last - rows} 号。", f"The change sequence lacks {last - rows} numbers."
        yield Finding("sequence", "changes", last - rows, zh, en)


def _grants(connection: Connection) -> Iterator[Finding]:
    kinds = func.count(GRANTS.c.role.distinct())
    administrators = select(GRANTS.c.account).where(GRANTS.c.role.in_(ADMINISTRATORS))
    both = connection.scalars(administrators.group_by(GRANTS.c.account).having(kinds > 1)).all()
    if both:
        zh = f"{len(both)} 个账号同时持有互斥的管理员角色,例如 {both[0]};请撤销其一。"
        en = f"{len(both)} accounts hold administrator roles that exclude each other, such as {both[0]}; revoke one."
        yield Finding("grants", "grants", len(both), zh, en)


def _plans(connection: Connection) -> Iterator[Finding]:
    slot = [PLANS.c[name] for name in ("day", "shift", "area")]
    twice = connection.execute(
        select(*slot).where(PLANS.c.status.in_(IN_FORCE)).group_by(*slot).having(func.count() > 1)
    ).all()
    if twice:
        zh = f"{len(twice)} 个班次同时有两个生效方案,例如 {twice[0].day} {twice[0].shift};请撤回其一。"
        en = f"{len(twice)} shifts have two plans in force, such as {twice[0].day} {twice[0].shift}; withdraw one."
        yield Finding("plan", "plans", len(twice), zh, en)
    early = and_(PLANS.c.id == CHECKINS.c.plan, PLANS.c.published_at.is_(None))
    count = connection.scalar(select(func.count()).select_from(CHECKINS).where(exists().where(early))) or 0
    if count:
        zh, en = f"{count} 条签到属于从未发布的方案。", f"{count} check-ins belong to plans that were never published."
        yield Finding("plan", "checkins", count, zh, en)


def _attachments(connection: Connection, folder: Path | None) -> Iterator[Finding]:
    wanted = connection.execute(select(ATTACHMENTS.c.sha256, ATTACHMENTS.c.name).order_by(ATTACHMENTS.c.id)).all()
    bad = unsound_files(folder, [(row.sha256, row.name) for row in wanted])
    if bad:
        zh = f"{len(bad)} 个附件文件缺失或已损坏,例如 {bad[0]};请从备份取回。"
        en = f"{len(bad)} attachment files are missing or damaged, such as {bad[0]}; fetch them from a backup."
        yield Finding("attachment", "attachments", len(bad), zh, en)


def _counts(connection: Connection, archive: Path) -> Iterator[Finding]:
    try:
        wanted = read_manifest(archive)["counts"]
    except FileFormatError as error:
        yield Finding("archive", "", 1, error.zh, error.en)
        return
    for table, count in count_rows(connection).items():
        # The store marks a restore in its own table.
        if table != "meta" and count != wanted.get(table, 0):
            zh = f"{table} 有 {count} 行,备份清单为 {wanted.get(table, 0)} 行。"
            en = f"{table} has {count} rows, the backup's manifest says {wanted.get(table, 0)}."
            yield Finding("count", table, abs(count - wanted.get(table, 0)), zh, en)
