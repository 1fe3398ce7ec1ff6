"""ID authentication: who is this, says who, and does it match (contract mosip §6)."""
