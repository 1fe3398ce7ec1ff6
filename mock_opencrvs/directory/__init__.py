"""Who works in the registry and where: people, roles, system clients, places."""
