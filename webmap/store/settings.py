"""The district's settings: its names, code and zone, as text by key.

They are seen by every viewer. Secrets are never kept here: they come from the environment.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from uuid import uuid4
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Connection, delete, insert, select

from gis.errors import ConfigError
from webmap.store.changes import note_change
from webmap.store.db import Database
from webmap.store.models import META
from webmap.store.scoping import require_unlimited
from webmap.store.viewer import Viewer

DEFAULTS = {"name_zh": "", "name_en": "", "code": "", "zone": "Asia/Shanghai"}
"""What a store says about its district until ``wangge init`` tells more."""

GENERATION = "store.generation"
"""Rises with every restore, so that whoever follows the change sequence starts afresh."""

IDENTITY = "store.identity"
"""A random name, given once, by which a copy of the store's rows knows which store it was made from."""

RENEWAL_DAYS = "password_days"
"""After how many days a password must be changed; 90 unless kept."""

_OWN = "store."


def read_settings(connection: Connection) -> dict[str, str]:
    """Every setting, with defaults for those never set."""
    query = select(META.c.key, META.c.value).where(~META.c.key.startswith(_OWN, autoescape=True)).order_by(META.c.key)
    return DEFAULTS | {row.key: row.value for row in connection.execute(query)}


def write_settings(connection: Connection, settings: Mapping[str, str]) -> bool:
    """Keep settings inside the caller's transaction.

    Returns
    -------
    changed
        Something is not as it was.

    Raises
    ------
    ConfigError
        A value that is not text, a key of the store's own, or a zone that does not exist.
    """
    _check(settings)
    before = read_settings(connection)
    changed = {key: value for key, value in settings.items() if before.get(key) != value}
    for key, value in changed.items():
        put_mark(connection, key, value)
    return bool(changed)


def read_mark(connection: Connection, key: str) -> str:
    """One key, whatever it is; empty when it was never kept."""
    return connection.scalar(select(META.c.value).where(META.c.key == key)) or ""


def put_mark(connection: Connection, key: str, value: str) -> None:
    """Keep one key, whatever it is."""
    connection.execute(delete(META).where(META.c.key == key))
    connection.execute(insert(META).values(key=key, value=value))


def read_identity(database: Database) -> str:
    """The store's own name; given now if it has none yet."""
    with database.reading() as connection:
        known = read_mark(connection, IDENTITY)
    if known:
        return known
    with database.writing() as connection:
        known = read_mark(connection, IDENTITY)
        if not known:
            known = uuid4().hex
            put_mark(connection, IDENTITY, known)
    return known


def save_settings(database: Database, settings: Mapping[str, str], *, viewer: Viewer, now: datetime) -> bool:
    """Change some settings; the others stay.

    Raises
    ------
    ConfigError
        As :func:`write_settings`.
    ScopeError
        The viewer is limited to some areas.
    """
    require_unlimited(viewer, "修改区域设置", "change the district's settings")
    with database.writing() as connection:
        changed = write_settings(connection, settings)
        if changed:
            note_change(connection, "settings", "change", viewer=viewer, now=now)
    return changed


def _check(settings: Mapping[str, str]) -> None:
    for key, value in settings.items():
        if not isinstance(value, str) or key.startswith(_OWN):
            raise ConfigError(zh=f"设置项 {key} 无效:值应为文本。", en=f"setting {key} cannot be kept: text is wanted.")
    days = settings.get(RENEWAL_DAYS, "90")
    if not re.fullmatch("[1-9][0-9]{0,3}", days):
        raise ConfigError(
            zh=f"密码有效天数“{days}”应为 1 至 9999。", en=f"A password holds 1 to 9999 days, not '{days}'."
        )
    zone = settings.get("zone")
    if zone is None:
        return
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigError(
            zh=f"时区“{zone}”不存在,例如可用 Asia/Shanghai。", en=f"There is no zone '{zone}'; try Asia/Shanghai."
        ) from error
