"""Attention maps, and how well heads follow base pairs and sites."""
