"""PostgreSQL and Redis: connections, embedded servers, system tables, the trail of commands. No business meaning."""
