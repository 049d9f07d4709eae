"""One fault of the store, told to the person who must act. It finds nothing itself."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One fault of the store.

    Parameters
    ----------
    kind
        ``damaged``, ``foreign_key``, ``index``, ``geometry``, ``unknown_code``, ``parent``, ``sequence``,
        ``attachment``, ``count``, ``archive``, ``audit``, ``grants``, ``plan``, ``case`` or ``side``.
    table
        Where; empty for the whole store.
    count
        Rows or files concerned.
    zh, en
        What is wrong and what to do.
    """

    kind: str
    table: str
    count: int
    zh: str
    en: str
