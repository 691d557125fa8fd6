"""Masked prediction: likelihoods, mutations, variants."""
