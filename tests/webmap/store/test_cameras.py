"""The history of every camera's status, and zones that must not be watched, in both stores."""

from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
import shapely

from gis.errors import GeometryError, InputError, NotFoundError, ScopeError
from tests.webmap.store.conftest import NOW, SUPERVISOR_A
from webmap.store import LOCAL_OPERATOR, Store, open_store, restore_store

YARD = shapely.box(106.70, 39.50, 106.701, 39.501)


def put(store: Store, mask_id: str = "m1", shape: shapely.Geometry = YARD, **told: str) -> None:
    words = {"name": "西院", "reason": "住户窗户"} | told
    store.cameras.put_mask(mask_id, shape, viewer=LOCAL_OPERATOR, now=NOW, **words)  # type: ignore[arg-type]


def test_every_change_of_status_is_kept_with_its_moment(wuda: Store, cameras: pd.DataFrame) -> None:
    camera = str(cameras["id"].iloc[0])
    for day, status in enumerate(("online", "online", "offline", "online")):
        wuda.layer("cameras").upsert(
            cameras.assign(status=status), viewer=LOCAL_OPERATOR, now=NOW + timedelta(days=day)
        )  # fmt: skip
    spans = wuda.cameras.history(camera, viewer=LOCAL_OPERATOR)
    assert [(each.status, (each.since - NOW).days) for each in spans] == [("online", 0), ("offline", 2), ("online", 3)]


def test_two_changes_in_one_moment_are_both_kept(wuda: Store, cameras: pd.DataFrame) -> None:
    for status in ("online", "offline"):
        wuda.layer("cameras").upsert(cameras.assign(status=status), viewer=LOCAL_OPERATOR, now=NOW)
    spans = wuda.cameras.history(str(cameras["id"].iloc[0]), viewer=LOCAL_OPERATOR)
    assert [each.status for each in spans] == ["online", "offline"]


def test_a_camera_of_another_street_has_no_history_for_a_limited_viewer(wuda: Store, cameras: pd.DataFrame) -> None:
    wuda.layer("cameras").upsert(cameras.assign(status="online"), viewer=LOCAL_OPERATOR, now=NOW)
    mine = set(wuda.layer("cameras").read(SUPERVISOR_A)["id"])
    for camera in cameras["id"]:
        if camera in mine:
            assert wuda.cameras.history(camera, viewer=SUPERVISOR_A)
        else:
            with pytest.raises(NotFoundError):
                wuda.cameras.history(camera, viewer=SUPERVISOR_A)


def test_register_columns_come_back_as_they_went_in(wuda: Store, cameras: pd.DataFrame) -> None:
    told = cameras.assign(owner="公安分局", retention_days=30.0, presets="90;180:60", notice="yes", tilt=12.5)
    wuda.layer("cameras").upsert(told, viewer=LOCAL_OPERATOR, now=NOW)
    back = wuda.layer("cameras").read(LOCAL_OPERATOR).iloc[0]
    assert (back["owner"], back["retention_days"], back["presets"], back["notice"], back["tilt"]) == (
        "公安分局",
        30,
        "90;180:60",
        "yes",
        12.5,
    )


def test_a_mask_is_kept_replaced_and_dropped_and_each_is_a_change(wuda: Store) -> None:
    before = wuda.changes.last()
    put(wuda)
    put(wuda, name="东院")
    assert wuda.cameras.masks()[["id", "camera", "name", "reason"]].to_numpy().tolist() == [
        ["m1", "", "东院", "住户窗户"]
    ]
    assert wuda.cameras.masks().geometry.iloc[0].equals(YARD)
    wuda.cameras.remove_mask("m1", viewer=LOCAL_OPERATOR, now=NOW)
    assert wuda.cameras.masks().empty
    assert wuda.changes.last() == before + 3
    with pytest.raises(NotFoundError):
        wuda.cameras.remove_mask("m1", viewer=LOCAL_OPERATOR, now=NOW)


def test_masks_and_histories_survive_a_backup(wuda: Store, cameras: pd.DataFrame, tmp_path: Path) -> None:
    wuda.layer("cameras").upsert(cameras.assign(status="online"), viewer=LOCAL_OPERATOR, now=NOW)
    put(wuda)
    wuda.backup(tmp_path / "b.zip", now=NOW)
    url = f"sqlite:///{tmp_path / 'again.db'}"
    restore_store(url, tmp_path / "b.zip")
    again = open_store(url)
    assert again.cameras.masks().geometry.iloc[0].equals(YARD)
    assert again.cameras.history(str(cameras["id"].iloc[0]), viewer=LOCAL_OPERATOR)
    again.close()


def test_what_is_no_mask_is_refused(wuda: Store) -> None:
    for shape in (
        shapely.Polygon(),
        shapely.Point(0, 0),
        shapely.box(0, 0, 200, 1),
        shapely.Polygon([(0, 0), (1, 1), (0, 1), (1, 0)]),
    ):
        with pytest.raises(GeometryError):
            put(wuda, shape=shape)
    with pytest.raises(InputError):
        put(wuda, name=" ")
    with pytest.raises(NotFoundError):
        put(wuda, camera="nobody")
    with pytest.raises(ScopeError):
        wuda.cameras.put_mask("m2", YARD, name="院", reason="", viewer=SUPERVISOR_A, now=NOW)
