"""What several settings say together."""

from __future__ import annotations

from mock_nid.settings import Settings


def test_the_credentials_topic_is_the_partners_unless_it_is_plain() -> None:
    assert Settings(partner_id="crvs").topic_of_credentials == "crvs/CREDENTIAL_ISSUED"
    assert Settings(credential_topic="plain").topic_of_credentials == "CREDENTIAL_ISSUED"
