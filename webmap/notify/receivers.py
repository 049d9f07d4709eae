"""Who gets messages: the operator's list in one TOML file, which also holds the secrets and so is his alone to read.

Nobody else can add a receiver. It parses and checks, and opens no connection.
"""

import re
import stat
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

from gis.divisions import is_within
from gis.errors import ConfigError
from webmap.notify.signing import key_bytes
from webmap.store.outbox import Message

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*")


@dataclass(frozen=True)
class Wanted:
    """Which messages a receiver gets.

    Parameters
    ----------
    topics
        Topics, or their beginnings with ``*`` behind: ``event.*``.
    areas
        Codes of areas; messages of their subtrees. The whole district without.
    """

    topics: tuple[str, ...] = ("*",)
    areas: tuple[str, ...] = ()

    def takes(self, message: Message) -> bool:
        """A message is for this receiver."""
        topic = any(
            message.topic == each or (each.endswith("*") and message.topic.startswith(each[:-1]))
            for each in self.topics
        )
        return topic and (not self.areas or any(is_within(message.area, area) for area in self.areas))


@dataclass(frozen=True)
class Webhook:
    """A program that gets messages by HTTP.

    Parameters
    ----------
    url
        ``https://``; ``http://`` only where ``allow_private`` is set.
    secrets
        Keys; every one signs, so that a receiver can change over in its own time.
    allow_private
        The address may be private or of this machine.
    timeout_s
        For connecting, and for each answer.
    """

    name: str
    url: str
    secrets: tuple[str, ...] = field(repr=False)
    wanted: Wanted = Wanted()
    allow_private: bool = False
    timeout_s: int = 10


@dataclass(frozen=True)
class Mailbox:
    """A mailbox of a desk or an office, never of a person.

    Parameters
    ----------
    to
        Addresses.
    lang
        Of the text.
    """

    name: str
    to: tuple[str, ...]
    wanted: Wanted = Wanted()
    lang: Literal["zh", "en"] = "zh"


@dataclass(frozen=True)
class MailServer:
    """The server that takes our mail.

    Parameters
    ----------
    starttls
        Without it no password is sent.
    ca_file
        The certificate authority of an inner network; the system's without.
    """

    host: str
    sender: str
    port: int = 587
    starttls: bool = True
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""
    timeout_s: int = 20


