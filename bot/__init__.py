"""The chat: what Telegram brings in, the handlers that answer it, and how cards are shown."""
