"""Runs: one at a time, each recorded, watched, and told of when they fail."""
