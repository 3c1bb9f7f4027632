"""Counts of a list as charts: distributions, two facets crossed, and the figures of a dataset's page."""
