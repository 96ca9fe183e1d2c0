// Due times in the schedule's time zone and in UTC.
import type { SchedulePreview } from "@/api/model";
import { localTime } from "@/features/schedules/times";
import { exact } from "@/format/dates";

export function DueTimes({ preview: { reads, timezone, times } }: { preview: SchedulePreview }) {
  return (
    <>
      <p className="text-ink-2 text-sm">
        {reads}, {timezone}
      </p>
      <ol className="mt-1.5 space-y-1">
        {times.map(({ local, utc }) => (
          <li key={utc} className="flex flex-wrap justify-between gap-x-4 text-sm">
            <span className="figures">{localTime(local)}</span>
            <time dateTime={utc} className="text-ink-3 figures">
              {exact(utc)}
            </time>
          </li>
        ))}
      </ol>
    </>
  );
}
