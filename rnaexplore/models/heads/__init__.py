"""Trained heads that authors publish on top of their language models, one a module."""
