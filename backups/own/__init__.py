"""A learner's own data: taken along, brought back, deleted."""
