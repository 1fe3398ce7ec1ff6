"""What a person can do about a registration that is stuck, and about a way to others that fails. Pure."""

from __future__ import annotations

from enum import StrEnum


class Stuck(StrEnum):
    """Why a registration waits for a person: a name, and in `ADVICE` what that person can do."""

    NID_UNREACHABLE = "nid-unreachable"
    NID_REFUSED_PACKET = "nid-refused-packet"
    NID_SILENT = "nid-silent"
    CREDENTIAL_MISSING = "credential-missing"
    TOKEN_EXPIRED = "token-expired"
    TOKEN_REFUSED = "token-refused"
    OPENCRVS_UNREACHABLE = "opencrvs-unreachable"
    OPENCRVS_REFUSED = "opencrvs-refused"
    RECORD_UNKNOWN = "record-unknown"
    RECORD_UNREADABLE = "record-unreadable"
    FORM_LACKS_FIELD = "form-lacks-field"
    NUMBER_TAKEN = "number-taken"
    CORRECTION_REJECTED = "correction-rejected"
    SETTLED_BEFORE = "settled-before"
    SECRETS_UNREADABLE = "secrets-unreadable"
    COUNTRY_UNREACHABLE = "country-unreachable"
    COUNTRY_DECIDES = "country-decides"
    NOT_VERIFIED = "not-verified"
    NOT_PAID = "not-paid"
    DOCUMENT_NOT_SENT = "document-not-sent"


ADVICE: dict[Stuck, str] = {
    Stuck.NID_UNREACHABLE: "The ID system could not be reached for too long. When it is back: retry.",
    Stuck.NID_REFUSED_PACKET: "The ID system does not take the packet. Mend the cause it names, then "
    "retry or reject.",
    Stuck.NID_SILENT: "The ID system took the packet and never answered. Ask its team; then retry or reject.",
    Stuck.CREDENTIAL_MISSING: "The ID system says that it is done, but no credential came and none "
    "could be fetched. "
    "Ask its team to issue it again, then retry; or reject.",
    Stuck.TOKEN_EXPIRED: "The record's token ran out before the answer came. Configure a system client "
    "(OPENCRVS_CLIENT_ID, OPENCRVS_CLIENT_SECRET), then retry.",
    Stuck.TOKEN_REFUSED: "OpenCRVS does not take the credential. Check the client's secret and "
    "scopes, then retry.",
    Stuck.OPENCRVS_UNREACHABLE: "OpenCRVS could not be reached for too long. When it is back: retry.",
    Stuck.OPENCRVS_REFUSED: "OpenCRVS refuses the confirmation. Read the last error; mend, then "
    "retry or reject.",
    Stuck.RECORD_UNKNOWN: "OpenCRVS does not know this event or action. Check which OpenCRVS this "
    "bridge serves.",
    Stuck.RECORD_UNREADABLE: "OpenCRVS wrote the confirmation and cannot read the record any more: most "
    "often the form lacks a field that it carries. Its people add the field and restart core; then it goes "
    "on by itself, or at once by retry.",
    Stuck.FORM_LACKS_FIELD: "The country's form lacks a field that the confirmation carries; the last error "
    "names it. Nothing was sent, because OpenCRVS could not read the record any more. Add it to the form and "
    "restart core (for the national ID, or name the right field, or none, in BRIDGE_NATIONAL_ID_FIELDS); "
    "then it goes on by itself, or at once by retry.",
    Stuck.NUMBER_TAKEN: "Another record has this registration number. Find out which (OpenCRVS searches by "
    "number); free it there and retry, or reject: registering again gives the next counted number (one made "
    "of the tracking id needs another BRIDGE_REGISTRATION_NUMBER).",
    Stuck.CORRECTION_REJECTED: "The ID system rejected the correction (or custom action), and this "
    "OpenCRVS takes no rejection of one afterwards (mended in 2.1): the record stays locked. When OpenCRVS "
    "is upgraded, or its people have cleared the action: retry.",
    Stuck.SETTLED_BEFORE: "OpenCRVS asks about an action that was settled before: its data was restored, or "
    "a rehearsal repeats ids (then give the bridge a new database, or the mock another seed). Nothing was "
    "sent. Retry gives the answer of then; reject lets the registrar register again.",
    Stuck.SECRETS_UNREADABLE: "What is stored for this registration cannot be opened: its encryption key is "
    "missing, or it was altered. Add the old key to BRIDGE_ENCRYPTION_KEYS again and restart; then retry.",
    Stuck.COUNTRY_UNREACHABLE: "The country config (BRIDGE_COUNTRY_CONFIG_URL), which is asked what it adds "
    "to the answer, did not answer for too long. When it is back: retry.",
    Stuck.COUNTRY_DECIDES: "The country config answered 202, so that it would confirm this action as well. "
    "Have it answer 200 (or 404) to actions that the bridge decides; then retry or reject.",
    Stuck.NOT_VERIFIED: "ID authentication gave no verdict on somebody in the record for as long as the "
    "country's policy waits. When it is back: retry; or reject.",
    Stuck.NOT_PAID: "The payment was not made, or nobody could say so, for as long as the country's policy "
    "waits. When it is there: retry; or reject.",
    Stuck.DOCUMENT_NOT_SENT: "A document that has to go with an application could not be sent; the last "
    "error names it. Where the record has none, or it is too large or of another kind, the registrar adds a "
    "better one: reject, with words. Where OpenCRVS has lost the file or its store is away, its people mend "
    "that; then retry.",
}

_REMEDIES = {
    "KER-PUT-006": "MOSIP has no packet provider for this source and process: set MOSIP_PACKET_SOURCE, or "
    "have the provider configured there.",
    "auth manager": "MOSIP's auth manager refuses the client: check MOSIP_AUTH_URL, the application id, and "
    "the id and secret of the client.",
    "hub denied": "The hub refuses: check the client's id, secret and roles, and the topic.",
    "HTTP 401": "The credential is refused: check the id and secret of the client, and the gateway before "
    "the service.",
    "HTTP 403": "The client lacks a right: check its roles, scopes and policy, and the gateway before the "
    "service.",
    "HTTP 404": "Nothing answers at this address: check it, and the gateway's routes.",
    "HTTP 413": "The gateway refuses bodies of this size: raise its limit.",
    "opencrvs-credential": "OpenCRVS does not take the credential: check OPENCRVS_CLIENT_ID, "
    "OPENCRVS_CLIENT_SECRET, the client's scopes, and OPENCRVS_PROFILE.",
}
_ANY_REMEDY = "Check the address, the client's id, secret and rights, and the gateway before the service."


def remedy(code: str) -> str:
    """What a person can do about a channel's fault."""
    if code in set(Stuck):
        return ADVICE[Stuck(code)]
    return _REMEDIES.get(code, _ANY_REMEDY)
