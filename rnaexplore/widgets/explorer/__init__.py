"""The linked explorer: map, table, details."""
