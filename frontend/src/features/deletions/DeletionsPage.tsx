// The deletions of a project: receipts, legal holds, and the deletion of the whole project.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { PageProblem } from "@/app/PageError";
import { DeleteButton } from "@/features/deletions/DeleteButton";
import { RECEIPT_CHOICES, validateDeletions } from "@/features/deletions/list";
import { receiptsQuery } from "@/features/deletions/queries";
import { ReceiptTable } from "@/features/deletions/ReceiptTable";
import { Holds } from "@/features/holds/Holds";
import { projectsQuery } from "@/features/projects/queries";
import { sessionQuery } from "@/features/session/queries";
import { narrows } from "@/ui/listSearch";
import { Page, Section } from "@/ui/Page";
import { SearchedList } from "@/ui/SearchedList";

export function DeletionsPage() {
  const { projectId } = useParams({ from: "/signed-in/projects/$projectId/deletions" });
  const { holds, holdReleased, holdSort, ...values } = validateDeletions(useSearch({ from: "/signed-in/projects/$projectId/deletions" })); // the router keeps unknown ones
  const ofHolds = { holds, holdReleased, holdSort };
  const navigate = useNavigate({ from: "/projects/$projectId/deletions" });
  const change = (next: object) => void navigate({ search: next, replace: true, resetScroll: false });
  const receipts = useInfiniteQuery(receiptsQuery(projectId, values));
  const { data: projects } = useQuery(projectsQuery);
  const { data: session } = useQuery(sessionQuery);
  const project = projects?.find(({ id }) => id === projectId);
  if (receipts.isError && !receipts.data && !narrows(values)) return <PageProblem error={receipts.error} what="project" />;
  return (
    <Page title="Deletions" lead="A deletion destroys the encryption keys and removes the files. Scores, verdicts and digests stay. The service signs a receipt of each.">
      <Section title="Receipts">
        <SearchedList
          what="receipts"
          list={receipts}
          values={values}
          choices={RECEIPT_CHOICES}
          onChange={(next) => change({ ...next, ...ofHolds })}
          newestFirst
          empty={<p className="text-ink-3 text-sm">Nothing was deleted yet. Data sets, releases, verifiers and images of audits are deleted on their pages.</p>}
        >
          {(rows) => <ReceiptTable rows={rows} />}
        </SearchedList>
      </Section>
      <Holds
        projectId={projectId}
        values={{ q: holds, released: holdReleased, sort: holdSort }}
        onChange={({ q, released, sort }) => change({ ...values, holds: q, holdReleased: released, holdSort: sort })}
      />
      {project && session?.scopes.includes("data:delete") && session.scopes.includes("projects:write") && (
        <Section title="The whole project">
          <p className="text-ink-2 mb-3 max-w-[68ch] text-sm">Deletes everything in it, results too. Its audit log and its receipts are kept.</p>
          <DeleteButton
            subject={{ kind: "project", id: projectId }}
            projectId={projectId}
            name={project.name}
            look="secondary"
            words="Delete the project"
            onDeleted={() => void navigate({ to: "/" })}
          />
        </Section>
      )}
    </Page>
  );
}
