"""Cases: the service between pages, API and store."""
