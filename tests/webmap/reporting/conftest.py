"""A town that is open to everybody."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.webmap.reporting.reporting_town import OPEN, ReportingTown


@pytest.fixture
def town(tmp_path: Path) -> Iterator[ReportingTown]:
    """A town where everybody may report."""
    town = ReportingTown(tmp_path, **OPEN)
    yield town
    town.close()
