"""Adapters: one architecture a module, each turning token ids into tensors and nothing more."""
