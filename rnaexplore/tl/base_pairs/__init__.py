"""Contact maps and secondary structures."""
