// Pages in place of one that cannot be shown, and of one that is loading.
import { Link, useRouter } from "@tanstack/react-router";
import { problemOf } from "@/api/problem";
import { PageNotLoaded } from "@/app/lazyPage";
import { Button, buttonClass } from "@/ui/Button";
import { Notice, ProblemNotice } from "@/ui/Notice";
import { Loading, Page } from "@/ui/Page";

export function MissingPage() {
  return (
    <main className="mx-auto max-w-2xl px-6 py-16">
      <Page title="No such page" lead="There is no page at this address. It may be mistyped or deleted.">
        <Link to="/" className={buttonClass("primary")}>
          Go to the audits
        </Link>
      </Page>
    </main>
  );
}

/** Shows the error of a query that a whole page depends on. */
export function PageProblem({ error, what }: { error: unknown; what: string }) {
  const { status } = problemOf(error);
  const title =
    status === 404 ? `This ${what} does not exist, or you do not have access to it` : status === 403 ? `You do not have access to this ${what}` : undefined;
  return (
    <Page title={`${what.charAt(0).toUpperCase()}${what.slice(1)}`}>
      <ProblemNotice
        error={error}
        title={title}
        actions={
          <Link to="/" className={buttonClass("secondary")}>
            Go to the audits
          </Link>
        }
      />
    </Page>
  );
}

export function PageError({ error }: { error: unknown }) {
  const router = useRouter();
  if (error instanceof PageNotLoaded) {
    return (
      <div role="alert">
        <Notice
          title="This page could not be loaded"
          actions={
            <Button look="primary" onClick={() => window.location.reload()}>
              Reload
            </Button>
          }
        >
          The service may have been upgraded since this tab was opened. If it does not answer, start it with “exhume up”. Audits are not affected.
        </Notice>
      </div>
    );
  }
  return <ProblemNotice error={error} actions={<Button onClick={() => void router.invalidate()}>Try again</Button>} />;
}

/** Shows an error where the frame of the page is missing too. */
export function WholePageError({ error }: { error: unknown }) {
  return (
    <main className="mx-auto max-w-2xl px-6 py-16">
      <PageError error={error} />
    </main>
  );
}

export function PageLoading() {
  return <Loading what="the page" />;
}

export function WholePageLoading() {
  return (
    <main className="mx-auto max-w-2xl px-6 py-16">
      <PageLoading />
    </main>
  );
}
