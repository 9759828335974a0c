"""Reminders by mail: at the learner's own hour, when cards are due, once a day at most."""
