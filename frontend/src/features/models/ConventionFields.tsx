// Fields for how a release expects its images.
import { fieldId, type ReleaseForm, type ReleaseProblems, type Scale, SCALES } from "@/features/models/releaseForm";
import { Field, Select, TextInput } from "@/ui/Field";

interface Props {
  form: ReleaseForm;
  set: (change: Partial<ReleaseForm>) => void;
  problems: ReleaseProblems;
}

export function ConventionFields({ form, set, problems }: Props) {
  return (
    <fieldset>
      <legend className="mb-2 font-semibold">Its images</legend>
      <div className="grid grid-cols-2 gap-4 sm:grid-cols-4">
        {(["height", "width"] as const).map((name) => (
          <Field key={name} id={fieldId(name)} label={name === "height" ? "Height, px" : "Width, px"} error={problems[name]}>
            {(field) => <TextInput {...field} inputMode="numeric" value={form[name]} onChange={(event) => set({ [name]: event.target.value })} />}
          </Field>
        ))}
        <Field id={fieldId("channels")} label="Channels" error={problems.channels}>
          {(field) => (
            <Select {...field} value={form.channels} onChange={(event) => set({ channels: event.target.value as ReleaseForm["channels"] })}>
              <option value="">Choose</option>
              <option value="1">1, grey</option>
              <option value="3">3, colour</option>
            </Select>
          )}
        </Field>
        {form.channels === "3" && (
          <Field id={fieldId("order")} label="Channel order" error={problems.order}>
            {(field) => (
              <Select {...field} value={form.order} onChange={(event) => set({ order: event.target.value as ReleaseForm["order"] })}>
                <option>RGB</option>
                <option>BGR</option>
              </Select>
            )}
          </Field>
        )}
      </div>
      <Field
        id={fieldId("scale")}
        className="mt-4"
        label="Pixel values"
        error={problems.scale}
        help="The model gets (x − mean) / deviation, with x from 0 to 1. A wrong choice is found before the attack only with private images."
      >
        {(field) => (
          <Select {...field} value={form.scale} onChange={(event) => set({ scale: event.target.value as Scale })}>
            <option value="">Choose what its training used</option>
            {(Object.keys(SCALES) as Scale[]).map((scale) => (
              <option key={scale} value={scale}>
                {SCALES[scale].name}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {form.scale === "other" && (
        <div className="mt-4 grid gap-4 sm:grid-cols-2">
          <Field id={fieldId("mean")} label="Mean" error={problems.mean} help="One number, or one for each channel.">
            {(field) => <TextInput {...field} value={form.mean} onChange={(event) => set({ mean: event.target.value })} />}
          </Field>
          <Field id={fieldId("std")} label="Standard deviation" error={problems.std} help="One number, or one for each channel.">
            {(field) => <TextInput {...field} value={form.std} onChange={(event) => set({ std: event.target.value })} />}
          </Field>
        </div>
      )}
    </fieldset>
  );
}
