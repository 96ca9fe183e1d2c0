"""Failures of audits and intakes."""

from app.problem_types.kind import ProblemType

_AGAIN = "Start the audit again."
_EDITED = "Start the audit again, and find out who can write to the database."

KINDS = {
    "worker_lost": ProblemType(
        500,
        "Worker lost",
        "The worker stopped answering in every attempt at a stage.",
        "Its process or machine stopped. The usual reason is too little memory.",
        "Read the worker's log, give it more memory if that is the reason, and start the audit again.",
    ),
    "out_of_memory": ProblemType(
        500,
        "Out of memory",
        "The worker ran out of memory in a stage.",
        "The model, the images or the number of identities are too large for it.",
        "Give the worker more memory, or audit fewer identities at once.",
    ),
    "device_lost": ProblemType(
        500,
        "Device failed",
        "The GPU of a worker failed in the middle of a stage, or cannot be used.",
        "The GPU, its driver or its connection failed, or PyTorch was not built for it.",
        "Another worker takes the job. Follow the advice of the problem, or compute on the processor "
        "(EXHUME_DEVICE=cpu).",
    ),
    "device_out_of_memory": ProblemType(
        500,
        "GPU out of memory",
        "The GPU of a worker ran out of memory in a stage.",
        "The model is too large for it, or another program uses its memory.",
        "The job waits for a worker that has enough. Add one, or stop the other program.",
    ),
    "stage_failed": ProblemType(
        500,
        "Stage failed",
        "A stage ended with an error in every attempt.",
        "This is a bug in Exhume, not an error in the uploaded files.",
        "Start the audit again. If it fails again, report it with the worker's log.",
    ),
    "artifact_missing": ProblemType(
        409,
        "Work of an earlier stage is missing",
        "A file that an earlier stage stored is missing or damaged.",
        "It was deleted or changed in the object store.",
        f"The earlier stage makes it again. If the audit failed nevertheless, check the object store. {_AGAIN}",
    ),
    "stored_file_missing": ProblemType(
        409,
        "Stored file missing",
        "A checkpoint, data set or verifier is no longer in the object store, or damaged.",
        "Somebody or something deleted or changed it there. The service itself records what it deletes.",
        "Restore the object store from a backup, or upload the file again.",
    ),
    "reconstruction_damaged": ProblemType(
        409,
        "Reconstruction damaged",
        "A stored reconstruction is missing, or does not match its recorded digest.",
        "Somebody or something changed the database.",
        _EDITED,
    ),
    "reconstructions_changed": ProblemType(
        409,
        "Reconstructions changed after the freeze",
        "The reconstructions differ from the frozen ones. Nothing was judged.",
        "Somebody or something changed the database after the freeze.",
        _EDITED,
    ),
    "too_few_public_images": ProblemType(
        422,
        "Too few public images",
        "Too few public images are left for the audit.",
        "Copies of private images are removed from the public data set first.",
        "Upload a larger public data set and start the audit with it.",
    ),
    "no_training_images": ProblemType(
        422,
        "No training images of the classes",
        "The private data set has no training images of the classes to audit.",
        "Held-out images alone do not show what the model was trained on.",
        "Upload the images on which the model was trained, in the split `train`.",
    ),
    "engine_error": ProblemType(
        422,
        "Rejected by the engine",
        "The engine cannot use the inputs of the audit.",
        "`detail` says what is wrong.",
        "Correct it and start the audit again.",
    ),
    "invalid_images": ProblemType(
        422,
        "Unusable images",
        "Images have the wrong type, shape or size for a stage.",
        "The data set does not fit the release or the prior.",
        "Upload images as the release takes them and start the audit again.",
    ),
    "invalid_recipe": ProblemType(
        422,
        "Unusable settings",
        "Settings of the prior, of the students or of the attack are unknown or impossible.",
        "They contradict each other, or do not fit the images.",
        "Leave the settings out, or correct them as `detail` says.",
    ),
    "invalid_convention": ProblemType(
        422,
        "Unusable input convention",
        "The input convention of the release cannot be used.",
        "Its size, channels, mean or standard deviation are impossible.",
        "Create the release again with the numbers that were used in training.",
    ),
    "invalid_hyperparameters": ProblemType(
        422,
        "Invalid hyper-parameters",
        "The architecture does not have these hyper-parameters, or not with these values.",
        "Each architecture has its own, within bounds.",
        "Create the release again with the values that `detail` allows.",
    ),
    "declaration_error": ProblemType(
        422,
        "Unusable description",
        "The description of the release cannot be used.",
        "`detail` says what is wrong.",
        "Create the release again with a corrected description.",
    ),
    "checkpoint_mismatch": ProblemType(
        422,
        "Weights of another architecture",
        "Names or shapes of the weights are not those of the architecture.",
        "The release names another architecture or other hyper-parameters than the model has.",
        "Create the release again with those of the model.",
    ),
    "unusable_target": ProblemType(
        422,
        "Model cannot be audited",
        "The model loads, but its outputs cannot be used.",
        "They are not finite, do not change with the image, or have no gradient.",
        "Upload another checkpoint.",
    ),
    "hard_outputs": ProblemType(
        422,
        "Decisions instead of scores",
        "The model returns decisions, from which no scores can be computed.",
        "An audit needs a score for each class.",
        "Upload the network with the outputs of its last layer.",
    ),
    "training_diverged": ProblemType(
        422,
        "Training of the prior diverged",
        "The losses of the prior are NaN or infinite.",
        "Training is unstable on these public images.",
        "Start the audit with the prior `pca`, or with more public images.",
    ),
    "unusable_model": ProblemType(
        422,
        "Unusable file of the engine",
        "A prior, verifier or student cannot be used.",
        "Its file is damaged, or was made by another version.",
        _AGAIN,
    ),
}
