"""Cameras as places that see ground: optics, views, visible areas, coverage, siting, and the check of the register.

Everything is metric: one local CRS, x east, y north, bearings clockwise from north. No picture, person or plate is ever
handled here. Rooms: ``optics`` (lens to pixels), ``views`` (register to directions), ``buildings`` (what stands in the
way), ``visible`` (ground that is seen), ``coverage`` (shares with their denominators).
"""
