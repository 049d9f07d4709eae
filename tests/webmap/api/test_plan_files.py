"""A plan's files through the door: the right kind, named, noted, and the sheet's code leads to the team's page."""

import io
import re

import openpyxl
from flask.testing import FlaskClient

from tests.gis.exports.qr_reader import read


def newest(client: FlaskClient) -> dict[str, object]:
    found: dict[str, object] = client.get("/api/plans/latest.json").get_json()
    return found


def test_the_workbook_and_the_kml_leave_as_files_of_their_kind(client: FlaskClient) -> None:
    plan = newest(client)
    book = client.get(f"/plans/{plan['id']}.xlsx?lang=en")
    assert book.mimetype == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert len(openpyxl.load_workbook(io.BytesIO(book.data)).sheetnames) == len(plan["teams"]) + 1
    kml = client.get(f"/plans/{plan['id']}/teams/0.kml")
    assert kml.mimetype == "application/vnd.google-earth.kml+xml"
    assert kml.headers["Content-Disposition"] == "attachment; filename=patrol-1.kml"
    for lost in ("/plans/none.xlsx", "/plans/none/teams/0.kml", f"/plans/{plan['id']}/teams/99.kml"):
        assert client.get(lost).status_code == 404


def test_a_plan_on_sound_streets_has_nothing_to_say_of_them(client: FlaskClient) -> None:
    notes = newest(client)["notes"]
    assert len(notes) == 1
    assert notes[0]["en"].startswith("Learned from what people reported alone")


def test_the_code_on_the_sheet_leads_to_the_teams_page(client: FlaskClient) -> None:
    plan = newest(client)
    page = client.get(f"/plans/{plan['id']}/teams/1/sheet").get_data(as_text=True)
    (code,) = re.findall(r'<figure class="qr">(<svg.*?</svg>)', page)
    assert read(code) == f"http://localhost/patrol/{plan['id']}/1"
