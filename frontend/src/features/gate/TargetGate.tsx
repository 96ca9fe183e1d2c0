// The policy that decides the releases of a target, and its waivers.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Release, Target } from "@/api/model";
import { waiversQuery } from "@/features/gate/queries";
import { WaiverTable } from "@/features/gate/WaiverTable";
import { assignedQuery, policiesQuery, useAssignPolicy } from "@/features/policies/queries";
import { shellWord } from "@/format/shell";
import { CommandLine } from "@/ui/Copy";
import { Field, Select } from "@/ui/Field";
import { ProblemNotice } from "@/ui/Notice";
import { Loading, Section } from "@/ui/Page";

const PROJECT = ""; // the value of the choice "the default of the project"

export function TargetGate({ target, releases }: { target: Target; releases: readonly Release[] }) {
  const { id, project_id: projectId } = target;
  const policies = useQuery(policiesQuery(projectId));
  const assigned = useQuery(assignedQuery(id));
  const waivers = useQuery(waiversQuery(id));
  const assign = useAssignPolicy(target);
  if (policies.isPending || assigned.isPending) return <Loading what="the policy" />;
  const { policy_id, inherited } = assigned.data ?? { policy_id: null, inherited: true };
  const applied = policies.data?.find((policy) => policy.id === policy_id);
  return (
    <Section
      title="Release gate"
      aside={
        <Link to="/projects/$projectId/policies" params={{ projectId }} className="text-accent hover:underline">
          Policies
        </Link>
      }
    >
      {(policies.isError || assigned.isError || assign.isError) && <ProblemNotice error={assign.error ?? assigned.error ?? policies.error} />}
      <div className="max-w-sm">
        <Field label="Policy" help={applied ? `Version ${applied.newest.version}. A change decides all releases again, without another attack.` : "Nothing is decided without a policy."}>
          {(field) => (
            <Select
              {...field}
              value={inherited ? PROJECT : (policy_id ?? PROJECT)}
              disabled={assign.isPending}
              onChange={(event) => assign.mutate(event.target.value === PROJECT ? null : event.target.value)}
            >
              <option value={PROJECT}>The default of the project{inherited && applied ? `: ${applied.name}` : ""}</option>
              {policies.data?.map((policy) => (
                <option key={policy.id} value={policy.id}>
                  {policy.name}
                </option>
              ))}
            </Select>
          )}
        </Field>
      </div>
      {applied && (
        <div className="mt-4 max-w-xl">
          <CommandLine command={`exhume policy assign ${shellWord(applied.name)} --target ${shellWord(target.name)}`} />
        </div>
      )}
      {waivers.data && waivers.data.length > 0 && (
        <div className="mt-6">
          <h3 className="mb-1.5 font-medium">Waivers</h3>
          <WaiverTable caption={`Waivers of ${target.name}`} rows={waivers.data} releases={releases} />
        </div>
      )}
    </Section>
  );
}
