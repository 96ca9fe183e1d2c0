// One policy: what it asks, where it applies, and its versions.
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import type { PolicyVersion } from "@/api/model";
import { PageProblem } from "@/app/PageError";
import { targetsQuery } from "@/features/models/queries";
import { PolicyEditor } from "@/features/policies/PolicyEditor";
import { policyQuery, useAddVersion, useDeletePolicy, useSetDefault, versionsQuery } from "@/features/policies/queries";
import { conditions } from "@/features/policies/summary";
import { Button } from "@/ui/Button";
import type { Column } from "@/ui/column";
import { CommandLine, Digest } from "@/ui/Copy";
import { DataTable } from "@/ui/DataTable";
import { Dialog } from "@/ui/Dialog";
import { Notice, ProblemNotice } from "@/ui/Notice";
import { Loading, Page, Section } from "@/ui/Page";
import { Trail } from "@/ui/Trail";
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
  const remove = useDeletePolicy(policyId);
  const navigate = useNavigate();
  const [editing, setEditing] = useState(false);
  const [deleting, setDeleting] = useState(false);
  if (policy.isError && !policy.data) return <PageProblem error={policy.error} what="policy" />;
  if (policy.isPending) return <Loading what="the policy" />;
  const { name, is_default, newest, deleted_at } = policy.data;
  const assigned = (targets.data ?? []).filter(({ id }) => policy.data.targets.includes(id));
  return (
    <>
      <Trail above={[{ words: "Policies", link: { to: "/projects/$projectId/policies", params: { projectId } } }]} here={`Version ${newest.version}`} />
      <Page
        title={name}
        lead={deleted_at ? undefined : is_default ? "The default of this project. It applies to every target without a policy of its own." : "Applies to the targets that it is assigned to."}
        actions={
          !editing &&
          !deleted_at && (
            <>
              <Button look="quiet" onClick={() => setDeleting(true)}>
                Delete
              </Button>
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
        {deleted_at && (
          <Notice title="This policy was deleted">
            It applies to nothing. Its versions and the decisions by it stay readable. <When at={deleted_at} />
          </Notice>
        )}
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
      <Dialog
        open={deleting}
        onOpenChange={(open) => {
          setDeleting(open);
          remove.reset();
        }}
        title={`Delete “${name}”?`}
        description="It can be deleted while it applies to nothing. Its versions and the decisions by it stay readable."
      >
        {remove.isError && <ProblemNotice error={remove.error} />}
        <div className="mt-5 flex gap-2">
          <Button
            look="primary"
            disabled={remove.isPending}
            onClick={() => remove.mutate(undefined, { onSuccess: () => void navigate({ to: "/projects/$projectId/policies", params: { projectId } }) })}
          >
            Delete the policy
          </Button>
          <Button onClick={() => setDeleting(false)}>Keep it</Button>
        </div>
        <div className="mt-5">
          <CommandLine command={`exhume policy delete ${policyId}`} label="On the command line" />
        </div>
      </Dialog>
    </>
  );
}
