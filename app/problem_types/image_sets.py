"""Data sets whose files or names cannot be used."""

from app.problem_types.kind import ProblemType

_LAYOUT = "A zip has one folder for each identity, or such folders below `train` and `test`."
_ARRAYS = "An .npz contains `images`, and optionally `labels`, `identities` and `split`."


def _set(title: str, happened: str, why: str, do: str) -> ProblemType:
    return ProblemType(422, title, happened, why, do)


def _array(title: str, happened: str, why: str = _ARRAYS) -> ProblemType:
    return ProblemType(422, title, happened, why, "Correct the array and save it with `numpy.savez`.")


KINDS = {
    "set-format": _set(
        "Not a set of images",
        "The file is neither a zip nor an .npz.",
        "Images are uploaded in one of these two formats.",
        "Pack the folder of images as a zip.",
    ),
    "set-file-too-large": _set(
        "File too large",
        "The file has more bytes than a data set may have.",
        "The size of a data set is limited.",
        "Use fewer images, or scale them to the size that the model takes.",
    ),
    "set-too-large": _set(
        "Too many pixels",
        "The images take more room unpacked than is accepted.",
        "All images are kept as pixels.",
        "Use fewer images, or scale them to the size that the model takes.",
    ),
    "broken-image": _set(
        "Unusable images",
        "Some images cannot be decoded, are too large or have an unsupported format.",
        "Images must be PNG, JPEG, WebP or BMP with 8 bits per channel.",
        "Fix or remove the files that `errors` lists.",
    ),
    "mixed-sizes": _set(
        "Images of different sizes",
        "The images do not all have the same size.",
        "A network takes images of one size.",
        "Crop and scale all images to the size that the model takes.",
    ),
    "empty-archive": _set("No images", "The zip contains no image.", _LAYOUT, "Pack the folders with their images."),
    "empty-set": _set("No images", "The array `images` is empty.", _ARRAYS, "Save at least one image."),
    "empty-folder": _set("Empty folders", "Some folders contain no image.", _LAYOUT, "Fill or remove these folders."),
    "image-outside-folder": _set(
        "Images outside of folders",
        "Some images are not in the folder of an identity.",
        _LAYOUT,
        "Move them into the folder of their identity.",
    ),
    "folder-layout": _set(
        "Unexpected folders",
        "The folders are deeper than expected, or arranged in another way.",
        _LAYOUT,
        "Arrange them like this, and pack them again.",
    ),
    "identity-name": _set(
        "Unusable name of an identity",
        "A name is blank, too long or contains control characters.",
        "Names are shown in results and matched with the classes of a release.",
        "Rename the folder or the entry of `identities`.",
    ),
    "look-alike-names": _set(
        "Names look alike",
        "Two identities have names that a reader cannot tell apart.",
        "Case, the spelling of accents, white space and zero-width characters do not distinguish names.",
        "Merge the two if they are the same identity, or rename one.",
    ),
    "label-list": _set(
        "List of identities does not fit",
        "A list beside the images, such as labels.csv, does not name each image once.",
        "The list says whose each image is. An image without an entry, or with two, belongs to nobody.",
        "Complete the list, or remove it and use one folder for each identity.",
    ),
    "held-out-only": _set(
        "Identities without training images",
        "Some identities have held-out images but none in the training split.",
        "Held-out images are compared with those of training.",
        "Give each identity at least one image in `train`.",
    ),
    "too-many-identities": _set(
        "Too many identities",
        "The set has more identities than are accepted.",
        "Labels count from 0. The numbers in a gap count as identities.",
        "Upload fewer identities, or number the labels without gaps.",
    ),
    "npz-arrays": _array("Unexpected arrays", "`images` is missing, or there are arrays of other names."),
    "npz-images": _array(
        "Unusable array of images",
        "`images` has another type, shape or size than is accepted.",
        "It is uint8 with the shape (N, H, W) or (N, H, W, 3).",
    ),
    "npz-labels": _array("Unusable labels", "`labels` is not one whole number from 0 for each image."),
    "npz-identities": _array("Unusable identities", "`identities` is not one name for each label."),
    "npz-split": _array("Unusable split", "`split` is not `train` or `held-out` for each image."),
    "npy-dtype": _array("Unsupported type of array", "An array is structured or has an unsupported type."),
    "npy-header": _array("Malformed array", "The header of an array is malformed.", "The file is damaged or forged."),
    "npy-order": _array("Array in Fortran order", "An array is stored by columns.", "Arrays are read by rows."),
    "npy-pickled": _array(
        "Pickled array", "An array contains Python objects.", "They are pickled, and opening a pickle runs code."
    ),
    "npy-size": _array("Array cut off", "An array contains fewer or more bytes than its header says."),
}
