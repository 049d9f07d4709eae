"""The whole job on a city that is not Chinese: Toronto through the command, and the map opens on it."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.conftest import CHROMIUM, FLAGS, WANGGE, Watched, add_supervisor, open_session, serve
from webmap.auth.gate import COOKIE

pytestmark = [pytest.mark.real, pytest.mark.browser]


def wangge(*words: object) -> None:
    """Run the command and expect it to be done."""
    done = subprocess.run([WANGGE, *map(str, words)], capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr + done.stdout


@pytest.fixture(scope="module")
def toronto_map(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Address of a map and a supervisor's session, over Toronto's divisions, neighbourhoods and 240,992 incidents."""
    assert sys.executable
    folder = shared_data / "incidents" / "toronto"
    db = f"sqlite:///{tmp_path_factory.mktemp('toronto') / 'toronto.db'}"
    wangge("init", "--name", "多伦多", "--name-en", "Toronto", "--zone", "America/Toronto", "--db", db)
    for file, level, code, name in (("police_divisions.geojson", "street", "DIV", "UNIT_NAME"),
                                    ("neighbourhoods.geojson", "community", "AREA_SHORT_CODE", "AREA_NAME")):  # fmt: skip
        subprocess.run(
            [WANGGE, "import", "areas", str(folder / file), "--datum", "wgs84", "--level", level, "--map", f"code={code}",
             "--map", f"name={name}", "--db", db], timeout=120, check=False, capture_output=True,
        )  # fmt: skip
    wangge("import", "incidents", folder / "toronto_mci_2014_2021.csv.gz", "--datum", "wgs84", "--db", db)
    wangge("hotspots", "--db", db, "--from", "2019-01-01", "--to", "2019-12-31")
    add_supervisor(db)
    token = open_session(db)
    yield from ((base, token) for base in serve(db))


def test_the_map_opens_on_toronto(toronto_map: tuple[str, str]) -> None:
    base, token = toronto_map
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": COOKIE, "value": token, "url": base, "httpOnly": True}])
        watched = Watched(context.new_page(), base)
        watched.page.on(
            "request",
            lambda r: None if r.url.startswith((base, "data:", "blob:")) else watched.outside.append(r.url),
        )
        watched.page.on("console", lambda m: watched.complaints.append(m.text) if m.type == "error" else None)
        page = watched.go("/?lang=en")
        assert "Toronto" in page.title()
        totals = page.text_content("#totals") or ""
        assert "240,992" in totals
        assert "140" in totals, "the finest level with outlines is the neighbourhood"
        page.click("#tab-hot")
        assert page.locator("#hot-list tbody tr").count() == 30
        watched.clean()
        browser.close()
