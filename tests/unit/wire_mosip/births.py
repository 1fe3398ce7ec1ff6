"""The fields of a birth, as the ID schema takes them."""

from __future__ import annotations

from wire.mosip import languages

PLACE = languages.language_text("Ibombo")
BIRTH = {
    "IDSchemaVersion": "0.1",
    "fullName": languages.language_text("Baby Okonjo"),
    "dateOfBirth": "2025/04/10",
    "gender": languages.language_text("Female"),
    "birthCertificateNumber": "2025B7K3M9Q2X4",
    **dict.fromkeys(("addressLine1", "region", "province", "city", "zone"), PLACE),
}
