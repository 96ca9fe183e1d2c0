// The form of an invitation: an e-mail address, a role, and perhaps one project.
import { type SubmitEvent, useState } from "react";
import { placed } from "@/api/faults";
import type { NewInvitation, Role } from "@/api/model";
import { useInvite } from "@/features/members/queries";
import { ROLE_WORDS, ROLES } from "@/features/members/roles";
import { Button } from "@/ui/Button";
import { Field, Select, TextInput } from "@/ui/Field";
import { ProblemNotice } from "@/ui/Notice";

interface Props {
  organisation: string;
  /** Names of the projects of the organisation by id. */
  projects: ReadonlyMap<string, string>;
  onClose: () => void;
  onMade: (invitation: NewInvitation) => void;
}

const FIELDS = { paths: { email: "email", role: "role", project_id: "project" }, codes: { already_member: "email", no_such_project: "project" } } as const;

export function InviteForm({ organisation, projects, onClose, onMade }: Props) {
  const invite = useInvite(organisation);
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("auditor");
  const [project, setProject] = useState("");
  const [tried, setTried] = useState(false);
  const server = placed(invite.error, FIELDS);
  const wrong = !/^[^@\s]+@[^@\s]+$/.test(email.trim());
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setTried(true);
    if (!wrong) invite.mutate({ email: email.trim(), role, project_id: project || null, expires_in_days: 7 }, { onSuccess: onMade });
  };
  return (
    <form onSubmit={submit} noValidate className="border-line mb-8 max-w-2xl rounded-xl border p-6">
      <h2 className="text-lg font-semibold">Invite somebody</h2>
      <div className="mt-4 space-y-5">
        {server.rest !== null && <ProblemNotice error={server.rest} />}
        <Field label="E-mail" help="The invitation is a link that works once, for seven days. It is also sent by e-mail where the service has a mail server." error={tried && wrong ? "Enter an e-mail address." : server.at.email}>
          {(field) => <TextInput {...field} type="email" autoComplete="off" value={email} onChange={(event) => setEmail(event.target.value)} />}
        </Field>
        <div className="grid gap-5 sm:grid-cols-2">
          <Field label="Role" error={server.at.role} help={`${ROLE_WORDS[role].name}: ${ROLE_WORDS[role].may}.`}>
            {(field) => (
              <Select {...field} value={role} onChange={(event) => setRole(event.target.value as Role)}>
                {ROLES.map((one) => (
                  <option key={one} value={one}>
                    {ROLE_WORDS[one].name}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          <Field label="In" error={server.at.project}>
            {(field) => (
              <Select {...field} value={project} onChange={(event) => setProject(event.target.value)}>
                <option value="">All projects</option>
                {[...projects].map(([id, name]) => (
                  <option key={id} value={id}>
                    {name}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        </div>
        <div className="flex gap-2">
          <Button type="submit" look="primary" disabled={invite.isPending}>
            Create the invitation
          </Button>
          <Button onClick={onClose}>Close</Button>
        </div>
      </div>
    </form>
  );
}
