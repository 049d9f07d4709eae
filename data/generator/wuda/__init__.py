"""The simulated ground of the sample district: from the area tree and a seed to streets, buildings, places, cameras, incidents."""
