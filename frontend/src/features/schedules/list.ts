// Search, filters and order of the list of schedules.
import type { ListQuery } from "@/api/model";
import { ACTIVE, BY_NAME, flag, order, rowsSearch } from "@/ui/listChoices";
import type { ListChoice } from "@/ui/ListBar";
import type { ListSearch } from "@/ui/listSearch";

type Name = "active" | "sort";
export type ScheduleSearch = ListSearch<Name>;

export const SCHEDULE_CHOICES: readonly ListChoice<Name>[] = [ACTIVE, order(...BY_NAME, ["next_at", "Next run first"])];

const rows = rowsSearch(SCHEDULE_CHOICES);

/** Also reads the target of a new schedule. */
export function validateSchedules(search: Record<string, unknown>): ReturnType<typeof rows> & { target?: string } {
  return { ...rows(search), ...(typeof search.target === "string" ? { target: search.target } : {}) };
}

/** Return the parameters of the request. */
export function scheduleQueryOf({ q, active, sort }: ScheduleSearch): ListQuery<"schedules-list"> {
  return { q, active: flag(active), sort: sort as ListQuery<"schedules-list">["sort"] };
}
