"""Benchmark videos from their mirrors: fetched, unpacked, checked, and only then put in place."""
