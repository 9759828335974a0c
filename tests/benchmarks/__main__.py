"""`make bench`: every bench_*.py in turn. Benchmarks print what they measure and assert nothing.

BENCH_SCALE=0.01 makes all of them smaller, for a quick look.
"""

from importlib import import_module
from pathlib import Path

for path in sorted(Path(__file__).parent.glob("bench_*.py")):
    print(f"\n=== {path.stem.removeprefix('bench_')}", flush=True)
    import_module(f"tests.benchmarks.{path.stem}").main()
