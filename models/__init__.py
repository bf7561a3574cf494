"""Weights of the recognisers: their manifest and the check that they are there come with the reading of scans."""
