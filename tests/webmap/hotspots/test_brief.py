"""The brief fits one page in either language and says what the layer says; cameras stand on it for those who may know alone."""

import re

import pypdfium2
import pytest

from gis.errors import Lang, NotFoundError
from webmap.filters import day_filter
from webmap.hotspots.brief import brief_of
from webmap.hotspots.brief_pdf import brief_pdf
from webmap.hotspots.found import hot_spots
from webmap.hotspots.question import HotSpotQuestion
from webmap.hotspots.sketch import view_box
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR, Viewer

AUTUMN = day_filter("2026-08-01", "2026-10-31", zone="Asia/Shanghai")
QUESTION = HotSpotQuestion()


def pages(services: Services, spot: str, lang: Lang, cameras: Viewer | None = None) -> list[str]:
    told = brief_of(services, LOCAL_OPERATOR, AUTUMN, QUESTION, spot, lang=lang, camera_viewer=cameras)
    with pypdfium2.PdfDocument(brief_pdf(told)) as document:
        return [page.get_textpage().get_text_range().replace("\r\n", " ") for page in document]


def test_every_brief_of_the_sample_is_one_page_in_both_languages(services: Services) -> None:
    found = hot_spots(services, LOCAL_OPERATOR, AUTUMN, QUESTION)
    for spot in [*found.table["id"].head(2), found.table["id"].iloc[-1]]:
        assert len(pages(services, spot, "zh")) == len(pages(services, spot, "en")) == 1


def test_the_page_says_evidence_denominators_period_method_and_when_it_was_made(services: Services) -> None:
    found = hot_spots(services, LOCAL_OPERATOR, AUTUMN, QUESTION)
    first = found.table.iloc[0]
    (english,), (chinese,) = (pages(services, first["id"], lang) for lang in ("en", "zh"))
    counted = int((found.cells.place >= 0).sum())
    for part in (
        first["id"],
        f"{first['count']} of {counted} counted",
        "2026-08-01 - 2026-10-31",
        "Weekdays and hours",
    ):
        assert part in english
    for part in (
        "It does not mean",
        "Ord and Getis 1995",
        "two-sided",
        "Made at 2026-11-23 12:00",
        "Before (2026-05-01",
    ):
        assert part in english
    for part in (
        "热点简报",
        "含义",
        "不代表",
        "方法",
        "出处",
        "双侧",
        "生成于 2026-11-23 12:00",
        "主要类别",
        "上期(2026-05-01",
    ):
        assert part in chinese
    assert not re.search(r"nan|None|\{\}", english + chinese)


def test_cameras_stand_on_the_page_for_those_who_may_know_alone(services: Services) -> None:
    spot = hot_spots(services, LOCAL_OPERATOR, AUTUMN, QUESTION).table["id"].iloc[1]
    (plain,) = pages(services, spot, "en")
    (told,) = pages(services, spot, "en", LOCAL_OPERATOR)
    assert "Cameras that see it" not in plain
    assert re.search(r"Cameras that see it \d+, seeing [\d.]+%", told)


def test_the_same_question_prints_the_same_bytes_and_an_unknown_hot_spot_none(services: Services) -> None:
    spot = hot_spots(services, LOCAL_OPERATOR, AUTUMN, QUESTION).table["id"].iloc[1]
    told = brief_of(services, LOCAL_OPERATOR, AUTUMN, QUESTION, spot, lang="en", camera_viewer=None)
    assert brief_pdf(told) == brief_pdf(told)
    with pytest.raises(NotFoundError):
        brief_of(services, LOCAL_OPERATOR, AUTUMN, QUESTION, "HS-x", lang="en", camera_viewer=None)


def test_the_sketch_shows_the_whole_hot_spot_and_some_ground_around_it(services: Services) -> None:
    for shape in hot_spots(services, LOCAL_OPERATOR, AUTUMN, QUESTION).table.geometry:
        left, bottom, right, top = view_box(shape, 4.0, 3.0)
        west, south, east, north = shape.bounds
        assert left < west < east < right
        assert bottom < south < north < top
        assert (right - left) / (top - bottom) == pytest.approx(4 / 3)
        assert right - left >= 400
