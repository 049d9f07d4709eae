"""Signed checkpoints of the audit log, kept in a folder that the operators of the database cannot write.

A checkpoint says which hash the row with a number had at a moment; it is signed with Ed25519 (RFC 8032) and names the
digest of the checkpoint before it. The log of a store is held against all of them. What cannot be seen from the folder
alone: that its last files are missing, which is why whoever audits notes the last number.
"""

import base64
import hashlib
import json
import os
import re
import stat
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import get_ident
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from gis.errors import ConfigError, StoreError
from webmap.store.documents import canonical
from webmap.store.findings import Finding
from webmap.store.moments import require_zone
from webmap.store.store import Store

PUBLIC_NAME = "checkpoints.pub"
"""The public key that lies beside the checkpoints, for convenience: whoever can swap them can swap it."""

_NAME = re.compile(r"checkpoint-(\d{8})\.json")
_FIELDS = {
    "number": int,
    "store": str,
    "seq": int,
    "hash": str,
    "at": str,
    "previous": str,
    "key": str,
    "signature": str,
}


@dataclass(frozen=True)
class Checkpoint:
    """What the log was at a moment.

    Parameters
    ----------
    number
        From 1, without gaps.
    store
        Identity of the store.
    seq, hash
        Of the last row of the log.
    at
        When, ISO 8601 in UTC.
    previous
        SHA-256 of the file before it; empty for the first.
    key
        SHA-256 of the public key.
    """

    number: int
    store: str
    seq: int
    hash: str
    at: str
    previous: str
    key: str
    signature: str = ""

    def signed_bytes(self) -> bytes:
        """What the signature covers."""
        told = {name: value for name, value in vars(self).items() if name != "signature"}
        return b"wangge checkpoint\n" + canonical(told, what_zh="校验点", what_en="the checkpoint").encode()

    def file_bytes(self) -> bytes:
        """The content of its file."""
        return canonical(vars(self), what_zh="校验点", what_en="the checkpoint").encode() + b"\n"


def make_key(path: Path) -> str:
    """Make a private key that only its owner may read; the public one as PEM.

    Raises
    ------
    ConfigError
        There is such a file already, or it cannot be written.
    """
    key = Ed25519PrivateKey.generate()
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise ConfigError(
            zh=f"无法新建密钥文件 {path}:{error.strerror}", en=f"Cannot make {path}: {error.strerror}"
        ) from error
    with os.fdopen(handle, "wb") as file:
        file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return _public_pem(key.public_key()).decode()


def read_private_key(path: Path) -> Ed25519PrivateKey:
    """The private key in a file.

    Raises
    ------
    ConfigError
        It cannot be read, is no Ed25519 key, or can be read by everybody.
    """
    try:
        if path.stat().st_mode & stat.S_IROTH:
            raise ConfigError(zh=f"密钥 {path} 任何人都可读取。", en=f"The key {path} can be read by everybody.")
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise ConfigError(zh=f"无法读取私钥 {path}。", en=f"Cannot read the private key {path}.") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigError(zh=f"{path} 不是 Ed25519 私钥。", en=f"{path} is no Ed25519 key.")
    return key


def read_public_key(path: Path) -> Ed25519PublicKey:
    """The public key in a file.

    Raises
    ------
    ConfigError
        It cannot be read, or is no Ed25519 key.
    """
    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError, TypeError) as error:
        raise ConfigError(zh=f"无法读取公钥 {path}。", en=f"Cannot read the public key {path}.") from error
    if not isinstance(key, Ed25519PublicKey):
        raise ConfigError(zh=f"{path} 不是 Ed25519 公钥。", en=f"{path} is no Ed25519 key.")
    return key


def write_checkpoint(store: Store, folder: Path, key: Ed25519PrivateKey, *, now: datetime) -> Checkpoint | None:
    """Sign what the log is now into a new file; None where the last checkpoint says the same, or another was quicker.

    Raises
    ------
    StoreError
        The folder cannot be written, or its last file is no checkpoint.
    """
    require_zone(now)
    seq, _, latest = store.audit.checkpoint().partition(":")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _keep_public(folder / PUBLIC_NAME, key.public_key())
        last = _last(folder)
        if last is not None and (last[0].seq, last[0].hash, last[0].store) == (int(seq), latest, store.identity):
            return None
        number, previous = (last[0].number + 1, last[1]) if last is not None else (1, "")
        fingerprint = _fingerprint(key.public_key())
        made = Checkpoint(number, store.identity, int(seq), latest, now.isoformat(), previous, fingerprint)
        made = Checkpoint(**(vars(made) | {"signature": base64.b64encode(key.sign(made.signed_bytes())).decode()}))
        return made if _write_new(folder / f"checkpoint-{number:08d}.json", made.file_bytes()) else None
    except OSError as error:
        raise StoreError(
            zh=f"校验点目录 {folder} 无法写入:{error.strerror}",
            en=f"The folder of checkpoints {folder} cannot be written: {error.strerror}",
        ) from error


