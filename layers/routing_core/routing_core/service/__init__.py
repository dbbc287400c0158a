"""Use cases: each loads, decides in pure Python, and commits once."""
