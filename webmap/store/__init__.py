"""The store: records of a district in SQLite or PostgreSQL, limited by viewer on every query."""

from webmap.store._bulk import Upserted
from webmap.store.store import State, Store, init_store, open_store, restore_store
from webmap.store.viewer import LOCAL_OPERATOR, Viewer

__all__ = ["LOCAL_OPERATOR", "State", "Store", "Upserted", "Viewer", "init_store", "open_store", "restore_store"]
