"""The Bot API as a server: the methods, their checks and their wordings."""

from demo.botapi import chats, editing, media, messages, profile, receiving

__all__ = ["chats", "editing", "media", "messages", "profile", "receiving"]
