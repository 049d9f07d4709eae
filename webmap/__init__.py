"""The service around the library: records, pages, API and command line."""
