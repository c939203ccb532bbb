"""The command line: serve, work, migrate, demo, import, open-practice."""
