"""Problems of files that the service fetches from an address."""

from app.problem_types.kind import ProblemType

KINDS = {
    "import_off": ProblemType(
        403,
        "Fetching is switched off",
        "This service does not fetch files from addresses.",
        "The operator has listed no hosts.",
        "Upload the file, or ask the operator to list the host in EXHUME_IMPORT_HOSTS.",
    ),
    "import_address": ProblemType(
        422,
        "Unusable address",
        "The address is not one from which files can be fetched.",
        "Only certain forms are accepted, so that one address always means one file.",
        "Use one of the forms that `detail` lists.",
    ),
    "import_unpinned": ProblemType(
        422,
        "Address is not pinned",
        "The address can lead to another file later.",
        "The audited file must not change while its name stays the same.",
        "Name the exact commit or version of the file.",
    ),
    "import_no_registry": ProblemType(
        422,
        "No MLflow server configured",
        "The address refers to an MLflow server, but none is configured.",
        "The operator has not set its address.",
        "Ask the operator to set EXHUME_IMPORT_REGISTRY_URL, or upload the file.",
    ),
    "import_host": ProblemType(
        403,
        "Host not allowed",
        "The host is not among those from which this service fetches files.",
        "Otherwise a user could make the service call any server.",
        "Ask the operator to list it in EXHUME_IMPORT_HOSTS, or upload the file.",
    ),
    "import_network": ProblemType(
        403,
        "Address outside the public internet",
        "The host resolves to an address in a private network. Nothing was sent there.",
        "Otherwise a user could make the service reach into the operator's network.",
        "Ask the operator to list the network in EXHUME_IMPORT_NETWORKS, or upload the file.",
    ),
    "import_redirect": ProblemType(
        (403, 422),
        "Redirect not followed",
        "The server redirects to another host, too often, or without TLS.",
        "Only the host that was named is trusted with the request.",
        "Use the address at which the file itself lies.",
    ),
    "import_denied": ProblemType(
        403,
        "Access denied by the other server",
        "The server that has the file denies access.",
        "The service has no credential for it, or an insufficient one.",
        "Ask the operator to set the credential for this host, or upload the file.",
    ),
    "import_not_found": ProblemType(
        404,
        "No such file on the other server",
        "The server has no such file.",
        "The address is misspelt, or the file was removed.",
        "Check the address in a browser.",
    ),
    "import_answer": ProblemType(
        422,
        "Unexpected answer of the other server",
        "The server answered with something other than the plain file.",
        "It reported an error, or sent the file compressed.",
        "Check the address, or upload the file.",
    ),
    "import_file_type": ProblemType(
        422,
        "Wrong kind of file",
        "The address leads to a kind of file that is not fetched here. Nothing was kept.",
        "Only kinds of files that cannot carry code are fetched.",
        "Convert the file where you trust it, or upload it.",
    ),
    "import_too_slow": ProblemType(
        408,
        "File arrived too slowly",
        "The file did not arrive in time. Nothing was kept.",
        "EXHUME_IMPORT_SECONDS limits the time for fetching a file.",
        "Try again later, ask the operator for more time, or upload the file.",
    ),
    "import_unreachable": ProblemType(
        503,
        "Other server unreachable",
        "The server could not be reached in several attempts.",
        "It is down, or the network in between is interrupted.",
        "Fetch the file again later.",
    ),
}
