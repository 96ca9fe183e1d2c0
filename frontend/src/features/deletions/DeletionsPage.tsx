// The deletions of a project: receipts, legal holds, and the deletion of the whole project.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { PageProblem } from "@/app/PageError";
import { DeleteButton } from "@/features/deletions/DeleteButton";
import { receiptsQuery } from "@/features/deletions/queries";
import { ReceiptTable } from "@/features/deletions/ReceiptTable";
import { Holds } from "@/features/holds/Holds";
import { projectsQuery } from "@/features/projects/queries";
import { sessionQuery } from "@/features/session/queries";
import { Button } from "@/ui/Button";
import { Loading, Page, Section } from "@/ui/Page";

export function DeletionsPage() {
  const { projectId } = useParams({ from: "/signed-in/projects/$projectId/deletions" });
  const navigate = useNavigate();
  const receipts = useInfiniteQuery(receiptsQuery(projectId));
  const { data: projects } = useQuery(projectsQuery);
  const { data: session } = useQuery(sessionQuery);
  const project = projects?.find(({ id }) => id === projectId);
  if (receipts.isError && !receipts.data) return <PageProblem error={receipts.error} what="project" />;
  return (
    <Page title="Deletions" lead="A deletion destroys the encryption keys and removes the files. Scores, verdicts and digests stay. The service signs a receipt of each.">
      <Section title="Receipts">
        {receipts.isPending && <Loading what="receipts" />}
        {receipts.data && <ReceiptTable rows={receipts.data.pages.flatMap((page) => page.items)} />}
        {receipts.hasNextPage && (
          <Button className="mt-4" onClick={() => void receipts.fetchNextPage()} disabled={receipts.isFetchingNextPage}>
            {receipts.isFetchingNextPage ? "Loading …" : "Show older receipts"}
          </Button>
        )}
      </Section>
      <Holds projectId={projectId} />
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
