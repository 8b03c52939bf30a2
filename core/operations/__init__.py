"""What admins look at and put right: figures, costs, dead letters, stories, suppressions, the audit log."""
