"""The faces of the services: auth, gateway, events service, files."""