def last_moment(folder: Path) -> datetime | None:
    """When the last checkpoint of a folder was made; None before the first.

    Raises
    ------
    StoreError
        Its last file is no checkpoint.
    """
    last = _last(folder)
    return None if last is None else datetime.fromisoformat(last[0].at)


def verify_checkpoints(store: Store, folder: Path, key: Ed25519PublicKey) -> list[Finding]:
    """Everything in which the log of a store and the checkpoints of a folder do not fit together.

    Parameters
    ----------
    key
        The public key that whoever audits got when it was made.
    """
    found: list[Finding] = []
    digest, expected = "", 1
    files = _files(folder)
    if not files:
        return [_finding(f"目录 {folder} 中没有校验点。", f"There is no checkpoint in {folder}.")]
    for path in files:
        content = path.read_bytes()
        checkpoint = _parsed(path.name, content)
        number = int(path.name[11:19])
        if number != expected:
            found.append(
                _finding(
                    f"缺少校验点 {expected} 至 {number - 1}。", f"Checkpoints {expected} to {number - 1} are gone."
                )
            )
        elif checkpoint is not None and checkpoint.previous != digest:
            found.append(
                _finding(f"校验点 {number} 与前一个不衔接。", f"Checkpoint {number} does not follow the one before it.")
            )
        found += _against(store, number, checkpoint, key)
        digest, expected = hashlib.sha256(content).hexdigest(), number + 1
    return found


def _against(store: Store, number: int, checkpoint: Checkpoint | None, key: Ed25519PublicKey) -> list[Finding]:
    if checkpoint is None or checkpoint.number != number or not _is_signed(checkpoint, key):
        return [_finding(f"校验点 {number} 是伪造的或已损坏。", f"Checkpoint {number} is forged or damaged.")]
    if checkpoint.store != store.identity:
        return [_finding(f"校验点 {number} 属于另一个数据库。", f"Checkpoint {number} is of another store.")]
    if checkpoint.seq == 0:
        return []
    rows = store.audit.since(checkpoint.seq - 1, 1)
    if not rows:
        zh = f"校验点 {number} 有第 {checkpoint.seq} 行,日志没有:末尾被截断,或数据库从更早的备份恢复。"
        en = f"Checkpoint {number} knows row {checkpoint.seq}, the log does not: its end was cut, or an older backup restored."
        return [_finding(zh, en)]
    if (rows[0].seq, rows[0].hash) != (checkpoint.seq, checkpoint.hash):
        zh = f"第 {checkpoint.seq} 行与校验点 {number} 不符:日志被改写。"
        en = f"Row {checkpoint.seq} is not what checkpoint {number} says: the log was rewritten."
        return [_finding(zh, en)]
    return []


def _is_signed(checkpoint: Checkpoint, key: Ed25519PublicKey) -> bool:
    try:
        key.verify(base64.b64decode(checkpoint.signature, validate=True), checkpoint.signed_bytes())
    except (InvalidSignature, ValueError):
        return False
    return True


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("checkpoint-*.json") if _NAME.fullmatch(path.name))


def _last(folder: Path) -> tuple[Checkpoint, str] | None:
    files = _files(folder)
    if not files:
        return None
    content = files[-1].read_bytes()
    checkpoint = _parsed(files[-1].name, content)
    if checkpoint is None:
        raise StoreError(zh=f"{files[-1]} 不是校验点。", en=f"{files[-1]} is no checkpoint.")
    return checkpoint, hashlib.sha256(content).hexdigest()


def _parsed(name: str, content: bytes) -> Checkpoint | None:
    try:
        told: Any = json.loads(content)
    except ValueError:
        return None
    if not isinstance(told, dict) or {key: type(value) for key, value in told.items()} != _FIELDS:
        return None
    try:
        moment = datetime.fromisoformat(told["at"])
    except ValueError:
        return None
    return Checkpoint(**told) if moment.tzinfo is not None and name == f"checkpoint-{told['number']:08d}.json" else None


def _write_new(path: Path, content: bytes) -> bool:
    """A whole new file under a name that nobody has yet; False where somebody has."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.{get_ident()}.part")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    return True


def _keep_public(path: Path, key: Ed25519PublicKey) -> None:
    if not path.exists():
        path.write_bytes(_public_pem(key))


def _public_pem(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _fingerprint(key: Ed25519PublicKey) -> str:
    return hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()


def _finding(zh: str, en: str) -> Finding:
    return Finding("audit", "checkpoint", 1, zh, en)
