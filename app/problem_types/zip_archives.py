"""zip archives whose structure is not plain."""

from app.problem_types.kind import ProblemType

_WHY = "Archives are read strictly, because an ambiguous archive could hide files from a checker."


def _zip(title: str, happened: str, why: str = _WHY) -> ProblemType:
    do = "Pack the folder again with an ordinary zip program, without encryption and comments."
    return ProblemType(422, title, happened, why, do)


KINDS = {
    "zip-truncated": _zip("zip file cut off", "The archive ends inside a record.", "The upload or export broke off."),
    "zip-end-record": _zip("Malformed end of the zip file", "The archive does not end with a proper directory."),
    "zip-multi-disk": _zip("zip file in several parts", "The archive is one part of a multi-part archive."),
    "zip64-lies": _zip("Inconsistent zip64 records", "The records for large archives are missing or disagree."),
    "zip-extra": _zip("Malformed extra field", "An entry has an extra field that is malformed or not allowed."),
    "zip-comment": _zip("Comment in the zip file", "An entry of the archive has a comment."),
    "zip-method": _zip("Unsupported compression", "An entry is compressed by a method that is not supported."),
    "zip-encrypted": _zip("Encrypted zip file", "An entry is encrypted or uses unsupported features."),
    "zip-name": _zip("Unusable file name", "A name is empty, too long, unprintable, not UTF-8 or too deep."),
    "zip-absolute-name": _zip("Absolute file name", "A name is absolute or contains a backslash."),
    "zip-climbs-out": _zip("Name leads out of the folder", "A name contains `..` or an empty part."),
    "zip-duplicate-name": _zip("Duplicate file name", "Two entries of the archive have the same name."),
    "zip-link": _zip("Link or device", "An entry is a link or a device and not a file."),
    "zip-folder": _zip("Folder with content", "An entry for a folder has content."),
    "zip-size": _zip("Sizes differ", "An uncompressed entry has two different sizes."),
    "zip-headers-differ": _zip("Headers disagree", "The two headers of an entry differ."),
    "zip-overlap": _zip("Entries overlap", "Two entries of the archive share bytes."),
    "zip-hidden-bytes": _zip("Hidden bytes", "There are bytes in the archive that belong to no entry."),
    "zip-checksum": _zip("Wrong checksum", "An entry does not match its checksum.", "The file is damaged."),
    "zip-corrupt": _zip("Entry cannot be unpacked", "An entry is damaged.", "The file is damaged or forged."),
    "zip-bomb": _zip(
        "Unpacks to far more", "The archive unpacks to far more than its size.", "It could fill the disk."
    ),
    "zip-entry-too-large": _zip(
        "Entry too large", "An entry unpacks to more than is accepted.", "It could fill the disk or the memory."
    ),
    "zip-too-many-entries": _zip(
        "Too many entries",
        "The archive contains more files than are accepted.",
        "The number is limited. Very many tiny images can be saved as one .npz instead.",
    ),
}
