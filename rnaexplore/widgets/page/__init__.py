"""Views as pages that need neither a network nor Python."""
