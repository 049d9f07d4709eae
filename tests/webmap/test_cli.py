"""The command as a person types it: results on stdout, words on stderr, and the promised exit status."""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import geopandas as gpd
import pytest
from click.testing import CliRunner

from tests.gis.layers import osm_maker
from tests.webmap.conftest import sample_copy
from webmap.cli import cli

WANGGE = str(Path(sys.executable).with_name("wangge"))
SAMPLE = Path(__file__).resolve().parents[2] / "data" / "layers"
Run = Callable[..., subprocess.CompletedProcess[str]]


def wangge_in(folder: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("WANGGE_")}
    return subprocess.run(
        [WANGGE, *map(str, words)], cwd=folder, env=clean, capture_output=True, text=True, timeout=240, check=False
    )


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run ``wangge`` in an empty folder."""
    return partial(wangge_in, tmp_path)


@pytest.fixture(scope="module")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder after ``wangge init``, made once."""
    folder = tmp_path_factory.mktemp("empty")
    assert wangge_in(folder, "init").returncode == 0
    return folder


@pytest.fixture
def run_in_store(empty_store: Path, tmp_path: Path) -> Run:
    """Run ``wangge`` in a folder with an empty store."""
    shutil.copytree(empty_store, tmp_path, dirs_exist_ok=True)
    return partial(wangge_in, tmp_path)


@pytest.fixture(scope="module")
def sample_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A copy of the shipped sample: a plan grows out of earlier ones, which others may be making."""
    return sample_copy(tmp_path_factory)


@pytest.fixture(scope="module")
def on_sample(sample_url: str) -> Run:
    """Run ``wangge`` on that copy."""

    def start(*words: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [WANGGE, *map(str, words), "--db", sample_url], capture_output=True, text=True, timeout=240, check=False
        )

    return start


def test_five_commands_take_a_districts_own_files_to_a_plan(run: Run, tmp_path: Path) -> None:
    """What the README promises, on the sample's files in a store of their own."""
    assert run("init", "--name", "乌达区", "--code", "150304000000").returncode == 0
    for kind, name in (("areas", "areas.geojson"), ("streets", "streets.geojson"), ("places", "places.csv"),
                       ("cameras", "cameras.csv"), ("incidents", "incidents.csv.gz")):  # fmt: skip
        done = run("import", kind, SAMPLE / name, "--rejects", tmp_path / "rejects.csv")
        assert done.returncode == 0, done.stderr + done.stdout
    ranked = json.loads(run("hotspots", "--from", "2026-10-01", "--json", "--top", "5").stdout)
    assert len(ranked["ranked"]) == 5
    assert ranked["grids"] == 157
    planned = run("patrol", "plan", "--date", "2026-11-23", "--teams", "4", "--json")
    plan = json.loads(planned.stdout)
    assert planned.returncode in (0, 1)
    assert len(plan["teams"]) == 4
    assert plan["totals"]["must_served"] == plan["totals"]["must_wanted"]
    exported = run("export", "hotspots", tmp_path / "hot.gpkg")
    assert exported.returncode == 0, exported.stderr
    assert len(gpd.read_file(tmp_path / "hot.gpkg")) == 157


def test_rejects_give_status_one_and_a_file_with_reasons(run: Run, tmp_path: Path) -> None:
    run("init")
    table = "编号,发生时间,类别,经度,纬度\nA1,2026-01-05 08:00,暴露垃圾,106.7,39.5\nA2,someday,暴露垃圾,106.7,39.5\n"
    (tmp_path / "some.csv").write_text(table, "utf-8")
    done = run("import", "incidents", "some.csv", "--datum", "wgs84", "--json")
    assert done.returncode == 1, done.stderr
    report = json.loads(done.stdout)
    assert (report["rows_ok"], report["rows_rejected"]) == (1, 1)
    rejects = (tmp_path / "some.csv.rejects.csv").read_text("utf-8-sig")
    assert "3" in rejects.splitlines()[1]
    assert "发生时间" in rejects or "时间" in rejects


def test_messages_follow_the_language(run: Run) -> None:
    chinese, english = run("hotspots"), run("hotspots", "--lang", "en")
    assert chinese.returncode == english.returncode == 3
    assert "wangge init" in chinese.stderr
    assert "没有" in chinese.stderr
    assert "There is no store" in english.stderr
    assert "Traceback" not in chinese.stderr + english.stderr


@pytest.mark.parametrize(
    "words",
    [("hotspots", "--from", "soon"), ("import", "people", "x.csv"), ("nonsense",), ("patrol", "plan", "--teams", "0"),
     ("import", "incidents", "x.csv", "--map", "time")],
)  # fmt: skip
def test_wrong_use_is_status_two_or_three_and_never_a_traceback(run_in_store: Run, words: tuple[str, ...]) -> None:
    done = run_in_store(*words)
    assert done.returncode in (2, 3)
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr


def test_a_missing_file_is_named(run_in_store: Run) -> None:
    done = run_in_store("import", "incidents", "nowhere.csv", "--lang", "en")
    assert done.returncode == 3
    assert "nowhere.csv" in done.stderr


def test_init_does_not_touch_a_store_that_is_there(run_in_store: Run) -> None:
    again = run_in_store("init", "--lang", "en")
    assert again.returncode == 3
    assert "already" in again.stderr


