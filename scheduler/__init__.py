"""Work that runs by itself: the worker role with its in-process broker, and the periodic jobs."""
