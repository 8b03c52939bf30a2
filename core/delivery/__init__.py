"""The engine: what is planned, routed, handed over, recorded, reported and put right."""
