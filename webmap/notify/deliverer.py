"""Delivers what is in the outbox: one thread a process asks, one process at a time delivers to a receiver, in order.

At least once: a receiver is marked after it took a message, so that a kill in between sends it again with the same id.
A message that fails waits ever longer and holds back those after it; after so many tries it is given up, kept as a dead
letter, and the next one gets its turn.
"""

import os
import secrets
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import numpy as np

from gis.errors import ConfigError, DeliveryError
from webmap.notify.mail import MailSender
from webmap.notify.receivers import Receivers, Wanted
from webmap.notify.webhooks import WebhookSender
from webmap.store.outbox import Message, Outbox


class Sender(Protocol):
    """One receiver, as the deliverer knows it."""

    @property
    def name(self) -> str:
        """Of the receiver."""

    @property
    def wanted(self) -> Wanted:
        """Which messages it gets."""

    def send(self, message: Message, *, now: datetime) -> None:
        """Return when it was taken; raise ``DeliveryError`` otherwise."""


@dataclass(frozen=True)
class Patience:
    """How often and how long to try.

    Parameters
    ----------
    tries
        After so many a message is given up.
    first, longest
        Wait after the first failure, doubled with each, up to the longest. Half of a wait is chance, so that receivers
        that come back are not asked by everybody at once.
    lease
        How long one process delivers to a receiver without a sign of life.
    """

    tries: int = 24
    first: timedelta = timedelta(seconds=5)
    longest: timedelta = timedelta(hours=1)
    lease: timedelta = timedelta(minutes=2)

    def wait(self, tries: int, rng: np.random.Generator) -> timedelta:
        """How long to wait after a number of failures.

        Parameters
        ----------
        tries
            From 1.
        rng
            Chooses between half of the wait and all of it.
        """
        whole = self.first.total_seconds() * 2.0 ** min(tries - 1, 30)
        return min(timedelta(seconds=whole), self.longest) * float(rng.uniform(0.5, 1.0))


class Deliverer:
    """Delivers the messages of a store.

    Parameters
    ----------
    outbox
        Of the store.
    senders
        One for each receiver.
    clock
        Gives the present moment.
    rng
        For the waits.
    holder
        Names this process among those who deliver; made from machine, process and chance by default.
    """

    def __init__(
        self,
        outbox: Outbox,
        senders: Iterable[Sender],
        *,
        clock: Callable[[], datetime],
        rng: np.random.Generator,
        patience: Patience | None = None,
        holder: str = "",
    ) -> None:
        self._outbox = outbox
        self._senders = tuple(senders)
        self._clock = clock
        self._rng = rng
        self._patience = patience or Patience()
        self._holder = holder or f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(8)}"
        self._enrolled = False

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the receivers."""
        return tuple(sender.name for sender in self._senders)

    def tick(self) -> int:
        """Deliver everything that is due; how many messages were taken.

        Raises
        ------
        StoreError
            The store cannot be asked now.
        """
        if not self._enrolled:
            self._outbox.enrol(self.names)
            self._enrolled = True
        return sum(self._serve(sender) for sender in self._senders)

    def _serve(self, sender: Sender) -> int:
        # A look first: most ticks find nothing, and a claim takes the write lock.
        if not self._outbox.due(sender.name, now=self._clock()):
            return 0
        if not self._outbox.claim(sender.name, self._holder, now=self._clock(), lease=self._patience.lease):
            return 0
        try:
            return self._deliver(sender)
        finally:
            self._outbox.release(sender.name, self._holder)

    def _deliver(self, sender: Sender) -> int:
        taken = 0
        while batch := self._outbox.next(sender.name, now=self._clock()):
            for position, (message, dead) in enumerate(batch):
                wanted = sender.wanted.takes(message)
                if wanted and not self._sent(sender, message, dead=dead):
                    if dead:
                        continue
                    return taken
                taken += wanted
                # Messages for others are passed by without a write each.
                if wanted or dead or position + 1 == len(batch):
                    now, lease = self._clock(), self._patience.lease
                    if not self._outbox.delivered(sender.name, self._holder, message, now=now, lease=lease):
                        return taken
        return taken

    def _sent(self, sender: Sender, message: Message, *, dead: bool) -> bool:
        try:
            sender.send(message, now=self._clock())
        except DeliveryError as error:
            self._outbox.failed(
                sender.name, self._holder, message, error.en, now=self._clock(), next_at=self._again(sender, dead=dead)
            )
            return False
        return True

    def _again(self, sender: Sender, *, dead: bool) -> datetime | None:
        tries = self._outbox.tries(sender.name) + 1
        if dead or tries >= self._patience.tries:
            return None
        return self._clock() + self._patience.wait(tries, self._rng)


def senders_for(receivers: Receivers) -> list[Sender]:
    """A sender for each receiver.

    Raises
    ------
    ConfigError
        There are mailboxes and no server.
    """
    found: list[Sender] = [WebhookSender(each) for each in receivers.webhooks]
    for mailbox in receivers.mailboxes:
        if receivers.server is None:
            raise ConfigError(zh="没有邮件服务器。", en="There is no mail server.")
        found.append(MailSender(mailbox, receivers.server))
    return found
