"""Forecasts in both stores: kept once and never changed, seen inside one's areas alone, told and audited, in every backup."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import select, text

from gis.errors import InputError, NotFoundError, ScopeError, StoreError
from tests.webmap.store.conftest import GRIDS, NOW, STREET_A, STREET_B, SUPERVISOR_A
from webmap.store import LOCAL_OPERATOR, Store, Viewer, open_store, restore_store
from webmap.store.forecasts import StoredForecast
from webmap.store.models import FORECASTS
from webmap.store.row_security import show_forecasts

BODY = {"expected": {GRIDS[0]: 0.25, GRIDS[1]: 1.5}, "card": {"n": 12}}
NIGHT = datetime(2026, 11, 23, 16, tzinfo=UTC)


def keep(store: Store, area: str = "", *, viewer: Viewer = LOCAL_OPERATOR, **more: object) -> StoredForecast:
    told = {"area": area, "category": "", "period": "day", "model": "decayed", "data": "0.2"}
    document = more.pop("document", BODY)
    since = more.pop("since", NIGHT)
    assert isinstance(document, dict)
    assert isinstance(since, datetime)
    until = since + timedelta(days=1)
    return store.forecasts.save(told | more, since=since, until=until, document=document, viewer=viewer, now=NOW)


def test_a_forecast_comes_back_as_it_was_kept_and_is_kept_once(wuda: Store) -> None:
    made = keep(wuda)
    before = wuda.change_seq()
    assert keep(wuda) == made == wuda.forecasts.get(made.id, LOCAL_OPERATOR)
    assert wuda.change_seq() == before
    assert (made.since, made.until, made.document, made.made_by) == (NIGHT, NIGHT + timedelta(days=1), BODY, "local")


def test_a_kept_forecast_never_changes(wuda: Store) -> None:
    keep(wuda, id="f1")
    with pytest.raises(StoreError, match="never changes"):
        keep(wuda, id="f1", document={"expected": {}})
    with pytest.raises(InputError, match="plain JSON"):
        keep(wuda, document={"expected": float("nan")})
    with pytest.raises(InputError, match="category"):
        keep(wuda, category="x" * 201)


def test_the_latest_time_comes_first_and_only_what_was_asked_for(wuda: Store) -> None:
    for number in range(3):
        keep(wuda, id=f"d{number}", since=NIGHT + timedelta(days=number))
    keep(wuda, id="week", period="week")
    keep(wuda, id="theft", category="A01")
    listed = wuda.forecasts.list(LOCAL_OPERATOR, area="", category="", period="day")
    assert [each.id for each in listed] == ["d2", "d1", "d0"]
    assert [each.id for each in wuda.forecasts.list(LOCAL_OPERATOR, category="A01")] == ["theft"]
    assert len(wuda.forecasts.list(LOCAL_OPERATOR, limit=2)) == 2


def test_who_has_a_street_sees_and_keeps_forecasts_of_that_street_alone(wuda: Store) -> None:
    made = {area: keep(wuda, area) for area in ("", STREET_A, STREET_B)}
    assert [each.id for each in wuda.forecasts.list(SUPERVISOR_A)] == [made[STREET_A].id]
    assert wuda.forecasts.get(made[STREET_A].id, SUPERVISOR_A).area == STREET_A
    for area in ("", STREET_B):
        with pytest.raises(NotFoundError):
            wuda.forecasts.get(made[area].id, SUPERVISOR_A)
        with pytest.raises(ScopeError):
            keep(wuda, area, viewer=SUPERVISOR_A, id="mine")
    assert keep(wuda, STREET_A, viewer=SUPERVISOR_A, id="mine").made_by == "li"


def test_keeping_one_is_told_and_audited_and_does_not_make_the_next_one_another(wuda: Store) -> None:
    before, mark = wuda.change_seq(), wuda.forecasts.data_mark()
    made = keep(wuda, STREET_A)
    (change,) = wuda.changes.since(before)
    assert (change.layer, change.action, change.ref, change.area) == ("forecasts", "save", made.id, STREET_A)
    assert wuda.audit.since(0)[-1].action == "forecasts.save"
    assert wuda.forecasts.data_mark() == mark


def test_new_reports_change_the_mark_of_the_data(wuda: Store, reports: pd.DataFrame) -> None:
    mark = wuda.forecasts.data_mark()
    more = reports.head(1).assign(id="one-more")
    wuda.incidents.upsert(more, viewer=LOCAL_OPERATOR, now=NOW)
    assert wuda.forecasts.data_mark() != mark


def test_forecasts_are_in_a_backup(wuda: Store, tmp_path: Path) -> None:
    made = keep(wuda, STREET_A)
    wuda.backup(tmp_path / "wuda.backup", now=NOW)
    restore_store(f"sqlite:///{tmp_path / 'again.db'}", tmp_path / "wuda.backup")
    again = open_store(f"sqlite:///{tmp_path / 'again.db'}")
    assert again.forecasts.get(made.id, LOCAL_OPERATOR) == made
    again.close()


@pytest.mark.postgres
@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_postgresql_holds_back_what_a_query_forgot_to_hold_back(wuda: Store) -> None:
    made = {area: keep(wuda, area).id for area in ("", STREET_A, STREET_B)}
    everything = select(FORECASTS.c.id)
    for viewer, seen in ((LOCAL_OPERATOR, set(made.values())), (SUPERVISOR_A, {made[STREET_A]})):
        with wuda._database.reading() as connection:
            show_forecasts(connection, viewer)
            assert set(connection.scalars(everything)) == seen
    with wuda._database.reading() as connection:
        assert connection.scalar(text("SELECT count(*) FROM forecasts")) == 0
