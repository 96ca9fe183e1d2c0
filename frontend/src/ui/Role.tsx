// The two roles of data, never confusable: own colour, own icon, own words, everywhere.
import type { DataRole } from "@/api/model";
import { Icon } from "@/ui/Icon";
import { classes } from "@/ui/classes";

interface RoleWords {
  name: string;
  meaning: string;
  /** What is done with them, and when. */
  opened: string;
}

export const ROLE_WORDS: Record<DataRole, RoleWords> = {
  public: {
    name: "Public images",
    meaning: "what an attacker has",
    opened: "what an attacker has: the prior and the students are trained on them",
  },
  private: {
    name: "Private images",
    meaning: "the training images, which the attack never sees",
    opened:
      "the training images. A process of its own opens them before the attack: it hands on which public images to drop, and how well the model and the verifiers do on them. " +
      "Processes that attack have no access. After the reconstructions are frozen they are opened again, to judge these and to check the power of the plan",
  },
  gallery: {
    name: "Gallery",
    meaning: "others who were not trained on, among whom the right one must be found",
    opened: "others who were not trained on, among whom the right one must be found",
  },
};

const ROLE_MARKS = {
  public: { colour: "text-public", icon: "globe" },
  private: { colour: "text-private", icon: "lock" },
  gallery: { colour: "text-ink-2", icon: "person" },
} as const satisfies Record<DataRole, { colour: string; icon: string }>;

export function roleColour(role: DataRole): string {
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
