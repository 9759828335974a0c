"""Archives: what a backup is made of, how it is written and named."""
