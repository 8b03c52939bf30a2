"""The database: tables, mapping to `core.model`, one repository per area, units of work and migrations."""
