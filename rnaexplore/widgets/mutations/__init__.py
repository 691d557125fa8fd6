"""The viewer of mutation maps."""
