"""Files for people and other programs: layers in seven formats and any datum, sheets to print, GPX and iCal.

It writes what it is given and computes nothing.
"""

from gis.exports.files import FORMATS, export_filename, write_layer
from gis.exports.route import write_gpx, write_ical
from gis.exports.sheet import sheet_map_svg, team_sheet

__all__ = ["FORMATS", "export_filename", "sheet_map_svg", "team_sheet", "write_gpx", "write_ical", "write_layer"]
