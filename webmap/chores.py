"""What a server process does by itself: deliver messages, act on clocks, sign checkpoints, delete what is over.

It puts the parts together and decides only when; each part bears that other processes do the same.
"""

from datetime import timedelta
from pathlib import Path

import numpy as np

from webmap.cases.ticks import tick
from webmap.notify.deliverer import Deliverer, senders_for
from webmap.notify.receivers import read_receivers
from webmap.ops.background import Background
from webmap.plan_life import retire
from webmap.services import Services
from webmap.store.checkpoints import last_moment, read_private_key, write_checkpoint

DELIVER_S = 1.0
"""Seconds between two looks at the outbox."""

SIGN_EVERY = timedelta(hours=1)

_LOOK_S = 60.0
_CLEAN_S = 3600.0


def chores(services: Services) -> Background:
    """The background work of a process, not yet begun.

    Raises
    ------
    ConfigError
        The file of receivers or the key cannot be used: the server then does not start.
    """
    work = Background()
    config = services.config
    names: tuple[str, ...] = ()
    if config.notify:
        rng = np.random.default_rng()
        senders = senders_for(read_receivers(Path(config.notify)))
        deliverer = Deliverer(services.store.outbox, senders, clock=services.clock, rng=rng)
        names = deliverer.names
        work.add("outbox", DELIVER_S, deliverer.tick)
    if config.checkpoints:
        read_private_key(Path(config.checkpoint_key))
        work.add("checkpoints", _LOOK_S, lambda: sign_if_due(services))
    work.add("clocks", _LOOK_S, lambda: tick(services))
    work.add("clean", _CLEAN_S, lambda: clean(services, names))
    return work


def sign_if_due(services: Services) -> bool:
    """Sign a checkpoint where the last one is an hour old; whether one was made.

    Raises
    ------
    StoreError
        The folder cannot be written.
    ConfigError
        The key cannot be read.
    """
    folder, now = Path(services.config.checkpoints), services.clock()
    last = last_moment(folder)
    if last is not None and now - last < SIGN_EVERY:
        return False
    key = read_private_key(Path(services.config.checkpoint_key))
    return write_checkpoint(services.store, folder, key, now=now) is not None


def clean(services: Services, receivers: tuple[str, ...]) -> dict[str, int]:
    """Delete messages, notifications, photos and single check-ins whose period is over; how many of each."""
    now = services.clock()
    before = now - timedelta(days=services.config.outbox_days)
    return {
        "messages": services.store.outbox.purge(receivers, before=before),
        "notifications": services.store.notifications.purge(before=before),
        "photos": services.store.photos.retire(now=now),
        "checkins": retire(services),
    }
