"""Wangge's library over tables and arrays: layers, areas, joins, hot spots, patrol, exports.

It knows no Flask, no database and no settings. Import the room you need
(``from gis.join import assign_levels``); this module imports none of them, so that start-up stays quick.
"""
