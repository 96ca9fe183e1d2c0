"""Types of in-toto attestations that Exhume writes and reads."""

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
TEST_RESULT_TYPE = "https://in-toto.io/attestation/test-result/v0.1"
DECISION_TYPE = "urn:exhume:decision:v1"
"""The predicate is the decision, exhume.decision/1."""
MODEL_SIGNATURE_TYPE = "https://model_signing/signature/v1.0"
"""OpenSSF model signing since version 1.0."""
