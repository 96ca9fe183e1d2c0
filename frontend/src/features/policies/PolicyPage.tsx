// One policy: what it asks, where it applies, and its versions.
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import type { PolicyVersion } from "@/api/model";
import { PageProblem } from "@/app/PageError";
import { targetsQuery } from "@/features/models/queries";
import { PolicyEditor } from "@/features/policies/PolicyEditor";
import { policyQuery, useAddVersion, useSetDefault, versionsQuery } from "@/features/policies/queries";
import { conditions } from "@/features/policies/summary";
import { Button } from "@/ui/Button";
import type { Column } from "@/ui/column";
import { Digest } from "@/ui/Copy";
import { DataTable } from "@/ui/DataTable";
import { Icon } from "@/ui/Icon";
import { ProblemNotice } from "@/ui/Notice";
import { Loading, Page, Section } from "@/ui/Page";
import { When } from "@/ui/When";

const COLUMNS: Column<PolicyVersion>[] = [
  { id: "version", header: "Version", rowHeader: true, className: "font-medium", cell: ({ version }) => version },
  { id: "digest", header: "Digest", cell: ({ digest }) => <Digest digest={digest} /> },
  { id: "by", header: "By", cell: ({ created_by }) => created_by },
  { id: "added", header: "Added", align: "end", className: "text-ink-2", cell: ({ created_at }) => <When at={created_at} /> },
];

export function PolicyPage() {
  const { projectId, policyId } = useParams({ from: "/signed-in/projects/$projectId/policies/$policyId" });
  const policy = useQuery(policyQuery(policyId));
  const versions = useQuery(versionsQuery(policyId));
  const targets = useQuery(targetsQuery(projectId));
  const add = useAddVersion(policyId);
  const setDefault = useSetDefault(projectId);
  const [editing, setEditing] = useState(false);
  if (policy.isError && !policy.data) return <PageProblem error={policy.error} what="policy" />;
  if (policy.isPending) return <Loading what="the policy" />;
  const { name, is_default, newest } = policy.data;
  const assigned = (targets.data ?? []).filter(({ id }) => policy.data.targets.includes(id));
  return (
    <>
      <p className="text-ink-2 mb-2 flex items-center gap-x-2 text-sm">
        <Link to="/projects/$projectId/policies" params={{ projectId }} className="hover:text-ink rounded-sm underline-offset-2 hover:underline">
          Policies
        </Link>
        <Icon name="right" className="text-ink-3 size-3.5 shrink-0" />
        <span>Version {newest.version}</span>
      </p>
      <Page
        title={name}
        lead={is_default ? "The default of this project. It applies to every target without a policy of its own." : "Applies to the targets that it is assigned to."}
        actions={
          !editing && (
            <>
              <Button onClick={() => setDefault.mutate(is_default ? null : policyId)} disabled={setDefault.isPending}>
                {is_default ? "End the default" : "Make it the default"}
              </Button>
              <Button look="primary" onClick={() => setEditing(true)}>
                New version
              </Button>
            </>
          )
        }
      >
        {setDefault.isError && <ProblemNotice error={setDefault.error} />}
        {editing ? (
          <PolicyEditor
            projectId={projectId}
            title={`Version ${newest.version + 1}`}
            policy={newest.policy}
            save={{
              words: "Add the version",
              pending: add.isPending,
              error: add.error,
              run: (_, document) => add.mutate(document, { onSuccess: () => setEditing(false) }),
            }}
            onClose={() => setEditing(false)}
          />
        ) : (
          <ul className="max-w-[68ch] list-disc space-y-1 pl-5">
            {conditions(newest.policy).map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        )}
        <Section title="Assigned to">
          {assigned.length === 0 ? (
            <p className="text-ink-2 text-sm">No target. Assign it on the page of a target{is_default ? "; as the default it applies to all others" : ""}.</p>
          ) : (
            <ul className="space-y-1">
              {assigned.map((target) => (
                <li key={target.id}>
                  <Link to="/projects/$projectId/targets/$targetId" params={{ projectId, targetId: target.id }} className="text-accent hover:underline">
                    {target.name}
                  </Link>
                </li>
              ))}
            </ul>
          )}
        </Section>
        <Section title="Versions">
          <DataTable caption={`Versions of ${name}, newest first`} columns={COLUMNS} rows={versions.data ?? []} rowKey={({ version }) => version} width="max-w-3xl" />
        </Section>
      </Page>
    </>
  );
}
