"""Calls of procedures."""

from __future__ import annotations

import pytest

from wire.opencrvs.profiles import Profile

every_profile = pytest.mark.parametrize("profile", list(Profile))
new_profiles = pytest.mark.parametrize("profile", [Profile.V2_0, Profile.V2_1])
