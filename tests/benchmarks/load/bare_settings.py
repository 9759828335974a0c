"""Leitner's settings, with the pages of `bare` beside its own."""

from leitner.settings import *  # noqa: F403

ROOT_URLCONF = "tests.benchmarks.load.bare"
