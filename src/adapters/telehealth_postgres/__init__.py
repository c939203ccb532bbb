"""PostgreSQL: the tables, the repositories and a server of our own."""
