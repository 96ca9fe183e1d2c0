// Who acted: a person, a machine, the operator or a part of the service, by name.
import { actorOf } from "@/features/log/entry";

export function Who({ actor }: { actor: string }) {
  const { kind, name } = actorOf({ actor });
  return (
    <>
      {kind && <span className="text-ink-3">{kind}</span>}
      {kind && name && " "}
      {name && <span className="wrap-anywhere">{name}</span>}
    </>
  );
}
