"""Embeddings of RNAs and what is made of them: distances, clusters, maps."""
