"""What admins look at and put right: figures, costs, dead letters, stories of deliveries, suppressions, the audit log."""
