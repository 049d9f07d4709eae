"""Grids and areas: their tree, who touches whom, whether they tile, and their versions in time."""
