"""The error table of ID authentication (contract mosip §6.6, `IdAuthenticationErrorConstants.java`). Pure."""

from __future__ import annotations

from collections.abc import Mapping

from wire.mosip.envelope import EnvelopeFault

DEACTIVATED = "UIN is deactivated/blocked"
_TABLE: Mapping[str, tuple[str, str | None]] = {
    "IDA-MLC-001": ("Request to be received at MOSIP within {} seconds", None),
    "IDA-MLC-002": ("Invalid UIN", "Please retry with the correct UIN"),
    "IDA-MLC-003": ("UIN has been deactivated", "Your UIN status is not active"),
    "IDA-MLC-004": ("Invalid VID", "Please retry with correct VID"),
    "IDA-MLC-005": ("expired VID", "Please regenerate VID and try again"),
    "IDA-MLC-006": ("Missing Input Parameter - {}", None),
    "IDA-MLC-007": ("Request could not be processed. Please try again", None),
    "IDA-MLC-008": ("No authentication type selected", None),
    "IDA-MLC-009": ("Invalid Input Parameter - {}", None),
    "IDA-MLC-012": ("Individual's Consent is not available", None),
    "IDA-MLC-018": ("{} not available in database", None),
    "IDA-MLC-019": ("{} Auth Type is Locked for the UIN", None),
    "IDA-MLC-022": (DEACTIVATED, None),
    "IDA-MLC-023": ("VID is expired/deactivated", None),
    "IDA-DEA-001": ("Demographic data {} did not match", "Please re-enter your {}"),
    "IDA-DEA-002": ("Unsupported Language Code - {}", None),
    "IDA-DEA-003": ("Demographic data {} not available in database", None),
    "IDA-MPA-001": ("Digital signature verification failed for {}", None),
    "IDA-MPA-002": ("Invalid certificate in digital signature", None),
    "IDA-MPA-003": ("Unable to decrypt Request", None),
    "IDA-MPA-005": ("OTP Request Usage not allowed as per policy", None),
    "IDA-MPA-006": ("{} Authentication usage not allowed as per policy", None),
    "IDA-MPA-007": ("License key does not belong to a registered MISP", None),
    "IDA-MPA-008": ("License key of MISP has expired", None),
    "IDA-MPA-009": ("Partner is not registered", None),
    "IDA-MPA-010": ("MISP and Partner not mapped", None),
    "IDA-MPA-012": ("Partner is deactivated", None),
    "IDA-MPA-013": ("Partner is unauthorised for eKYC", None),
    "IDA-MPA-014": ("Partner is not assigned with any policy", None),
    "IDA-MPA-015": ("{}-authentiation usage is mandatory as per policy", None),
    "IDA-MPA-016": ("HMAC Validation failed", None),
    "IDA-MPA-017": ("License key of MISP is blocked", None),
    "IDA-MPA-018": ("Policy ID does not belong to a registered Partner", None),
    "IDA-MPA-019": ("Partner policy is not active", None),
    "IDA-MPA-020": ("Partner (Auth) Certificate not found in DB.", None),
    "IDA-MPA-021": ("Partner (Auth) Certificate not matching with signature header certificate.", None),
    "IDA-MPA-022": ("Partner (Auth) Certificate not found in Request signature header.", None),
    "IDA-MPA-038": ("Required Number of Path parameters are missing in URI", None),
    "IDA-MPA-039": ("Partner API is expired or using before Commence Start Date.", None),
    "IDA-OTA-001": ("Innumerous OTP requests received", None),
    "IDA-OTA-002": ("Could not generate/send OTP", None),
    "IDA-OTA-003": ("OTP has expired", "Please regenerate OTP and try again"),
    "IDA-OTA-004": ("OTP is invalid", "Please provide correct OTP value"),
    "IDA-OTA-005": ("Input transactionID does not match transactionID of OTP Request", None),
    "IDA-OTA-007": ("UIN is locked for OTP validation due to exceeding no of invalid OTP trials", None),
    "IDA-OTA-008": ("OTP Notification Channel not provided", "Please provide OTP Notification Channel"),
    "IDA-OTA-009": ("{} not configured for the country", None),
    "IDA-OTA-010": ("Input Identity Type does not match Identity Type of OTP Request", None),
    "IDA-OTA-011": ("Input Partner-ID does not match Partner-ID of OTP Request", None),
    "IDA-OTA-012": (
        "OTP validation can't be performed against this Individual-ID. Generate OTP first.",
        None,
    ),
    "IDA-KYE-001": ("KYC Token not found in Store.", None),
    "IDA-KYE-002": ("KYC Token Expired.", None),
    "IDA-KYE-003": ("KYC Token already processed.", None),
    "IDA-KYE-004": ("KYC Token does not belong to the OIDC Client.", None),
    "IDA-KYE-005": ("KYC Token does not belong to the transaction.", None),
    "IDA-KYE-007": ("KYC Token does not belong to the UIN.", None),
}


def fault(code: str, *names: str) -> EnvelopeFault:
    """The fault of a code, with the names put into its text; for DEA-001 into its action too."""
    message, action = _TABLE[code]
    said = message.format(*names)
    return EnvelopeFault(code, said, action.format(*names) if action is not None else None)


class IdaRefused(Exception):
    """IDA's answer is an error. `early` faults, found before the controller, come behind MLC-007 (§6.5)."""

    def __init__(self, *faults: EnvelopeFault, early: bool = False) -> None:
        super().__init__(", ".join(one.code for one in faults))
        self.faults = (fault("IDA-MLC-007"), *faults) if early else faults


def early(code: str, *names: str) -> IdaRefused:
    return IdaRefused(fault(code, *names), early=True)


def refused(code: str, *names: str) -> IdaRefused:
    return IdaRefused(fault(code, *names))
