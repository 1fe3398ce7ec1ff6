"""What holds for every test."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# machines are shared: a slow moment is no failure, and a test that measured time would be one
settings.register_profile("shared", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared")
