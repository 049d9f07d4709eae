"""The page of the side desks: everybody gets the parts his roles know, in one language, with the moves that are open to him."""

import re
from collections.abc import Iterator

import pytest

from tests.webmap.cases.town import ACCOUNTS, Town
from tests.webmap.store.conftest import GRIDS, NOW, STREET_A
from webmap.auth.permissions import Grant
from webmap.i18n import catalog
from webmap.side_desks import disputes, inspections, key_areas, supervision
from webmap.store.case_scope import CASE_OPERATOR


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town with a schedule that is due, an order and a dispute."""
    folder = tmp_path_factory.mktemp("side-page")
    town = Town(f"sqlite:///{folder / 'town.db'}", folder)
    place = {"lon": 106.705, "lat": 39.405}
    site = {
        "id": "schedule-0000-0000-0001",
        "site": "KD0001",
        "kind": "courier",
        "name": "快递点",
        "name_en": "Outlet 1",
        **place,
    }
    site |= {"start": NOW.date().isoformat(), "every_days": 3}
    inspections.plan(town.services, site, viewer=CASE_OPERATOR)
    order = {"id": "order-0000-0000-00001", "unit": "water", "asks": "mend <it>", "area": STREET_A}
    supervision.give(town.services, order | {"limit": {"amount": 3, "unit": "working_day"}}, viewer=CASE_OPERATOR)
    dispute = {"id": "dispute-0000-0000-0001", "category": "D01", "title": "Noise", **place}
    disputes.register(town.services, dispute, viewer=CASE_OPERATOR)
    area = {"id": "keyarea-0000-0000-0001", "name": "Market <square>", "why": "Thefts at night", "grids": [GRIDS[0]]}
    key_areas.propose(town.services, area, viewer=CASE_OPERATOR)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(ACCOUNTS, "mia", [Grant("mediator", STREET_A)])
        patch.setitem(ACCOUNTS, "look", [Grant("viewer", STREET_A)])
        yield town
    town.close()


PARTS = {
    "desk": {"due", "orders", "disputes", "new_order", "new_dispute", "check", "key_areas", "area.new"},
    "boss": {"due", "orders", "disputes", "new_order", "check", "key_areas", "area.new"},
    "worker": {"due", "check"},
    "pipe": {"orders"},
    "mia": {"disputes"},
    "figures": {"key_areas"},
    "check": {"key_areas"},
}


def test_everybody_gets_the_parts_that_his_roles_know(town: Town) -> None:
    words = catalog("en")
    for name, parts in PARTS.items():
        page = town.client(name).get("/side?lang=en")
        assert page.status_code == 200, name
        shown = set().union(*PARTS.values())
        assert {part for part in shown if f">{words[f'side.{part}']}<" in page.text} == parts, name
    assert town.client("look").get("/side").status_code == 403


def test_a_record_shows_the_moves_that_are_open_to_its_reader_and_its_text_as_text(town: Town) -> None:
    desk, pipe = (town.client(name).get("/side?lang=en").text for name in ("desk", "pipe"))
    moves = lambda page: set(re.findall(r'name="move" value="(\w+)"', page))  # noqa: E731
    assert moves(pipe) == {"sign", "reply"}
    assert moves(desk) == {"withdraw", "accept", "reject"}
    assert moves(town.client("boss").get("/side?lang=en").text) == {"withdraw", "extend", "designate", "decline"}
    assert "mend &lt;it&gt;" in pipe
    assert 'data-post="/api/supervision/order-0000-0000-00001/transitions"' in pipe
    assert "Outlet 1" in desk
    assert "Outlet 1" not in town.client("desk-b").get("/side?lang=en").text


@pytest.mark.parametrize("name", list(PARTS))
def test_the_english_page_has_no_chinese_but_names(town: Town, name: str) -> None:
    page = town.client(name).get("/side?lang=en").text
    words = re.sub(r"<script.*?</script>|<[^>]+>", "", page, flags=re.S).replace("中文", "")
    assert set(re.findall(r"[\u4e00-\u9fff]+", words)) <= {"乌达区", "区域"}


def test_a_key_area_is_drawn_and_leads_to_the_map_and_a_grid_of_the_address_is_chosen(town: Town) -> None:
    page = town.client("boss").get(f"/side?lang=en&grid={GRIDS[1]}").text
    assert "Market &lt;square&gt;" in page
    assert '<svg class="area-map"' in page
    assert 'class="key" d="M' in page
    assert "key_areas&amp;at=" in page
    assert f'<option value="{GRIDS[1]}" selected>' in page
    assert f'<option value="{GRIDS[0]}">' in page
    assert "Market" not in town.client("desk-b").get("/side?lang=en").text


def test_a_site_is_named_in_the_language_of_the_page_and_moments_are_of_the_district(town: Town) -> None:
    chinese, english = (town.client("worker").get(f"/side?lang={lang}").text for lang in ("zh", "en"))
    assert "<b>快递点</b>" in chinese
    assert "<b>Outlet 1</b>" in english
    assert "快递点" not in english
    assert '"zone":"Asia/Shanghai"' in english
