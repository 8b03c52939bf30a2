"""What a notification says on each channel."""