def test_a_taken_port_is_said_before_any_work(run: Run) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        done = run("demo", "--port", str(other.getsockname()[1]), "--lang", "en")
    assert done.returncode == 2
    assert "Choose another port" in done.stderr
    assert "Importing" not in done.stderr


def test_hot_spots_name_period_denominator_and_test(on_sample: Run) -> None:
    text = on_sample("hotspots", "--lang", "en", "--from", "2026-08-01", "--to", "2026-10-31").stdout
    assert "2026-08-01 - 2026-10-31" in text
    assert "in 157 grids" in text
    assert "FDR 0.05" in text


@pytest.mark.parametrize(
    "layer",
    ["areas", "grids", "incidents", "cameras", "places", "streets", "buildings", "hotspots", "heat", "beats", "patrol"],
)
def test_every_layer_and_result_can_be_exported(sample_url: str, tmp_path: Path, layer: str) -> None:
    """In this process, since each start of the command takes seconds."""
    words = ["export", layer, str(tmp_path / "out.gpkg"), "--from", "2026-10-01", "--datum", "EPSG:4545"]
    done = CliRunner().invoke(cli, [*words, "--db", sample_url])
    assert (done.exit_code, done.exception) == (0, None), done.output
    frame = gpd.read_file(tmp_path / "out.gpkg")
    assert len(frame) > 5
    assert frame.crs.to_epsg() == 4545
    west, south, _, _ = frame.total_bounds
    assert 370_000 < west < 400_000
    assert 4_360_000 < south < 4_400_000


def test_camera_points_do_not_leave_in_a_public_export(on_sample: Run, tmp_path: Path) -> None:
    done = on_sample("export", "cameras", tmp_path / "out.csv", "--public", "--lang", "en")
    assert done.returncode == 3
    assert "may not leave" in done.stderr
    assert not (tmp_path / "out.csv").exists()


def test_the_heat_map_is_written_with_its_unit(on_sample: Run, tmp_path: Path) -> None:
    done = on_sample("heat", tmp_path / "heat.png", "--bandwidth", "300", "--json")
    told = json.loads(done.stdout)
    assert told["unit"] == "incidents per km2 over the period"
    assert told["bandwidth_m"] == 300
    assert (tmp_path / "heat.png").read_bytes().startswith(b"\x89PNG")


def test_the_same_seed_gives_the_same_plan(on_sample: Run) -> None:
    first, again = (
        json.loads(on_sample("patrol", "plan", "--date", "2026-11-24", "--teams", "5", "--seed", "3", "--json").stdout)
        for _ in range(2)
    )
    for part in ("beats", "made_from", "teams"):
        assert first[part] == again[part], part


def test_a_source_of_demand_that_does_not_exist_is_named(on_sample: Run) -> None:
    done = on_sample("patrol", "plan", "--source", "rumour", "--lang", "en")
    assert done.returncode == 3
    assert "No such source of demand: rumour" in done.stderr


def test_backup_restores_into_an_empty_store_and_verifies(on_sample: Run, run: Run, tmp_path: Path) -> None:
    assert on_sample("backup", tmp_path / "wuda.backup").returncode == 0
    other = f"sqlite:///{tmp_path / 'restored.db'}"
    assert run("restore", tmp_path / "wuda.backup", "--db", other).returncode == 0
    before = json.loads(on_sample("hotspots", "--json").stdout)
    after = json.loads(run("hotspots", "--json", "--db", other).stdout)
    assert after == before
    assert run("verify", "--db", other, "--lang", "en").stdout == on_sample("verify", "--lang", "en").stdout


def test_areas_check_finds_the_sample_sound(on_sample: Run) -> None:
    done = on_sample("areas", "check", "--json")
    assert json.loads(done.stdout)["left"] == []
    assert done.returncode == 0


def test_every_command_speaks_json(on_sample: Run) -> None:
    for words in (("hotspots",), ("areas", "check"), ("verify",)):
        json.loads(on_sample(*words, "--json").stdout)


def test_streets_go_from_an_osm_file_to_a_check(run: Run, tmp_path: Path) -> None:
    """Without streets it says what to do; then loose parts are findings, with a layer of where they are."""
    run("init")
    none = run("streets", "check", "--lang", "en")
    assert none.returncode == 3
    assert "wangge import streets" in none.stderr
    nodes = [(i, 106.7 + i / 1000, 39.5, {}) for i in range(1, 5)]
    ways = [(11, [1, 2], {"highway": "residential"}), (12, [3, 4], {"highway": "service", "access": "private"}),
            (13, [2, 3], {"highway": "steps"}), (14, [4, 4], {"highway": "path"})]  # fmt: skip
    (tmp_path / "town.osm.pbf").write_bytes(osm_maker.pbf(nodes, ways))
    done = run("import", "streets", "town.osm.pbf", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["stored"]["inserted"] == 4
    checked = run("streets", "check", "--report", tmp_path / "found.gpkg", "--json")
    assert checked.returncode == 1, checked.stderr
    told = json.loads(checked.stdout)
    assert {name: mode["used"] for name, mode in told["modes"].items()} == {"foot": 2, "ebike": 1, "car": 1}
    assert [(row["kind"], row["street_ids"]) for row in told["findings"]] == [("unusable", "14")]
    assert len(gpd.read_file(tmp_path / "found.gpkg")) == 1
