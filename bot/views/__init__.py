"""What the chat shows: cards and texts, made from what the use cases return."""
