"""Checkpoints that do not fit their description, or cannot be audited."""

from app.problem_types.kind import ProblemType

KINDS = {
    "class-count": ProblemType(
        422,
        "Number of classes differs",
        "The number of outputs of the network differs from the number of classes of the release.",
        "The description belongs to another model, or names are missing.",
        "Create the release with one name for each output, in their order.",
    ),
    "class-order": ProblemType(
        422,
        "Order of classes differs",
        "The file lists its classes in another order than the release, or another number of them.",
        "With names in another order, an audit would judge the wrong classes.",
        "Create the release with the file's order, or confirm the order of the description.",
    ),
    "single-output": ProblemType(
        422,
        "Single output",
        "The network has one output, which scores one class against the rest.",
        "An audit needs an output for each class.",
        "Give the network two outputs, (0, z) in place of z, with the lines in `detail`.",
    ),
    "checkpoint-mismatch": ProblemType(
        422,
        "Weights of another architecture",
        "Names or shapes of the weights are not those of the architecture.",
        "The release names another architecture or other hyper-parameters than the model has.",
        "Correct both. Where the weights fit a known architecture, `detail` names it.",
    ),
    "architecture-not-detected": ProblemType(
        422,
        "Architecture not detected",
        "The weights do not match any known architecture.",
        "The model is a custom or modified network.",
        "Name the architecture if it is in /api/v1/architectures. Otherwise export the model as ONNX.",
    ),
    "unknown-architecture": ProblemType(
        422,
        "Unknown architecture",
        "There is no architecture of this name.",
        "The name must be known to timm, torchvision or Exhume.",
        "Use one of the nearest names that `errors` lists.",
    ),
    "invalid-hyperparameters": ProblemType(
        422,
        "Invalid hyper-parameters",
        "The architecture does not have these hyper-parameters, or not with these values.",
        "Each architecture has its own, within bounds.",
        "Correct them as `detail` says.",
    ),
    "invalid-convention": ProblemType(
        422,
        "Invalid input convention",
        "The described size, channels, mean or standard deviation do not fit the model.",
        "The convention says how the model expects its images.",
        "Create it again with the numbers that were used in training.",
    ),
    "weights-not-finite": ProblemType(
        422,
        "Weights are not finite",
        "Some weights are NaN or infinite.",
        "The training diverged, or the file is damaged.",
        "Upload an earlier checkpoint.",
    ),
    "unusable-model": ProblemType(
        422,
        "Model cannot be audited",
        "The model loads, but its outputs cannot be used.",
        "They are not finite, do not change with the image, or have no gradient.",
        "Check that the trained weights were saved, and upload another checkpoint.",
    ),
    "hard-outputs": ProblemType(
        422,
        "Decisions instead of scores",
        "The model returns decisions: the best class, the top k, or zeros and ones.",
        "Scores for all classes cannot be computed from decisions.",
        "Export the outputs of the last layer, without argmax, top-k or rounding.",
    ),
    "checkpoint-too-large": ProblemType(
        422,
        "Checkpoint too large",
        "The file has more bytes than a checkpoint may have.",
        "It probably contains more than the weights.",
        "Upload the weights alone, without optimiser states.",
    ),
    "too-many-parameters": ProblemType(
        422,
        "Too many parameters",
        "The checkpoint contains more numbers than are accepted.",
        "It probably contains more than the weights of one model.",
        "Upload the weights alone, without optimiser states.",
    ),
    "too-many-tensors": ProblemType(
        422,
        "Too many tensors",
        "The checkpoint contains more tensors than are accepted.",
        "It probably contains more than the weights of one model.",
        "Upload the weights alone, without optimiser states.",
    ),
}
