"""Speed against bars and against other ways to compute the same; `python -m benchmarks.speed` prints the table."""
