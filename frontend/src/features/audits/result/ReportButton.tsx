// The report of a finished audit: one click for the PDF, and a dialog for all other choices.
import { useMutation } from "@tanstack/react-query";
import { type SubmitEvent, useState } from "react";
import type { Audit } from "@/api/model";
import { ApiError, problemFrom } from "@/api/problem";
import type { operations } from "@/api/schema";
import { saveBlob } from "@/plots/download";
import { Button } from "@/ui/Button";
import { CommandLine } from "@/ui/Copy";
import { Dialog } from "@/ui/Dialog";
import { Field, TextInput } from "@/ui/Field";
import { Icon } from "@/ui/Icon";
import { ProblemNotice } from "@/ui/Notice";
import { RadioCards } from "@/ui/RadioCards";

type Query = Required<NonNullable<operations["reports-audit"]["parameters"]["query"]>>;

const PLAIN: Query = { format: "pdf", paper: "a4", names: false, pictures: false, purpose: "" };
const FORMATS: { value: Query["format"]; name: string; does: string }[] = [
  { value: "pdf", name: "PDF", does: "to sign; tagged for screen readers" },
  { value: "html", name: "HTML", does: "one file that opens anywhere" },
  { value: "md", name: "Markdown", does: "a section for a model card, without people" },
];

async function download(audit: string, query: Query): Promise<void> {
  const words = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
  const answer = await fetch(`/api/v1/audits/${audit}/report?${words.toString()}`, { cache: "no-store", credentials: "same-origin" });
  if (!answer.ok) {
    const body: unknown = await answer.json().catch(() => null);
    throw new ApiError(answer.status, problemFrom(answer.status, body));
  }
  saveBlob(`${audit}.${query.format}`, await answer.blob());
}

export function ReportButton({ audit }: { audit: Audit }) {
  const [open, setOpen] = useState(false);
  const [query, setQuery] = useState(PLAIN);
  const report = useMutation({
    mutationFn: (wanted: Query) => download(audit.id, wanted),
    onSuccess: () => setOpen(false),
    onError: () => setOpen(true),
  });
  const shows = query.format !== "md" && (query.names || query.pictures);
  const wanted = shows ? query : { ...query, names: false, pictures: false, purpose: "" };
  const options = () => {
    report.reset(); // a problem with an earlier report
    setOpen(true);
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    report.mutate(wanted);
  };
  return (
    <>
      <Button onClick={() => report.mutate(PLAIN)} disabled={report.isPending}>
        <Icon name="download" /> {report.isPending ? "Making the report" : "Report"}
      </Button>
      <Button look="quiet" onClick={options} aria-label="Report options">
        Options
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title="Report" description="The document that somebody signs. It shows people by pseudonym, unless you state why you need more.">
        <form onSubmit={submit} className="mt-4 space-y-4">
          <RadioCards legend="Format" name="format" value={query.format} options={FORMATS} onChange={(format) => setQuery({ ...query, format })} />
          {query.format !== "md" && (
            <>
              <Check label="Letter instead of A4" checked={query.paper === "letter"} onChange={(letter) => setQuery({ ...query, paper: letter ? "letter" : "a4" })} />
              <Check label="Show names" checked={query.names} onChange={(names) => setQuery({ ...query, names })} />
              <Check label="Show reconstructions of the most exposed" checked={query.pictures} onChange={(pictures) => setQuery({ ...query, pictures })} />
            </>
          )}
          {shows && (
            <Field label="Purpose" help="The audit log keeps it, and the first page shows it.">
              {(field) => <TextInput {...field} required minLength={3} maxLength={500} value={query.purpose} onChange={(event) => setQuery({ ...query, purpose: event.target.value })} />}
            </Field>
          )}
          {report.isError && <ProblemNotice error={report.error} title="The report was not made" />}
          <div className="flex gap-2">
            <Button type="submit" look="primary" disabled={report.isPending || (shows && query.purpose.trim().length < 3)}>
              {shows ? "Download and log" : "Download"}
            </Button>
            <Button onClick={() => setOpen(false)}>Close</Button>
          </div>
          <CommandLine command={commandOf(audit.id, wanted)} />
        </form>
      </Dialog>
    </>
  );
}

/** Return the command for the same report. */
function commandOf(audit: string, { format, paper, names, pictures }: Query): string {
  const parts = [`exhume audit report ${audit} --format ${format}`, paper === "letter" && "--paper letter", names && "--names", pictures && "--pictures"];
  return [...parts, (names || pictures) && "--purpose PURPOSE"].filter(Boolean).join(" ");
}

function Check({ label, checked, onChange }: { label: string; checked: boolean; onChange: (checked: boolean) => void }) {
  return (
    <label className="flex cursor-pointer items-start gap-2">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.target.checked)} className="accent-accent mt-1" />
      {label}
    </label>
  );
}
