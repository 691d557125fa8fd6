"""Scores of variants against mutational scans."""
