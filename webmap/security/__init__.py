"""What a browser is allowed to do with our pages."""
