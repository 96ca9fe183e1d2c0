// What is said about the data sets of each role.
import type { DataRole } from "@/api/model";

/** What the images are, in the dialog that reveals them. */
export const SHOWN: Record<DataRole, string> = {
  public: "These images are public, but they may show people.",
  private: "These images are private training images.",
  gallery: "These images show people who are not in the training set.",
};

/** What a deletion destroys and keeps. */
export const DELETED: Record<DataRole, string> = {
  public:
    "Deleting it destroys its images and names, and the priors and other files that were made from it. The pictures of the audits that used it stay, with their scores, verdicts and digests.",
  private:
    "Deleting it destroys its images and names, the evaluators and other files that were made from it, and the pictures of the audits that used it. Scores, verdicts and digests stay.",
  gallery:
    "Deleting it destroys its images and names, and the files that were made from it. The pictures of the audits that used it stay, with their scores, verdicts and digests.",
};

export const DELETION = "It is rejected while one of these audits runs, and under a legal hold. A signed receipt says what was destroyed.";
