"""One word to many: audiences, chunks, progress, and the removal of what is old."""
