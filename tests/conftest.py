"""Fixtures that are nouns of the story: the Wuda areas, the big real sets, a seeded generator."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import settings

from webmap.kernel_cache import keep_for_user

# One cache for tests and the commands that they start: nothing is compiled twice.
keep_for_user()

# Tests never assert on wall time, and a deadline for each example is just that.
settings.register_profile("wangge", deadline=None)
settings.load_profile("wangge")

ROOT = Path(__file__).resolve().parent.parent
LONGEST = "test_cli.py"
LONG_FILES = ("test_plan_discretion.py", "test_case_durability.py", "test_camera_studies.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long come first, so that at the end no process works alone at one of them.

    The longest is the very first: it needs no sample, so that its process does not wait while another one makes that.
    """
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    if item.path.name == LONGEST:
        return 0
    return 1 if item.get_closest_marker("browser") is not None or item.path.name in LONG_FILES else 2


@pytest.fixture(scope="session")
def wuda_areas() -> gpd.GeoDataFrame:
    """The shipped area tree of Wuda, as the ``areas`` table."""
    frame = gpd.read_file(ROOT / "data" / "layers" / "areas.geojson", engine="pyogrio")
    text = ["code", "parent", "level", "kind", "name_zh", "name_en", "code_nbs", "code_mca", "valid_from", "valid_to"]
    frame[text] = frame[text].fillna("").astype("str")
    frame["households"] = frame["households"].astype("Int64")
    return frame


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The large real sets beside the checkout; only tests marked ``real`` ask for them."""
    return ROOT.parent / "shared" / "data"


@pytest.fixture
def rng() -> np.random.Generator:
    """A generator with a fixed seed."""
    return np.random.default_rng(20231110)
