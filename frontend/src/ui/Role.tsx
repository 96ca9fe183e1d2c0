// The roles of data sets. Each has its own colour, icon and words, so that they cannot be
// confused.
import type { DataRole } from "@/api/model";
import { Icon } from "@/ui/Icon";
import { classes } from "@/ui/classes";

interface RoleWords {
  name: string;
  meaning: string;
  /** How and when the images are used. */
  opened: string;
}

export const ROLE_WORDS: Record<DataRole, RoleWords> = {
  public: {
    name: "Public images",
    meaning: "what an attacker has",
    opened: "what an attacker has. The prior and the students are trained on them",
  },
  private: {
    name: "Private images",
    meaning: "the training images, which the attack never sees",
    opened:
      "the training images. Before the attack, a separate process opens them to find duplicates among the public images and to measure the release and the verifiers. " +
      "Processes that attack have no access to them. After the reconstructions are frozen, they are opened again for the comparison and the power check",
  },
  gallery: {
    name: "Gallery",
    meaning: "people who are not in the training set, for the verifiers to search among",
    opened: "people who are not in the training set. The verifiers search among them and the private images",
  },
};

const ROLE_MARKS = {
  public: { colour: "text-public", icon: "globe" },
  private: { colour: "text-private", icon: "lock" },
  gallery: { colour: "text-ink-2", icon: "person" },
} as const satisfies Record<DataRole, { colour: string; icon: string }>;

function roleColour(role: DataRole): string {
  return ROLE_MARKS[role].colour;
}

export function RoleMark({ of: role, meaning = false, name }: { of: DataRole; meaning?: boolean; name?: string }) {
  return (
    <span className="inline-flex flex-wrap items-center gap-x-1.5 align-bottom">
      <span className={classes("inline-flex items-center gap-1.5 align-bottom font-medium", roleColour(role))}>
        <Icon name={ROLE_MARKS[role].icon} />
        {name ?? ROLE_WORDS[role].name}
      </span>
      {meaning && <span className="text-ink-3 text-sm font-normal">{ROLE_WORDS[role].meaning}</span>}
    </span>
  );
}
