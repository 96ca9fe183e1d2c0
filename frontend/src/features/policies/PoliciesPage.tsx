// The policies of a project, which decide whether a release may ship.
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import type { Policy } from "@/api/model";
import { rowsOf } from "@/api/pages";
import { PageProblem } from "@/app/PageError";
import { POLICY_CHOICES, validatePolicies } from "@/features/policies/list";
import { PolicyEditor } from "@/features/policies/PolicyEditor";
import { searchedPoliciesQuery, useCreatePolicy } from "@/features/policies/queries";
import { conditions } from "@/features/policies/summary";
import { plural } from "@/format/numbers";
import { Button } from "@/ui/Button";
import type { Column } from "@/ui/column";
import { CommandLine } from "@/ui/Copy";
import { DataTable } from "@/ui/DataTable";
import { Icon } from "@/ui/Icon";
import { narrows } from "@/ui/listSearch";
import { Empty, Page } from "@/ui/Page";
import { SearchedList } from "@/ui/SearchedList";
import { When } from "@/ui/When";

const COLUMNS: Column<Policy>[] = [
  {
    id: "name",
    header: "Policy",
    rowHeader: true,
    className: "font-medium whitespace-nowrap",
    cell: ({ id, project_id, name, is_default }) => (
      <>
        <Link to="/projects/$projectId/policies/$policyId" params={{ projectId: project_id, policyId: id }} className="rounded-sm after:absolute after:inset-0 after:content-['']">
          {name}
        </Link>
        {is_default && <span className="text-ink-3 ml-2 text-xs font-normal">default</span>}
      </>
    ),
  },
  { id: "version", header: "Version", align: "end", cell: ({ newest }) => newest.version },
  { id: "asks", header: "Asks", className: "text-ink-2", cell: ({ newest }) => conditions(newest.policy).slice(0, 2).join(" ") },
  { id: "targets", header: "Assigned to", className: "whitespace-nowrap", cell: ({ targets }) => (targets.length === 0 ? "–" : plural(targets.length, "target")) },
  { id: "changed", header: "Changed", align: "end", className: "text-ink-2", cell: ({ newest }) => <When at={newest.created_at} /> },
];

export function PoliciesPage() {
  const { projectId } = useParams({ from: "/signed-in/projects/$projectId/policies" });
  const { add: adding, ...values } = validatePolicies(useSearch({ from: "/signed-in/projects/$projectId/policies" })); // the router keeps unknown ones
  const navigate = useNavigate({ from: "/projects/$projectId/policies" });
  const policies = useInfiniteQuery(searchedPoliciesQuery(projectId, values));
  const create = useCreatePolicy(projectId);
  const searched = narrows(values);
  if (policies.isError && !policies.data && !searched) return <PageProblem error={policies.error} what="project" />;
  const add = (open: boolean) => void navigate({ search: { ...values, add: open || undefined }, replace: !open });
  const button = (
    <Button look="primary" onClick={() => add(true)}>
      <Icon name="plus" /> New policy
    </Button>
  );
  return (
    <Page title="Policies" lead="A policy decides whether a release may ship. A new version decides all releases again, without another attack." actions={(searched || rowsOf(policies.data).length > 0) && !adding && button}>
      {adding && (
        <PolicyEditor
          projectId={projectId}
          title="New policy"
          save={{
            words: "Create the policy",
            pending: create.isPending,
            error: create.error,
            run: (name, policy) =>
              create.mutate(
                { name, policy },
                { onSuccess: ({ id }) => void navigate({ to: "/projects/$projectId/policies/$policyId", params: { projectId, policyId: id } }) },
              ),
          }}
          onClose={() => add(false)}
        />
      )}
      <SearchedList
        what="policies"
        list={policies}
        values={values}
        choices={POLICY_CHOICES}
        onChange={(next) => void navigate({ search: { ...next, add: adding }, replace: true, resetScroll: false })}
        empty={
          !adding && (
            <Empty title="No policies yet" action={button}>
              <p>Until a policy applies to a target, its audits have a verdict but no decision.</p>
              <CommandLine command="exhume policy create production policy.yaml" />
            </Empty>
          )
        }
        aside={<CommandLine command="exhume policy test policy.yaml" label="What a draft would have decided, on the command line" />}
      >
        {(rows) => (
          <DataTable caption="Policies of this project" columns={COLUMNS} rows={rows} rowKey={({ id }) => id} rowProps={() => ({ className: "relative" })} width="min-w-[46rem]" />
        )}
      </SearchedList>
    </Page>
  );
}
