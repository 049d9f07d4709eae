"""Photos of events: decoded under limits, hidden areas blacked out, encoded anew without metadata, deleted in time."""

from webmap.photos.clean import CleanPhoto, Hidden, PhotoLimits, clean_photo, parse_hidden

__all__ = ["CleanPhoto", "Hidden", "PhotoLimits", "clean_photo", "parse_hidden"]
