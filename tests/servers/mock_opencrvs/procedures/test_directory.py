"""People and places, as each profile shows them."""

from __future__ import annotations

from testbed.browser import Browser
from tests.servers.mock_opencrvs.profiles import every_profile
from wire.opencrvs.profiles import Profile


@every_profile
async def test_people_and_places_have_the_profiles_shape(registrar: Browser, profile: Profile) -> None:
    user = await registrar.user()
    places = await registrar.query("locations.list")
    kinds = {place["locationType"] for place in places}
    if profile is Profile.V1_9:
        assert user["name"] == [{"use": "en", "given": ["Kennedy"], "family": "Mweene"}]
        assert len(user["id"]) == 24
        assert "ADMIN_STRUCTURE" in kinds
    else:
        assert user["name"] == {"firstname": "Kennedy", "surname": "Mweene"}
        assert kinds == {"CRVS_OFFICE", "HEALTH_FACILITY"}
        assert ("versions" in places[0]) is (profile is Profile.V2_1)
        assert await registrar.query("administrativeAreas.list")
    if profile is Profile.V2_1:
        assert set(places[0]["versions"][0]) == {"versionId", "effectiveFrom", "name", "externalId", "status"}
