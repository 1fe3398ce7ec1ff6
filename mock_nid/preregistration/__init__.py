"""Pre-registration: applications with documents and an appointment (contract mosip §7.5)."""
