// Who is recognised in both audits, in one of them, or in neither.
import type { Comparison, Noun } from "@/api/model";
import { IdentityLink } from "@/features/audits/identity/IdentityLink";
import { capital, counted } from "@/features/audits/noun";
import { Section } from "@/ui/Page";

interface Props {
  comparison: Comparison;
  noun: Noun;
}

export function ChangedIdentities({ comparison, noun }: Props) {
  const { shared, newly_exposed: newly, no_longer_exposed: gone, both_exposed: both, neither_exposed: neither, first, second } = comparison;
  if (shared === 0) return null;
  return (
    <Section title={capital(noun.many)} aside={`${counted(shared, noun)} in both audits`}>
      <dl className="grid max-w-[68rem] gap-x-10 gap-y-6 md:grid-cols-2">
        <Group name={`Newly recognised: ${counted(newly.length, noun)}`} audit={second.audit} people={newly.map((one) => ({ name: one.name, identity: one.second }))} />
        <Group name={`No longer recognised: ${counted(gone.length, noun)}`} audit={first.audit} people={gone.map((one) => ({ name: one.name, identity: one.first }))} />
        <Group name={`Recognised in both: ${counted(both, noun)}`} />
        <Group name={`Recognised in neither: ${counted(neither, noun)}`} />
      </dl>
    </Section>
  );
}

function Group({ name, audit, people }: { name: string; audit?: string; people?: { name: string; identity: number }[] }) {
  return (
    <div>
      <dt className="font-medium">{name}</dt>
      {audit !== undefined && people !== undefined && people.length > 0 && (
        <dd className="text-ink-2 text-sm">
          {people.map((one, at) => (
            <span key={one.identity}>
              {at > 0 && ", "}
              <IdentityLink audit={audit} identity={one.identity}>
                {one.name}
              </IdentityLink>
            </span>
          ))}
        </dd>
      )}
    </div>
  );
}
