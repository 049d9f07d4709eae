"""The process in which GDAL writes files, apart from the server: its own SQLite must never meet the store's.

Reads a job as JSON on standard input: source (GeoParquet), target, driver, epsg, layer, options.
"""

import json
import sys

import geopandas as gpd
import pyogrio


def main() -> None:
    """Write one file."""
    job = json.load(sys.stdin)
    frame = gpd.read_parquet(job["source"])
    frame = (
        frame.set_crs(None, allow_override=True)
        if job["epsg"] is None
        else frame.set_crs(job["epsg"], allow_override=True)
    )
    pyogrio.write_dataframe(
        frame, job["target"], driver=job["driver"], layer=job["layer"], promote_to_multi=job["multi"],
        geometry_type=job["geometry_type"], **job["options"],
    )  # fmt: skip


if __name__ == "__main__":
    main()
