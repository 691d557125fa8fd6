"""Measurements beside peers and baselines, one command each."""
