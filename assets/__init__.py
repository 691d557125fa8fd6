"""Pictures of the README and the course, made by the product itself, and the bundled model's card.

``python -m assets.widgets`` and ``python -m assets.notebooks`` make them all again.
"""
