"""Hot spots of the service: areas with their evidence, trends of grids, the brief to print. Statistics are those of ``gis.hotspots``."""
