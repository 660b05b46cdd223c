"""A run, reported in several formats."""
