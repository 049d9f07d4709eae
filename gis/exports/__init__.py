"""Files for people and other programs: layers in seven formats and any datum, sheets to print, GPX and iCal.

It writes what it is given and computes nothing.
"""

from gis.exports.files import FORMATS, export_filename, layer_style, write_layer
from gis.exports.plan_files import write_kml, write_plan_xlsx
from gis.exports.qr import qr_svg
from gis.exports.route import write_gpx, write_ical
from gis.exports.sheet import sheet_map_svg, team_sheet

__all__ = [
    "FORMATS",
    "export_filename",
    "layer_style",
    "qr_svg",
    "sheet_map_svg",
    "team_sheet",
    "write_gpx",
    "write_ical",
    "write_kml",
    "write_layer",
    "write_plan_xlsx",
]
