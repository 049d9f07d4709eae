"""Patrol: what is wanted, who covers which grids, who goes where when, and an independent check. Places, never people."""
