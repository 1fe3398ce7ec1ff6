"""The seeded defects of the small bridge: which story convicts each, in which words, by which promises."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Defect:
    """`story` convicts it; `says`: a part of what is said there; `promises`: all that are broken.

    `innocent`: a story that has nothing to do with it, and acquits the bridge; empty where none can.
    """

    name: str
    story: str
    says: str
    promises: frozenset[int] = frozenset()
    innocent: str = "death"
    profile: str = "2.0"
    mode: str = "async"


def _of(
    name: str, story: str, says: str, *promises: int, innocent: str = "death", profile: str = "2.0"
) -> Defect:
    return Defect(name, story, says, frozenset(promises), innocent, profile)


def _sync(name: str, story: str, says: str, *promises: int) -> Defect:
    return Defect(name, story, says, frozenset(promises), _NO_ID, mode="sync")


def _verifying(name: str, story: str, says: str, *promises: int) -> Defect:
    return Defect(name, story, says, frozenset(promises), mode="verifying")


_TOKENS = "bad_trigger_tokens"
_NO_ID = "death_without_id"

DEFECTS = (
    # whose word is believed
    _of("token_missing_believed", _TOKENS, "no token: answered"),
    _of("alg_none_believed", _TOKENS, "a token without a signature (alg none): answered"),
    _of("expired_token_believed", _TOKENS, "an expired token: answered"),
    _of("other_audience_believed", _TOKENS, "a token for another audience: answered"),
    _of("other_issuer_believed", _TOKENS, "a token of another issuer: answered"),
    _of("signature_of_token_unchecked", _TOKENS, "a token under another key: answered"),
    _of("hs256_with_public_key_believed", _TOKENS, "signed with the public key (HS256): answered"),
    _of("public_key_kept_for_ever", "opencrvs_key_rotated", "keeps OpenCRVS's public key for ever"),
    _of("unsigned_deliveries_believed", "forged_callbacks", "did not sign", 5),
    _of("wrong_signature_believed", "forged_callbacks", "did not sign", 5),
    _of("any_topic_believed", "forged_callbacks", "did not sign", 5),
    _of("proof_unchecked", "forged_callbacks", "did not prove", 5),
    _of("alien_issuer_believed", "spoilt_credentials", "alien-issuer: the record waits"),
    _of("other_subject_believed", "spoilt_credentials", "other-subject: the record waits"),
    _of(
        "other_certificate_number_believed",
        "spoilt_credentials",
        "other-certificate-number: the record waits",
    ),
    _of("issuer_key_kept_for_ever", "issuer_key_renewed", "keeps the issuer's key for ever"),
    _of("oldest_waiting_gets_it", "same_name_twice", "", 3),
    _of("matched_by_name", "same_name_twice", "", 3),
    # who is verified
    _verifying("no_verdict_taken_for_no", "verification_parked", "it waits", 5),
    _verifying("parked_verification_dropped", "verification_parked", "it is accepted", 1),
    _verifying("verdicts_left_out", "verification_parked", "the record says that the mother is verified"),
    _verifying("people_asked_about_twice", "verification_parked", "she was asked about once"),
    _verifying("unverified_accepted", "unknown_number", "the action is rejected"),
    _verifying("deactivated_taken_for_unknown", "deactivated_mother", "it is not rejected"),
    # what OpenCRVS is answered
    _of("forgets_after_202", "nid_down_at_submit", "the record is registered", 1, innocent=_NO_ID),
    _of("memory_instead_of_disk", "bridge_killed", "the first record is registered", 1),
    _of("answers_202_after_half_a_minute", "slow_id_system", "no answer within", innocent=_NO_ID),
    _of(
        "registers_before_the_id_system", "async_delay", "the record waits for the ID system", innocent=_NO_ID
    ),
    _of("answers_200_without_number", "async_delay", "OpenCRVS takes the registration", innocent=_NO_ID),
    _of("answers_201_for_202", "async_delay", "OpenCRVS takes the registration", innocent=_NO_ID),
    _of("submits_before_it_answers", "nid_down_at_submit", "takes the registration all the same"),
    _of("outage_taken_for_refusal", "nid_down_at_submit", "the record waits"),
    _of("a_packet_for_each_question", "question_repeated", "the ID system was asked once"),
    _of("repeated_question_is_an_error", "question_repeated", "answered as the first"),
    _of("other_actions_refused", "correction", "could not", innocent=""),
    # the packet
    _of("errors_in_200_taken_for_success", "envelope_errors", "the record is registered", 1),
    _of("empty_response_believed", "envelope_errors", "the record is registered"),
    _of("already_present_taken_for_failure", "envelope_errors", "the record is registered", 1),
    _of("packet_twice", "envelope_errors", "there is one packet"),
    _of("packet_manager_asked_once", "packet_manager_fails", "the record is registered", 1),
    _of("workflow_asked_once", "packet_manager_fails", "the record is registered", 1),
    _of("packets_never_started", "async_rejection", "", 1, innocent=_NO_ID),
    _of("mosip_token_kept_for_ever", "nid_token_expires", "the second record is registered, too", 1),
    _of("gives_up_after_three_tries", "nid_down_at_submit", "the record is registered", 1),
    _of("knocks_without_a_pause", "backlog_day", "knocked a hundred times for one record"),
    _of("deaths_sent_as_births", "death", "the death is registered", innocent="duplicate_delivery"),
    _of("foreign_names_crash", "odd_data", "is registered"),
    _of("accents_lost", "odd_data", "under that very name"),
    _of("names_in_capitals", "odd_data", "under that very name"),
    _of("long_names_sent_whole", "odd_data", "is registered"),
    _of("one_word_names_crash", "odd_data", "is registered"),
    _of("needs_a_father", "odd_data", "is registered"),
    _of("names_decomposed", "odd_data", "under that very name"),
    _of("names_for_html", "odd_data", "under that very name"),
    _of("dates_with_dashes", "odd_data", "is registered", innocent=_NO_ID),
    _of("born_a_day_early", "odd_data", "born on the day that was declared"),
    _of("everybody_died_today", "death", "the day of death that was declared", innocent="duplicate_delivery"),
    _of("death_of_the_informant", "death", "about the one who died", innocent="duplicate_delivery"),
    _of("correction_makes_a_new_person", "correction", "asked about the child once"),
    _of("deaths_without_id_sent", "death_without_id", "registered at once"),
    # the hub
    _of("challenge_echoed_as_json", "subscription_lost", "subscribed again"),
    _of("challenge_echoed_with_line_end", "subscription_lost", "subscribed again"),
    _of("denial_in_a_200_believed", "hub_denies", "the bridge is subscribed"),
    _of("first_denial_is_the_last_word", "hub_denies", "the bridge is subscribed"),
    _of("a_202_is_a_subscription", "hub_denies", "the bridge is subscribed"),
    _of("hub_away_ends_it", "hub_down_at_start", "does not come up"),
    _of("never_renews", "subscription_lost", "subscribed again"),
    _of("never_polls", "callback_lost", "registered all the same", 1),
    _of(
        "rejections_ignored", "async_rejection", "never reach the registrar", 1, innocent="duplicate_delivery"
    ),
    _of("failed_is_no_rejection", "stuck_in_reprocess", "marked as rejected", 1),
    _of("asks_about_the_oldest_only", "callback_lost", "registered all the same", 1),
    _of("signature_compared_in_part", "spoilt_credentials", "wrong-signature: the record still waits"),
    _of("hub_answered_before_storing", "killed_after_delivery", "before it has stored the delivery"),
    _of("answers_the_hub_late", "others_packets", "answers the hub too late", innocent=_NO_ID),
    _of("copies_refused", "duplicate_delivery", "answered with 2xx"),
    _of("unknown_packets_refused", "others_packets", "news of another's packet is answered"),
    _of("half_a_message_ends_it", "forged_callbacks", "crashed"),
    _of("contradiction_ends_it", "late_contradiction", "crashed", innocent=_NO_ID),
    _of("second_word_counts", "late_contradiction", "", innocent="death_without_id"),
    # the confirmation
    _of("token_dropped_before_accept", "opencrvs_down_at_confirm", "lets go of the credential", 1),
    _of("national_id_in_memory", "bridge_killed", "its national ID"),
    _of("knocks_at_opencrvs_without_a_pause", "opencrvs_down_at_confirm", "asked sixty times"),
    _of("opencrvs_away_ends_it", "opencrvs_down_at_confirm", "crashed"),
    _of("first_error_of_opencrvs_ends_it", "opencrvs_refuses_at_confirm", "the record is registered", 1),
    _of("unauthorized_ends_it", "opencrvs_refuses_at_confirm", "the record is registered", 1),
    _of("burst_lost", "delivery_burst", "all are registered", 1),
    _of("rejected_without_reason", "async_rejection", "the registrar is told why"),
    _of("rejections_accepted", "async_rejection", "marked as rejected", 5),
    _of("accepted_twice", "async_delay", "was registered twice", 2, innocent=_NO_ID),
    _of("national_id_left_out", "async_delay", "with a national ID"),
    _of("processed_taken_for_issued", "callback_lost", "never issued", 5),
    _of("deaths_wait_for_a_credential", "death", "the death is registered", 1, innocent="duplicate_delivery"),
    _of("one_transaction_id_for_all", "instant_answer", "all are registered", 1),
    _of("numbers_by_the_second", "instant_answer", "all are registered", 1, 3),
    _of("numbers_crossed_under_load", "crosstalk", "carry the same national ID", 3, innocent=_NO_ID),
    _of(
        "confirms_with_trigger_token",
        "async_delay",
        "the record is registered",
        1,
        profile="2.1",
        innocent=_NO_ID,
    ),
    # a synchronous country's
    _sync("refusal_answered_500", "sync_rejection", "does not show the registrar a failure"),
    _sync("refusal_answered_200", "sync_rejection", "marked as rejected", 5),
    _sync("answered_without_national_id", "sync_success", "the child's national ID"),
    _sync("wrong_time_taken_for_refusal", "clock_off_while_asked", "nobody is rejected because of the time"),
    _sync("trouble_answered_500", "clock_off_while_asked", "with the right time the record is registered"),
    # the log
    _of("token_in_the_log", "duplicate_delivery", "a JSON web token", 4, innocent=_NO_ID),
    _of("declaration_in_the_log", "duplicate_delivery", "a national ID", 4, innocent=_NO_ID),
    _of("credential_in_the_log", "duplicate_delivery", "a national ID", 4),
    _of("national_id_in_the_log", "duplicate_delivery", "a national ID", 4),
    _of("secret_in_the_log", "duplicate_delivery", "a client secret", 4),
    _of("hub_secret_in_the_log", "duplicate_delivery", "the hub's secret", 4),
)
