"""The viewer of attention maps."""
