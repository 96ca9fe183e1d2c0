// Fields for the verifiers, the gallery and the twin of an audit.
import { Link } from "@tanstack/react-router";
import { fieldId } from "@/features/audits/new/fields";
import { type AuditForm, type Choices, type FormProblems, NEWEST, NONE, releaseLabel } from "@/features/audits/new/form";
import { capital, counted, nounOfKind } from "@/features/audits/noun";
import { Field, Select } from "@/ui/Field";
import { ROLE_WORDS, RoleMark } from "@/ui/Role";
import { Term } from "@/ui/Term";

interface Props {
  projectId: string;
  form: AuditForm;
  set: (change: Partial<AuditForm>) => void;
  choices: Choices;
  problems: FormProblems;
}

export function VerifierFields({ projectId, form, set, choices, problems }: Props) {
  const galleries = choices.datasets.filter((one) => one.role === "gallery" && one.state === "ready");
  const twins = choices.releases.filter((one) => one.state === "ready" && one.twin_of !== null && one.twin_of === form.release);
  const noun = nounOfKind(choices.releases.find((one) => one.id === form.release)?.classes_are);
  return (
    <fieldset>
      <legend className="mb-3 text-lg font-semibold">How it is verified</legend>
      <Verifiers projectId={projectId} form={form} set={set} choices={choices} problems={problems} />
      <div className="mt-5 grid gap-5 sm:grid-cols-2">
        <Field id={fieldId("gallery")} label={<RoleMark of="gallery" />} error={problems.gallery} help={`${capital(ROLE_WORDS.gallery.opened)}.`}>
          {(field) => (
            <Select {...field} value={form.gallery} onChange={(event) => set({ gallery: event.target.value })}>
              <option value="">None: only the private {noun.many}</option>
              {galleries.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.name} ({one.identity_count === null ? "without names" : counted(one.identity_count, noun)})
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field
          id={fieldId("twin")}
          label="Twin"
          error={problems.twin}
          help={twins.length > 0 ? `A model trained in the same way without some of the ${noun.many}. It is the strictest control.` : "This release has none. exhume twin plan writes the list to train one."}
        >
          {(field) => (
            <Select {...field} value={form.twin} onChange={(event) => set({ twin: event.target.value })}>
              <option value={NEWEST}>{twins.length > 0 ? "The newest one" : "None yet"}</option>
              {(twins.length > 0 || form.twin === NONE) && <option value={NONE}>None</option>}
              {twins.map((one) => (
                <option key={one.id} value={one.id}>
                  {releaseLabel(one)}
                </option>
              ))}
            </Select>
          )}
        </Field>
      </div>
    </fieldset>
  );
}

function Verifiers({ projectId, form, set, choices, problems }: Props) {
  const release = choices.releases.find((one) => one.id === form.release);
  const fits = (one: { height: number; width: number; channels: number }) =>
    !release || (one.height === release.convention.height && one.width === release.convention.width && one.channels === release.convention.channels);
  const shipped = choices.bundled.filter(fits);
  const offered = [
    ...shipped.map((one) => ({ value: one.name, name: one.name, note: "bundled" })),
    ...choices.verifiers.filter((one) => one.state === "ready" && (!release || one.channels === release.convention.channels)).map((one) => ({ value: one.id, name: one.name, note: "uploaded" })),
  ];
  const toggle = (value: string, on: boolean) =>
    set({ verifiers: on ? [...form.verifiers, value] : form.verifiers.filter((one) => one !== value) });
  return (
    <fieldset id={fieldId("verifiers")} tabIndex={-1}>
      <legend className="mb-1 text-sm font-medium">
        <Term name="verifier">Verifiers</Term>
      </legend>
      {offered.length > 0 && (
        <div className="border-line divide-line divide-y rounded-md border">
          {offered.map(({ value, name, note }) => (
            <label key={value} className="flex cursor-pointer items-baseline gap-3 px-3 py-2">
              <input
                type="checkbox"
                checked={form.verifiers.includes(value)}
                onChange={(event) => toggle(value, event.target.checked)}
                className="accent-accent translate-y-0.5"
              />
              <span className="min-w-0 flex-1 font-medium break-words">{name}</span>
              <span className="text-ink-2 text-sm">{note}</span>
            </label>
          ))}
        </div>
      )}
      <p className={problems.verifiers ? "mt-1 text-xs font-medium" : "text-ink-3 mt-1 text-xs"}>
        {problems.verifiers ??
          (release && shipped.length === 0
            ? `None is bundled for ${release.convention.height} × ${release.convention.width} × ${release.convention.channels}. Choose two or more. Otherwise the evaluator alone decides: FAIL is possible, PASS is not.`
            : "None chosen. Bundled verifiers are used if they recognise your private images. Otherwise the evaluator alone decides: FAIL is possible, PASS is not.")}{" "}
        <Link to="/projects/$projectId/verifiers" params={{ projectId }} search={{}} className="text-accent underline underline-offset-2">
          All verifiers
        </Link>
      </p>
    </fieldset>
  );
}
