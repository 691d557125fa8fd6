"""Run a network over many sequences: batches, packs, windows, precision."""
