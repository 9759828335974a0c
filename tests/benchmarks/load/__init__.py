"""`make bench-load`: ten thousand learners at the production command, and what they cost.

BENCH_SCALE=0.02 fills a small database, for a quick look.
"""
