"""From an idea to a published post."""
