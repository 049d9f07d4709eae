"""JSON, images and files for the map and for other programs. A route parses, calls one function, and renders."""
