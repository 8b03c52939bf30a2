"""People: who they are, what they prefer, how they prove it, and how they leave."""
