"""Open311 GeoReport v2: reports of places in and their state out, for programs of others. No person in, no person out."""