@dataclass(frozen=True)
class Receivers:
    """Everybody who gets messages."""

    webhooks: tuple[Webhook, ...] = ()
    mailboxes: tuple[Mailbox, ...] = ()
    server: MailServer | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all receivers."""
        return (*(each.name for each in self.webhooks), *(each.name for each in self.mailboxes))


def read_receivers(path: Path) -> Receivers:
    """The receivers in a TOML file; see docs/outbox.md for its form.

    Raises
    ------
    ConfigError
        The file cannot be read, can be read by everybody on the machine, or says something that makes no sense.
    """
    try:
        if path.stat().st_mode & stat.S_IROTH:
            raise ConfigError(
                zh=f"{path} 含密钥,任何人都可读取;请执行 chmod 640。",
                en=f"{path} holds secrets and can be read by everybody; run chmod 640.",
            )
        raw = tomllib.loads(path.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(zh=f"无法读取接收方文件 {path}:{error}", en=f"Cannot read {path}: {error}") from error
    return parse_receivers(raw)


def parse_receivers(raw: Mapping[str, Any]) -> Receivers:
    """The receivers in a parsed TOML document.

    Raises
    ------
    ConfigError
        An unknown key, a wrong type, a name that comes twice, an address that is none, mail without a server.
    """
    _known(raw, {"webhook", "mail", "smtp"}, "")
    webhooks = tuple(_webhook(each) for each in _tables(raw, "webhook"))
    mailboxes = tuple(_mailbox(each) for each in _tables(raw, "mail"))
    server = _build(MailServer, raw["smtp"], "smtp") if "smtp" in raw else None
    found = Receivers(webhooks, mailboxes, server)
    for name in found.names:
        if not _NAME.fullmatch(name) or found.names.count(name) > 1:
            raise _wrong(
                name, "name 应为不重复的小写字母、数字、- 和 _", "a name is small letters, digits, - and _, once"
            )
    if mailboxes and server is None:
        raise _wrong("smtp", "有邮箱而没有邮件服务器", "there are mailboxes and no server")
    if server is not None:
        _check_server(server)
    return found


def _webhook(raw: Mapping[str, Any]) -> Webhook:
    made = _build(Webhook, raw, str(raw.get("name", "webhook")))
    parts = urlsplit(made.url)
    schemes = ("https", "http") if made.allow_private else ("https",)
    if parts.scheme not in schemes or not parts.hostname or parts.username or parts.fragment or not made.url.isascii():
        raise _wrong(
            made.name,
            "url 应为 https:// 地址(内网地址须设 allow_private,方可用 http)",
            "url is https:// (http:// only with allow_private), without user or fragment",
        )
    if not made.secrets:
        raise _wrong(made.name, "缺少 secrets", "secrets are missing")
    for secret in made.secrets:
        key_bytes(secret)
    if not 1 <= made.timeout_s <= 30:
        raise _wrong(made.name, "timeout_s 应为 1 至 30", "timeout_s is 1 to 30")
    return made


def _mailbox(raw: Mapping[str, Any]) -> Mailbox:
    made = _build(Mailbox, raw, str(raw.get("name", "mail")))
    if not made.to or not all(_ADDRESS.fullmatch(each) for each in made.to):
        raise _wrong(made.name, "to 应为邮箱地址", "to holds mail addresses")
    if made.lang not in ("zh", "en"):
        raise _wrong(made.name, "lang 只能是 zh 或 en", "lang is zh or en")
    return made


def _check_server(server: MailServer) -> None:
    if not _ADDRESS.fullmatch(server.sender) or not server.host or not 0 < server.port < 65536:
        raise _wrong("smtp", "host、port 或 sender 不对", "host, port or sender makes no sense")
    if (server.user or server.password) and not server.starttls:
        raise _wrong("smtp", "密码不能在未加密的连接上发送", "no password goes over a connection in clear")


T = TypeVar("T", Webhook, Mailbox, MailServer)


def _build(kind: type[T], raw: Mapping[str, Any], name: str) -> T:
    own = {each.name for each in fields(kind)} - {"wanted"}
    listens = kind is not MailServer
    _known(raw, own | ({"topics", "areas"} if listens else set()), name)
    values: dict[str, Any] = {key: _plain(name, key, value) for key, value in raw.items()}
    wanted = {key: values.pop(key) for key in ("topics", "areas") if listens and key in values}
    if wanted:
        values["wanted"] = Wanted(**wanted)
    try:
        return kind(**values)
    except TypeError:
        raise _wrong(name, "缺少必需的设置", "something needed is missing") from None


_TYPES: dict[str, type] = {"port": int, "timeout_s": int, "starttls": bool, "allow_private": bool}
_LISTS = frozenset({"topics", "areas", "to", "secrets"})


def _plain(name: str, key: str, value: Any) -> Any:
    if key in _LISTS:
        if isinstance(value, list) and all(isinstance(each, str) and each for each in value):
            return tuple(value)
        raise _wrong(name, f"{key} 应为文本列表", f"{key} is a list of texts")
    if type(value) is not _TYPES.get(key, str):
        raise _wrong(name, f"{key} 的类型不对", f"{key} has the wrong type")
    return value


def _tables(raw: Mapping[str, Any], key: str) -> Sequence[Mapping[str, Any]]:
    found = raw.get(key, [])
    if not isinstance(found, list) or not all(isinstance(each, Mapping) for each in found):
        raise _wrong(key, f"应写成 [[{key}]]", f"it is written [[{key}]]")
    return found


def _known(raw: Mapping[str, Any], known: set[str], name: str) -> None:
    more = sorted(set(raw) - known)
    if more:
        raise _wrong(name or more[0], f"不认识的设置 {'、'.join(more)}", f"unknown: {', '.join(more)}")


def _wrong(name: str, zh: str, en: str) -> ConfigError:
    return ConfigError(zh=f"接收方“{name}”:{zh}。", en=f"Receiver '{name}': {en}.")
