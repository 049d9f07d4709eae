"""The configuration is whole or refused."""

from pathlib import Path

import pytest

from gis.errors import ConfigError
from webmap.config import Config, TileSource, load_config

TILES = {"WANGGE_TILES_URL": "http://10.1.2.3/{z}/{x}/{y}.png", "WANGGE_TILES_DATUM": "GCJ-02"}


def test_defaults_serve_on_loopback() -> None:
    assert load_config(None, {}) == Config(host="127.0.0.1", port=8000)


def test_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "wangge.toml"
    file.write_text('port = 9000\nlang = "en"\n')
    assert load_config(file, {"WANGGE_PORT": "9001"}) == Config(port=9001, lang="en")


def test_a_base_map_without_datum_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"tiles\.datum is missing"):
        load_config(None, {"WANGGE_TILES_URL": TILES["WANGGE_TILES_URL"]})


def test_a_base_maps_origin_is_what_the_page_must_allow() -> None:
    tiles = load_config(None, TILES).tiles
    assert tiles is not None
    assert (tiles.datum, tiles.origin) == ("gcj02", "http://10.1.2.3")


def test_tiles_of_this_server_need_no_foreign_origin() -> None:
    assert TileSource(url="/tiles/{z}/{x}/{y}.png", datum="wgs84").origin == ""


def test_a_tile_url_without_placeholders_is_refused() -> None:
    with pytest.raises(ConfigError, match="lacks"):
        load_config(None, TILES | {"WANGGE_TILES_URL": "http://10.1.2.3/tiles"})


def test_another_tile_matrix_is_refused() -> None:
    with pytest.raises(ConfigError, match="Tile matrix 'c'"):
        load_config(None, TILES | {"WANGGE_TILES_MATRIX": "c"})


def test_an_unknown_setting_in_the_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "wangge.toml"
    file.write_text("prot = 9000\n")
    with pytest.raises(ConfigError, match="prot"):
        load_config(file, {})


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "wangge.toml"
    file.write_text("port = = 3\n")
    with pytest.raises(ConfigError, match=r"wangge\.toml"):
        load_config(file, {})


@pytest.mark.parametrize("port", ["0", "65536", "http"])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    with pytest.raises(ConfigError):
        load_config(None, {"WANGGE_PORT": port})


def test_workers_read_the_same_configuration_from_the_environment() -> None:
    config = load_config(None, TILES | {"WANGGE_PORT": "8123", "WANGGE_DB": "sqlite:///x.db"})
    assert load_config(None, config.to_environment()) == config


KEY = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo="


def test_reporting_without_an_account_is_off_until_the_operator_says_so() -> None:
    assert load_config(None, {}).public_reports == "off"
    assert load_config(None, {"WANGGE_PUBLIC_REPORTS": "on"}).public_reports == "on"
    with pytest.raises(ConfigError, match="public_reports"):
        load_config(None, {"WANGGE_PUBLIC_REPORTS": "yes"})


def test_each_source_of_alarms_has_its_key() -> None:
    assert load_config(None, {"WANGGE_ALARM_KEYS": f"smoke={KEY}, gates={KEY}"}).alarm_sources == {
        "smoke": KEY,
        "gates": KEY,
    }
    assert load_config(None, {}).alarm_sources == {}


@pytest.mark.parametrize("keys", ["smoke", "smoke=short", f"={KEY}", f"Smoke={KEY}", f"a={KEY},a={KEY}"])
def test_an_alarm_key_that_is_none_is_refused_and_not_repeated(keys: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load_config(None, {"WANGGE_ALARM_KEYS": keys})
    assert "QUJD" not in str(refused.value)
    assert "short" not in str(refused.value)


def test_a_key_is_in_no_printed_configuration() -> None:
    assert "QUJD" not in repr(load_config(None, {"WANGGE_ALARM_KEYS": f"smoke={KEY}"}))
