// The form of a new key, and the key once it is made. It is shown only once.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { NewApiKey } from "@/api/model";
import { NewKeyForm } from "@/features/keys/NewKeyForm";
import type { KeyOwner } from "@/features/keys/queries";
import { sessionQuery } from "@/features/session/queries";
import { Secret } from "@/ui/Secret";

interface Props {
  owner: KeyOwner;
  adding: boolean;
  onClose: () => void;
}

export function NewKey({ owner, adding, onClose }: Props) {
  const { data: session } = useQuery(sessionQuery);
  const [made, setMade] = useState<NewApiKey | null>(null);
  return (
    <>
      {made && <Secret title={`Copy the key “${made.name}” now. It is not shown again`} text={made.key} what="key" />}
      {adding && session && (
        <NewKeyForm
          owner={owner}
          allowed={session.scopes}
          onClose={onClose}
          onMade={(key) => {
            setMade(key);
            onClose();
          }}
        />
      )}
    </>
  );
}
