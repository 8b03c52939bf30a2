"""HTTP: health and metrics, webhooks of Telegram and the providers, pages that people open from a mail."""
