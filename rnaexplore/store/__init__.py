"""Embeddings of more RNAs than fit into memory: jobs that write into zarr stores."""
