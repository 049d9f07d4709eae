"""Steps from one form of the tables to the next; run by ``webmap.store.migrate``, never by hand."""
