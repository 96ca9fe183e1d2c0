"""The artifacts that stages make from each kind of input, and that are deleted with it."""

PUBLIC_EMBEDDINGS, FINDINGS = "public_embeddings", "findings"
OF_PRIVATE = frozenset({"evaluator", "power_reference", "power", FINDINGS})
OF_PUBLIC = frozenset({"p_reg", "prior", "domain_refit", "students", PUBLIC_EMBEDDINGS, "power_reference", "power"})
OF_RELEASE = frozenset({"p_reg", "prior", "domain_refit", "students", "power", FINDINGS})
OF_VERIFIER = frozenset({PUBLIC_EMBEDDINGS, "power", FINDINGS})

DERIVED: dict[str, frozenset[str]] = {
    "private": OF_PRIVATE,
    "public": OF_PUBLIC | {FINDINGS},
    "gallery": frozenset({FINDINGS}),
    "release": OF_RELEASE,
    "verifier": OF_VERIFIER,
    "audit": OF_PRIVATE | OF_PUBLIC | OF_RELEASE,
}
"""By role of a data set, or by kind of the deleted thing."""

KINDS = frozenset().union(*DERIVED.values())
"""All kinds of artifacts. A test compares them with the stages."""
