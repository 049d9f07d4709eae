"""The desk's cases, for its pages."""

from tests.webmap.cases.conftest import desk, desk_db

__all__ = ["desk", "desk_db"]
