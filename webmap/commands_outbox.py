"""``wangge outbox``: messages to the outside and how far each receiver has got. It parses and prints."""

import click

from webmap.command import DONE, FINDINGS, shared
from webmap.console import Console


@click.group()
def outbox() -> None:
    """待发消息 / messages to the outside."""


@outbox.command(name="list")
@click.option("--after", type=click.IntRange(0), default=0, help="从此序号之后 / after this number")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True, help="条数 / messages")
@shared
def outbox_list(console: Console, after: int, limit: int) -> int:
    """列出消息与各接收方进度 / messages, and how far each receiver has got."""
    with console.open() as services:
        receivers = services.store.outbox.receivers()
        messages = services.store.outbox.list(after=after, limit=limit)
    lines = [
        console.text(
            f"{each.name}:已到 {each.reached},待发 {each.waiting},死信 {each.dead} {each.error}".rstrip(),
            f"{each.name}: reached {each.reached}, waiting {each.waiting}, dead {each.dead} {each.error}".rstrip(),
        )
        for each in receivers
    ]
    lines += [f"{each.seq}  {each.at.isoformat()}  {each.topic}  {each.ref}  {each.id}" for each in messages]
    text = "\n".join(lines) or console.text("没有消息", "There are no messages")
    data = {"receivers": [vars(each) for each in receivers], "messages": [vars(each) for each in messages]}
    console.result(data, zh=text, en=text)
    return DONE


@outbox.command(name="dead")
@click.option("--receiver", default="", help="接收方 / receiver [全部 all]")
@shared
def outbox_dead(console: Console, receiver: str) -> int:
    """列出死信 / what was given up; status 1 if there is any."""
    with console.open() as services:
        found = services.store.outbox.dead(receiver)
    lines = [f"{each.receiver}  {each.seq}  {each.topic}  {each.ref}  {each.tries}  {each.error}" for each in found]
    text = "\n".join(lines) or console.text("没有死信", "There are no dead letters")
    console.result([vars(each) for each in found], zh=text, en=text)
    return FINDINGS if found else DONE


@outbox.command(name="retry")
@click.argument("receiver")
@click.option("--seq", "seqs", type=int, multiple=True, help="序号 / number, again for each [全部 all]")
@shared
def outbox_retry(console: Console, receiver: str, seqs: tuple[int, ...]) -> int:
    """重发死信,并立即再试等待中的消息 / send dead letters once more, and what waits without waiting longer."""
    from webmap.store import LOCAL_OPERATOR

    with console.open() as services:
        count = services.store.outbox.retry(receiver, viewer=LOCAL_OPERATOR, now=services.clock(), seqs=seqs)
    console.result({"receiver": receiver, "count": count}, zh=f"将重发 {count} 条", en=f"{count} will be sent again")
    return DONE
