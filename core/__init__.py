"""The business: what Postrider decides, free of databases, HTTP servers and chat libraries."""
