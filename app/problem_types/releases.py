"""Problems of a release's description, found before its file is read."""

from app.problem_types.kind import ProblemType

KINDS = {
    "class_names": ProblemType(
        422,
        "Unusable class names",
        "Some class names are blank or contain control characters.",
        "Names are shown in results and compared with those of the data sets.",
        "Correct the names that `errors` lists.",
    ),
    "look_alike_names": ProblemType(
        422,
        "Class names look alike",
        "Two classes have names that a reader cannot tell apart.",
        "Case, the spelling of accents, white space and zero-width characters do not distinguish names.",
        "Give every class a clearly different name.",
    ),
    "convention_0_255": ProblemType(
        422,
        "Convention for pixels from 0 to 255",
        "`mean` and `std` belong to pixels from 0 to 255.",
        "Pixels have values from 0 to 1 here, so the network would see nearly the same in every image.",
        "Use the numbers divided by 255, which `errors` suggests.",
    ),
    "unknown_architecture": ProblemType(
        422,
        "Unknown architecture",
        "There is no architecture of this name.",
        "The name must be known to timm, torchvision or Exhume. /api/v1/architectures lists all names.",
        "Use one of the nearest names in `errors`, or leave the field out to have it detected.",
    ),
    "twin_of_other_target": ProblemType(
        422,
        "Twin of another target",
        "The twin names a release of another target.",
        "A twin is compared with the release that it imitates, so both belong to one target.",
        "Create the twin in the target of the original release.",
    ),
    "twin_of_twin": ProblemType(
        422,
        "Twin of a twin",
        "The release that the twin names is itself a twin.",
        "A twin differs from a real release only in its training images.",
        "Name the release from which the other twin was made.",
    ),
    "twin_classes": ProblemType(
        422,
        "Classes differ from the original",
        "The twin has other classes than its release, or another order.",
        "A twin replaces only the images of some identities.",
        "Create the twin with the classes of the release, in the same order.",
    ),
    "stand_in_is_member": ProblemType(
        422,
        "Stand-in is a class of the release",
        "A stand-in of the twin is one of the release's own classes.",
        "A stand-in must be somebody on whom the release was not trained.",
        "Choose other people as stand-ins.",
    ),
    "not_awaiting_upload": ProblemType(
        409,
        "File already sent",
        "This release, data set or verifier is not waiting for a file.",
        "Each takes one file, so that an audit always means the same bytes.",
        "Create a new one for a new file.",
    ),
    "digest_unknown": ProblemType(
        409,
        "Digest not known yet",
        "A signature was sent for a release whose file has no digest yet.",
        "A signature is verified against the digest of the file, which was neither announced nor uploaded.",
        "Announce `sha256` when you create the release, or upload the file first.",
    ),
    "signature_rejected": ProblemType(
        422,
        "Signature does not hold",
        "The signature was not made with this key, is about another file, or was changed.",
        "Only a signature that holds says who made the file.",
        "Check that bundle, public key and checkpoint belong together. Verify them with `exhume verify`.",
    ),
    "signature_unsupported": ProblemType(
        422,
        "Kind of signature not supported",
        "The signature is of a kind that Exhume does not verify.",
        "Exhume verifies signatures made with a key. Those made with a certificate need trust roots and a transparency"
        " log.",
        "Sign with `model_signing sign key`, or verify the signature yourself and upload the release without it.",
    ),
    "bad_pieces": ProblemType(
        400,
        "Malformed pieces",
        "The pieces of a file that were sent for a preflight overlap or are not described correctly.",
        "A preflight sends the beginning and the end of a file, each byte once.",
        "Use a current client, or send each byte once.",
    ),
    "pieces_too_large": ProblemType(
        400,
        "Pieces too large",
        "The pieces of a file that were sent for a preflight are too large in total.",
        "A preflight reads headers only.",
        "Send less of the file. `detail` names the limit.",
    ),
}
