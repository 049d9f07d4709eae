"""What keeps the service running: health, figures for monitoring, a line for each request, smaller answers, an orderly end."""
