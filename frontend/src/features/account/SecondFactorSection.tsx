// Setting up a second factor: the secret for an authenticator app, also as a QR code, confirmed by the first code.
import { QRCodeSVG } from "qrcode.react";
import { type SubmitEvent, useState } from "react";
import type { Me } from "@/api/model";
import { useBeginSecondFactor, useConfirmSecondFactor } from "@/features/account/queries";
import { Button, buttonClass } from "@/ui/Button";
import { CodeField } from "@/ui/CodeField";
import { Field, TextInput } from "@/ui/Field";
import { ProblemNotice } from "@/ui/Notice";
import { Section } from "@/ui/Page";
import { Secret } from "@/ui/Secret";

export function SecondFactorSection({ me }: { me: Me }) {
  const [open, setOpen] = useState(false);
  return (
    <Section title="Second factor" aside={me.second_factor ? "On. Signing in takes a code." : "Off. Signing in takes the password only."}>
      {open ? (
        <SetUp me={me} onDone={() => setOpen(false)} />
      ) : (
        <Button onClick={() => setOpen(true)}>{me.second_factor ? "Use another app" : "Set up an authenticator app"}</Button>
      )}
    </Section>
  );
}

function SetUp({ me, onDone }: { me: Me; onDone: () => void }) {
  const begin = useBeginSecondFactor();
  const confirm = useConfirmSecondFactor();
  const [password, setPassword] = useState("");
  const [old, setOld] = useState("");
  const [code, setCode] = useState("");
  const ask = (event: SubmitEvent) => {
    event.preventDefault();
    begin.mutate({ password: me.has_password ? password : null, code: me.second_factor ? old : null });
  };
  const finish = (event: SubmitEvent) => {
    event.preventDefault();
    confirm.mutate(code, { onSuccess: onDone });
  };
  if (!begin.isSuccess) {
    return (
      <form onSubmit={ask} noValidate className="max-w-sm space-y-4">
        {begin.isError && <ProblemNotice error={begin.error} />}
        {me.has_password && (
          <Field label="Password">
            {(field) => (
              <TextInput {...field} type="password" autoComplete="current-password" value={password} onChange={(event) => setPassword(event.target.value)} />
            )}
          </Field>
        )}
        {me.second_factor && <CodeField label="Code of the present app" value={old} onChange={setOld} />}
        <div className="flex gap-2">
          <Button type="submit" look="primary" disabled={begin.isPending}>
            Continue
          </Button>
          <Button onClick={onDone}>Close</Button>
        </div>
      </form>
    );
  }
  return (
    <form onSubmit={finish} noValidate className="max-w-xl space-y-4">
      <p className="text-sm">Scan this code with your authenticator app, or enter the secret below.</p>
      {/* Dark on light in both themes, with the margin of the standard: apps may not read anything else. */}
      <QRCodeSVG value={begin.data.address} size={200} level="M" marginSize={4} className="h-auto max-w-full rounded-md" title="QR code with the secret below" />
      <Secret title="This secret is not shown again" text={begin.data.secret} what="secret" />
      <a href={begin.data.address} className={buttonClass("secondary")}>
        Open an authenticator app on this device
      </a>
      {confirm.isError && <ProblemNotice error={confirm.error} />}
      <div className="max-w-sm">
        <CodeField value={code} onChange={setCode} />
      </div>
      <div className="flex gap-2">
        <Button type="submit" look="primary" disabled={confirm.isPending || code.length !== 6}>
          Turn it on
        </Button>
        <Button onClick={onDone}>Close</Button>
      </div>
    </form>
  );
}
