"""Scores of embeddings and probes, next to baselines and nulls."""
