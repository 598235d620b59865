"""Likely duplicates and merging: what is told while somebody enters a record, pairs to look through, two records side by side."""
