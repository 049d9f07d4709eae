"""``wangge audit``: the chain of the audit log and its signed checkpoints. It parses and prints, and decides nothing."""

from pathlib import Path

import click

from gis.errors import InputError
from webmap.command import DONE, FINDINGS, shared
from webmap.console import Console


@click.group()
def audit() -> None:
    """审计日志 / the audit log."""


@audit.command(name="verify")
@click.option("--checkpoint", default="", metavar="SEQ:HASH", help="以前输出的校验点 / a checkpoint printed before")
@click.option("--checkpoints", type=click.Path(path_type=Path), help="签名校验点目录 / folder of signed checkpoints")
@click.option("--public-key", type=click.Path(path_type=Path), help="公钥 / public key [目录内 the one in the folder]")
@shared
def audit_verify(console: Console, checkpoint: str, checkpoints: Path | None, public_key: Path | None) -> int:
    """核对审计日志的哈希链 / verify the chain of the audit log, and print its checkpoint."""
    from webmap.store.checkpoints import PUBLIC_NAME, read_public_key, verify_checkpoints

    with console.open() as services:
        found = services.store.audit.verify(checkpoint=checkpoint)
        if checkpoints is not None:
            key = read_public_key(public_key or checkpoints / PUBLIC_NAME)
            found += verify_checkpoints(services.store, checkpoints, key)
        latest = services.store.audit.checkpoint()
    if checkpoints is not None and public_key is None:
        console.say(
            "使用了目录内的公钥:能替换校验点的人也能替换它;请用 --public-key 指定自己保存的公钥。",
            "The key of the folder itself was used: whoever can swap the checkpoints can swap it; tell yours by --public-key.",
        )
    lines = [console.text(each.zh, each.en) for each in found]
    lines = lines or [console.text("审计日志完整", "The audit log is whole")]
    text = "\n".join([*lines, console.text(f"校验点 {latest}", f"checkpoint {latest}")])
    data = {"findings": [{"zh": each.zh, "en": each.en} for each in found], "checkpoint": latest}
    console.result(data, zh=text, en=text)
    return FINDINGS if found else DONE


@audit.command(name="key")
@click.argument("file", type=click.Path(path_type=Path))
@shared
def audit_key(console: Console, file: Path) -> int:
    """新建签名私钥并输出公钥 / make a private key and print the public one, which whoever audits keeps."""
    from webmap.store.checkpoints import make_key

    public = make_key(file)
    console.result({"file": str(file), "public_key": public}, zh=public.rstrip(), en=public.rstrip())
    return DONE


@audit.command(name="checkpoint")
@click.option("--to", type=click.Path(path_type=Path), help="目录 / folder [checkpoints]")
@click.option("--key", type=click.Path(path_type=Path), help="私钥 / private key [checkpoint_key]")
@shared
def audit_checkpoint(console: Console, to: Path | None, key: Path | None) -> int:
    """签名一个校验点并存入另一处 / sign a checkpoint into a folder elsewhere."""
    from webmap.store.checkpoints import read_private_key, write_checkpoint

    config = console.config()
    folder = to or (Path(config.checkpoints) if config.checkpoints else None)
    key_file = key or (Path(config.checkpoint_key) if config.checkpoint_key else None)
    if folder is None or key_file is None:
        raise InputError(
            zh="请指定 --to 与 --key,或设置 checkpoints 与 checkpoint_key。",
            en="Say --to and --key, or set checkpoints and checkpoint_key.",
        )
    with console.open(config) as services:
        made = write_checkpoint(services.store, folder, read_private_key(key_file), now=services.clock())
    if made is None:
        console.result(
            {"number": None}, zh="自上一个校验点以来日志没有变化", en="Nothing new since the last checkpoint"
        )
        return DONE
    console.result(
        vars(made), zh=f"校验点 {made.number}:第 {made.seq} 行", en=f"Checkpoint {made.number}: row {made.seq}"
    )
    return DONE
