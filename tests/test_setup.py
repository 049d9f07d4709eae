"""Setting up: assets by a lock without hosts, nothing outside in them, a missing venv named, the kernel cache writable."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from webmap import kernel_cache

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def build_hook() -> ModuleType:
    """The build hook, which is no part of the installed package."""
    told = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert told is not None
    assert told.loader is not None
    module = importlib.util.module_from_spec(told)
    told.loader.exec_module(module)
    return module


def test_the_copied_assets_are_those_of_the_lock(build_hook: ModuleType) -> None:
    assert build_hook.is_current(ROOT / "webmap" / "static" / "vendor", (ROOT / "package-lock.json").read_bytes())


def test_a_changed_asset_is_noticed(build_hook: ModuleType, tmp_path: Path) -> None:
    assert not build_hook.is_current(tmp_path, (ROOT / "package-lock.json").read_bytes())


@pytest.mark.parametrize("text", ["a{background:url(//cdn.example/x.png)}", "@import 'https://example/x.css';"])
def test_an_asset_that_calls_outside_stops_the_build(build_hook: ModuleType, tmp_path: Path, text: str) -> None:
    (tmp_path / "bad.css").write_text(text)
    with pytest.raises(RuntimeError, match="outside"):
        build_hook.copy(tmp_path / "bad.css", tmp_path / "copy.css")
    assert not (tmp_path / "copy.css").exists()


def test_locks_name_no_registry_and_pin_every_byte() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))
    packages = [package for name, package in lock["packages"].items() if name]
    assert packages
    assert all("integrity" in package and "resolved" not in package for package in packages)
    for name in ("build", "runtime", "test", "bench"):
        text = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8")
        assert "://" not in text
        pinned = re.findall(r"^[a-z0-9][^\n]*==", text, flags=re.MULTILINE)
        assert len(pinned) > 5
        assert text.count("--hash=sha256:") >= len(pinned)


def test_a_python_without_venv_is_named_with_its_remedy(tmp_path: Path) -> None:
    bare = tmp_path / "python"
    bare.write_text(f'#!/bin/sh\ncase "$*" in *ensurepip*) exit 1;; esac\nexec "{sys.executable}" "$@"\n')
    bare.chmod(0o755)
    done = subprocess.run(
        ["sh", str(ROOT / "scripts" / "venv.sh"), str(tmp_path / "venv")],
        env=os.environ | {"PYTHON": str(bare)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 3
    assert "apt-get install python3-venv" in done.stderr


def test_compiled_kernels_are_kept_where_the_user_may_write(tmp_path: Path) -> None:
    code = "import os, webmap.kernel_cache as c; c.keep_for_user(); print(os.environ['NUMBA_CACHE_DIR'])"
    clean = {key: value for key, value in os.environ.items() if key != "NUMBA_CACHE_DIR"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=clean | {"XDG_CACHE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(done.stdout.strip()).parent == tmp_path / "wangge" / "numba"


def test_changed_loops_are_kept_apart_from_those_before_and_old_ones_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """numba would go on with an old caller where only a function that it calls has changed."""
    for package in ("webmap", "gis"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
    shutil.copy(kernel_cache.__file__, tmp_path / "webmap")
    (tmp_path / "gis" / "caller.py").write_text("import numba")
    called = tmp_path / "gis" / "called.py"
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def folder() -> Path:
        code = "import os, webmap.kernel_cache as c; c.keep_for_user(); c.forget_old(); print(os.environ['NUMBA_CACHE_DIR'])"
        told = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
        made = Path(told.stdout.strip())
        made.mkdir(parents=True, exist_ok=True)
        return made

    called.write_text("import numba  # one")
    first = folder()
    called.write_text("import numba  # two")
    second = folder()
    assert second != first
    assert first.exists()
    month_ago = first.stat().st_mtime - 31 * 86400
    os.utime(first, (month_ago, month_ago))
    assert folder() == second
    assert not first.exists()
