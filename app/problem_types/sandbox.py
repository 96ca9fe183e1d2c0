"""Files that exceeded a limit, or attacked the process that opened them."""

from app.problem_types.kind import ProblemType

_SMALLER = "Upload the weights alone, or fewer images."

KINDS = {
    "took-too-long": ProblemType(
        422, "Opening took too long", "The file could not be opened in time.", "The time is limited.", _SMALLER
    ),
    "too-much-memory": ProblemType(
        422, "Too much memory", "Opening the file took too much memory.", "The memory is limited.", _SMALLER
    ),
    "too-much-disk": ProblemType(
        422, "Too much disk space", "Opening the file wrote too much.", "The space is limited.", _SMALLER
    ),
    "examination-crashed": ProblemType(
        422,
        "Examination crashed",
        "The process that opened the file ended or returned an unusable answer.",
        "The file is damaged or forged, or a library has a bug.",
        "Save it again with current libraries. If it still fails and the file is sound, report it.",
    ),
    "forbidden-action": ProblemType(
        422,
        "Forbidden action",
        "Opening the file made its reader do something that is not allowed, so it was stopped.",
        "A reader of files needs neither network nor programs. The file may be an attack.",
        "Do not open this file elsewhere. Save the model again from its source.",
    ),
    "sandbox-too-weak": ProblemType(
        422,
        "Sandbox too weak",
        "A PyTorch or ONNX file cannot be converted on this machine.",
        "Such files are opened only where the kernel offers seccomp and Landlock.",
        "Upload the weights as safetensors, or ask the operator for a newer kernel.",
    ),
}
