"""The studio of contact maps and structures."""
