// A link to the page of what a public id names. Other ids are shown as text.
import { Link, type LinkProps } from "@tanstack/react-router";

const LENGTH = 12; // shown characters, with the prefix

/**
 * Return the page that shows it, or what it is a part of, such as an image of a data set. A list is
 * searched for its id, which may be on a later page.
 */
function pageOf(projectId: string, subject: string): LinkProps | null {
  const [id = ""] = subject.split("/");
  const params = { projectId };
  switch (id.slice(0, 4)) {
    case "aud_":
      return { to: "/audits/$auditId", params: { auditId: id } };
    case "rel_":
      return { to: "/projects/$projectId/releases/$releaseId", params: { ...params, releaseId: id } };
    case "tgt_":
      return { to: "/projects/$projectId/targets/$targetId", params: { ...params, targetId: id } };
    case "dst_":
      return { to: "/projects/$projectId/datasets/$datasetId", params: { ...params, datasetId: id } };
    case "ver_":
      return { to: "/projects/$projectId/verifiers", params, search: { q: id } };
    case "pol_":
      return { to: "/projects/$projectId/policies/$policyId", params: { ...params, policyId: id } };
    case "sch_":
      return { to: "/projects/$projectId/schedules", params, search: { open: id, q: id } };
    case "whk_":
      return { to: "/projects/$projectId/webhooks", params, search: { open: id, q: id } };
    case "key_":
      return { to: "/projects/$projectId/keys", params, search: { q: id } };
    default:
      return null;
  }
}

export function SubjectLink({ projectId, id }: { projectId: string; id: string }) {
  const page = pageOf(projectId, id);
  const text = (
    <span className="font-mono text-xs" title={id}>
      {id.length > LENGTH ? `${id.slice(0, LENGTH)}…` : id}
    </span>
  );
  return page ? (
    <Link {...page} className="text-accent rounded-sm hover:underline">
      {text}
    </Link>
  ) : (
    text
  );
}
