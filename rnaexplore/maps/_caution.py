"""What is known to be weak about a model, in the representation of a result."""

from __future__ import annotations

__all__ = ["with_caution"]


def with_caution(told: str, caution: str) -> str:
    """Return ``<told; caution: …>``, or ``<told>`` if there is no caution."""
    return f"<{told}; caution: {caution}>" if caution else f"<{told}>"
