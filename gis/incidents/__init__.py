"""Incidents: what category they are of, which ones a reader asks for. Never what people did."""

from gis.incidents.filter import IncidentFilter

__all__ = ["IncidentFilter"]
