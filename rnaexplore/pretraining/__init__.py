"""Pretraining: masked language modelling with a pairing and a family objective, for anyone's data.

``python -m rnaexplore.pretraining --help`` shows the command that makes the bundled model.
"""
