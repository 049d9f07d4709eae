"""One frozen configuration from a TOML file and the environment. It refuses to start half set.

It reads settings and never opens the store.
"""

import ipaddress
import os
import re
import tomllib
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from gis.crs import parse_datum
from gis.errors import ConfigError
from webmap.notify.signing import key_bytes

PREFIX = "WANGGE_"
DEFAULT_DB = "sqlite:///wangge.db"
SHORTEST_KEY = 16
"""Characters of a key of Open311."""


@dataclass(frozen=True)
class TileSource:
    """A district's own base map.

    Parameters
    ----------
    url
        Template with ``{z}``, ``{x}``, ``{y}``; an absolute URL or a path on this server.
    datum
        Datum the tiles are drawn in: ``wgs84``, ``gcj02`` or ``bd09``; Amap's are ``gcj02``.
    matrix
        Tile matrix: ``webmercator`` (EPSG:3857) is the one that the page draws.
    attribution
        Text at the map's foot, for example the approval number (审图号).
    max_zoom
        Deepest zoom the source serves.
    """

    url: str
    datum: str
    matrix: str = "webmercator"
    attribution: str = ""
    max_zoom: int = 18

    @property
    def origin(self) -> str:
        """Scheme and host that the page's content security policy must allow; empty for this server."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


@dataclass(frozen=True)
class Config:
    """Everything the service is told from outside.

    Parameters
    ----------
    db
        URL of the store: ``sqlite:///file`` or ``postgresql+psycopg://...``.
    host, port
        Where the map is served.
    lang
        Language of pages and messages when nobody asked for one.
    workers, threads
        Server processes, and blocking threads of each.
    columns
        Folder of the incident columns; beside the SQLite file by default, in the user's cache for a server's database.
    sign_in_limit, request_limit
        Sign-ins and requests that one address may make at one worker, such as ``20/minute``.
    metrics_from
        Addresses and networks, separated by commas, that may read the figures at ``/metrics``.
    log
        ``requests`` (a line for each), ``errors``, or ``auto``: requests unless stderr is a terminal.
    stop_timeout
        Seconds that running requests have to end when the server is told to stop.
    oidc_issuer, oidc_client, oidc_secret
        The district's identity provider (OpenID Connect) and what it knows us by; all three or none.
    public, public_k
        ``on`` shows the public view without sign-in; counts below ``public_k`` are withheld in it.
    public_reports
        ``on`` lets residents report without an account; off unless the operator says so.
    report_limit, receipt_limit
        Reports without an account, and questions by receipt, that one address may send at one worker.
    alarm_keys
        Sources of alarms with the secret of each, ``name=secret`` separated by commas; none refuses all alarms.
    alarm_minutes
        An alarm of the same device and kind within so many minutes is the same alarm.
    checkin_days
        Days after the plan's day for which single check-ins are kept; afterwards only sums by place and shift are.
    notify
        TOML file of those who get messages (webhooks, mailboxes) with its secrets; nobody does without.
    outbox_days
        Days for which delivered messages and notifications are kept.
    checkpoints, checkpoint_key
        Folder, best on another machine, into which the server signs a checkpoint of the audit log every hour, and the
        file of the private key (Ed25519, PEM); both or none.
    pdf_font
        File of a TrueType font that case files as PDF embed; without it the reader's own Song font is used.
    photo_days
        Days after which the photos of events are deleted.
    open311
        ``on`` answers below ``/open311/v2/``.
    open311_jurisdiction, open311_keys
        The ``jurisdiction_id`` that clients may send, and the keys, separated by commas, of those who may report.
    tiles
        The district's own base map, if any.
    """

    db: str = DEFAULT_DB
    host: str = "127.0.0.1"
    port: int = 8000
    lang: Literal["zh", "en"] = "zh"
    workers: int = 2
    threads: int = 40
    columns: str = ""
    sign_in_limit: str = "20/minute"
    request_limit: str = "6000/minute"
    metrics_from: str = "127.0.0.0/8,::1"
    log: Literal["auto", "requests", "errors"] = "auto"
    stop_timeout: int = 30
    oidc_issuer: str = ""
    oidc_client: str = ""
    oidc_secret: str = field(default="", repr=False)
    public: Literal["off", "on"] = "off"
    public_k: int = 5
    public_reports: Literal["off", "on"] = "off"
    report_limit: str = "10/hour"
    receipt_limit: str = "20/minute"
    alarm_keys: str = field(default="", repr=False)
    alarm_minutes: int = 10
    checkin_days: int = 30
    notify: str = ""
    outbox_days: int = 30
    checkpoints: str = ""
    checkpoint_key: str = ""
    photo_days: int = 180
    pdf_font: str = ""
    open311: Literal["off", "on"] = "off"
    open311_jurisdiction: str = ""
    open311_keys: str = field(default="", repr=False)
    tiles: TileSource | None = field(default=None)

    def __post_init__(self) -> None:
        if self.lang not in ("zh", "en"):
            raise ConfigError(zh=f"语言只能是 zh 或 en,不是“{self.lang}”。", en=f"lang is zh or en, not '{self.lang}'.")
        if not 0 < self.port < 65536:
            raise ConfigError(zh=f"端口 {self.port} 不在 1-65535 之间。", en=f"Port {self.port} is not in 1-65535.")
        for limit in (self.sign_in_limit, self.request_limit, self.report_limit, self.receipt_limit):
            if not re.fullmatch(r"[1-9]\d{0,6}/(second|minute|hour|day)", limit):
                raise ConfigError(
                    zh=f"访问频率“{limit}”应写成 20/minute 的形式。",
                    en=f"A limit is written like 20/minute, not '{limit}'.",
                )
        if self.log not in ("auto", "requests", "errors"):
            raise ConfigError(
                zh=f"log 只能是 auto、requests 或 errors,不是“{self.log}”。",
                en=f"log is auto, requests or errors, not '{self.log}'.",
            )
        if len({bool(self.oidc_issuer), bool(self.oidc_client), bool(self.oidc_secret)}) > 1:
            raise ConfigError(
                zh="统一身份认证设置不完整:oidc_issuer、oidc_client、oidc_secret 须同时填写。",
                en="The identity provider is told by half: oidc_issuer, oidc_client and oidc_secret go together.",
            )
        if self.public not in ("off", "on") or self.public_k < 3:
            raise ConfigError(
                zh="public 只能是 on 或 off,public_k 至少为 3。", en="public is on or off, and public_k at least 3."
            )
        self._check_intake()
        if not 1 <= self.checkin_days <= 366:
            raise ConfigError(
                zh="checkin_days 应为 1 至 366 天。", en="checkin_days is a number of days from 1 to 366."
            )
        if not 1 <= self.outbox_days <= 366 or not 1 <= self.photo_days <= 3660:
            raise ConfigError(
                zh="outbox_days 应为 1 至 366 天,photo_days 应为 1 至 3660 天。",
                en="outbox_days is a number of days from 1 to 366, photo_days from 1 to 3660.",
            )
        if bool(self.checkpoints) != bool(self.checkpoint_key):
            raise ConfigError(
                zh="审计校验点设置不完整:checkpoints 与 checkpoint_key 须同时填写。",
                en="Checkpoints are told by half: checkpoints and checkpoint_key go together.",
            )
        if self.open311 not in ("off", "on") or any(len(key) < SHORTEST_KEY for key in self.open311_key_list):
            raise ConfigError(
                zh=f"open311 只能是 on 或 off,密钥至少 {SHORTEST_KEY} 个字符。",
                en=f"open311 is on or off, and a key has at least {SHORTEST_KEY} characters.",
            )
        if self.stop_timeout < 1:
            raise ConfigError(zh="stop_timeout 至少为 1 秒。", en="stop_timeout is at least 1 second.")
        _ = self.metrics_networks
        if self.tiles is not None:
            _check_tiles(self.tiles)

    @property
    def open311_key_list(self) -> tuple[str, ...]:
        """The keys of ``open311_keys``."""
        return tuple(key.strip() for key in self.open311_keys.split(",") if key.strip())

    @property
    def metrics_networks(self) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
        """The networks of ``metrics_from``.

        Raises
        ------
        ConfigError
            One of them is no address.
        """
        parts = [part.strip() for part in self.metrics_from.split(",") if part.strip()]
        try:
            return tuple(ipaddress.ip_network(part) for part in parts)
        except ValueError as error:
            raise ConfigError(
                zh=f"metrics_from 应为以逗号分隔的地址或网段:{error}",
                en=f"metrics_from is a list of addresses or networks, separated by commas: {error}",
            ) from error

    def _check_intake(self) -> None:
        if self.public_reports not in ("off", "on"):
            raise ConfigError(zh="public_reports 只能是 on 或 off。", en="public_reports is on or off.")
        if not 1 <= self.alarm_minutes <= 1440:
            raise ConfigError(
                zh="alarm_minutes 应为 1 至 1440 分钟。", en="alarm_minutes is a number of minutes from 1 to 1440."
            )
        _ = self.alarm_sources

    @property
    def alarm_sources(self) -> dict[str, str]:
        """The secret of each source of alarms, by its name.

        Raises
        ------
        ConfigError
            A part is not ``name=secret``, a secret is none (see :mod:`webmap.notify.signing`), or a name stands twice.
        """
        found: dict[str, str] = {}
        for part in filter(None, (part.strip() for part in self.alarm_keys.split(","))):
            name, _, secret = part.partition("=")
            if not re.fullmatch(r"[a-z0-9_-]{1,40}", name) or name in found:
                # The part itself is not told: it may hold a secret.
                raise ConfigError(
                    zh="alarm_keys 应写成 名称=密钥,以逗号分隔;名称为小写字母、数字、- 和 _,且不重复。",
                    en="alarm_keys is name=secret, separated by commas; names are small letters, digits, - and _, each once.",
                )
            key_bytes(secret)
            found[name] = secret
        return found

    def to_environment(self) -> dict[str, str]:
        """The same configuration as environment variables, for server processes."""
        flat: dict[str, Any] = {key: value for key, value in asdict(self).items() if key != "tiles"}
        if self.tiles is not None:
            flat |= {f"tiles_{key}": value for key, value in asdict(self.tiles).items()}
        return {PREFIX + key.upper(): str(value) for key, value in flat.items()}


def load_config(path: Path | None = None, environ: dict[str, str] | None = None) -> Config:
    """Read the configuration: defaults, then the TOML file, then ``WANGGE_*`` variables.

    Raises
    ------
    ConfigError
        An unknown setting, a wrong type, or a base map that is told only by half.
    """
    settings: dict[str, Any] = _from_file(path) if path is not None else {}
    known = {f.name for f in fields(Config)} - {"tiles"} | {f"tiles_{f.name}" for f in fields(TileSource)}
    for key, value in (os.environ if environ is None else environ).items():
        name = key.removeprefix(PREFIX).lower()
        if key.startswith(PREFIX) and name in known:
            settings[name] = value
    tiles = {key.removeprefix("tiles_"): settings.pop(key) for key in list(settings) if key.startswith("tiles_")}
    unknown = sorted(set(settings) - known)
    if unknown:
        raise ConfigError(zh=f"不认识的设置:{', '.join(unknown)}。", en=f"Unknown settings: {', '.join(unknown)}.")
    numbers = {
        *("port", "workers", "threads", "stop_timeout", "public_k", "checkin_days", "outbox_days", "photo_days"),
        "alarm_minutes",
    }
    typed: dict[str, Any] = {key: _number(key, value) if key in numbers else value for key, value in settings.items()}
    return Config(**typed, tiles=_tiles(tiles))


def _from_file(path: Path) -> dict[str, Any]:
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(zh=f"无法读取配置文件 {path}:{error}", en=f"Cannot read {path}: {error}") from error
    tiles = raw.pop("tiles", {})
    return raw | {f"tiles_{key}": value for key, value in tiles.items()}


def _tiles(settings: dict[str, Any]) -> TileSource | None:
    if not settings:
        return None
    for needed in ("url", "datum"):
        if not settings.get(needed):
            raise ConfigError(
                zh=f"底图设置不完整:缺少 tiles.{needed}(瓦片坐标系不说明会差数百米)。",
                en=f"The base map is told by half: tiles.{needed} is missing (an unstated datum is off by hundreds of metres).",
            )
    known = {f.name for f in fields(TileSource)}
    if set(settings) - known:
        extra = ", ".join(sorted(set(settings) - known))
        raise ConfigError(zh=f"不认识的底图设置:{extra}。", en=f"Unknown base-map settings: {extra}.")
    if "max_zoom" in settings:
        settings["max_zoom"] = _number("tiles.max_zoom", settings["max_zoom"])
    return TileSource(**{**settings, "datum": parse_datum(str(settings["datum"]))})


def _check_tiles(tiles: TileSource) -> None:
    if not all(mark in tiles.url for mark in ("{z}", "{x}", "{y}")):
        raise ConfigError(
            zh=f"底图地址 {tiles.url} 缺少 {{z}}、{{x}} 或 {{y}}。",
            en=f"Base-map URL {tiles.url} lacks {{z}}, {{x}} or {{y}}.",
        )
    if tiles.matrix != "webmercator":
        raise ConfigError(
            zh=f"底图瓦片矩阵“{tiles.matrix}”不支持,只支持 webmercator(EPSG:3857)。",
            en=f"Tile matrix '{tiles.matrix}' is not drawn; webmercator (EPSG:3857) is.",
        )
    if tiles.datum not in ("wgs84", "cgcs2000", "gcj02", "bd09"):
        raise ConfigError(
            zh=f"底图坐标系“{tiles.datum}”不支持。", en=f"Base-map datum '{tiles.datum}' is not one the page can draw."
        )


def _number(key: str, value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        raise ConfigError(
            zh=f"设置 {key} 应为整数,而不是“{value}”。", en=f"{key} is a number, not '{value}'."
        ) from None
