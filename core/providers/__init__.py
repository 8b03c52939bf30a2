"""One file per provider: its send half, and its webhook half where it has one. `registry.py` knows them all."""
