// Could the attack have found a leak, and what is had without one: the power check and the twin.
import type { ReactNode } from "react";
import type { Figure, Noun, Power, Twin } from "@/api/model";
import { Measured } from "@/features/audits/Measured";
import { counted } from "@/features/audits/noun";
import { share } from "@/format/numbers";
import { Term } from "@/ui/Term";

const POWER_NEEDED = 0.5;

export function PowerCheck({ power }: { power: Power | null | undefined }) {
  return (
    <Part name={<Term name="power">Power check</Term>}>
      {power ? (
        <>
          <p className="font-medium">
            R <Measured id="power" figure={power} />
          </p>
          <p className="text-ink-2 text-sm">
            The same plan on {power.reference.words}
            {power.reused ? "; measured in an earlier audit" : ""}.{" "}
            {power.value < POWER_NEEDED
              ? `Under ${share(POWER_NEEDED)}: the attack is too weak here, and nothing can pass.`
              : `At least ${share(POWER_NEEDED)}: the attack can find a leak here.`}
          </p>
          {power.convinced && (
            <p className="text-ink-2 text-sm">
              The reference model itself takes <Measured id="power.convinced" figure={power.convinced} /> of what was reconstructed from it for the class.
            </p>
          )}
        </>
      ) : (
        <p className="text-ink-2 text-sm">Not shown, so a low risk proves nothing and nothing can pass.</p>
      )}
    </Part>
  );
}

export function TwinControl({ twin, noun }: { twin: Twin | null | undefined; noun: Noun }) {
  return (
    <Part name={<Term name="twin">Twin control</Term>}>
      {twin ? (
        <>
          <p className="font-medium">
            <Measured id="twin.q" figure={asShare(twin.q)} /> on the twin
          </p>
          <p className="text-ink-2 text-sm">
            <Measured id="twin.p" figure={asShare(twin.p)} /> on this model, verified by {twin.attack} of the{" "}
            {counted(twin.n, noun)} that the twin was trained without. R on these: <Measured id="twin.risk" figure={asShare(twin.risk)} />.
          </p>
          {twin.accuracy && <TwinAccuracy accuracy={twin.accuracy} />}
        </>
      ) : (
        <p className="text-ink-2 text-sm">
          None: no twin was given. <code className="font-mono text-xs">exhume twin plan</code> makes the list to train one.
        </p>
      )}
    </Part>
  );
}

const asShare = (figure: Figure): Figure => ({ ...figure, format: "share" });

function TwinAccuracy({ accuracy }: { accuracy: NonNullable<Twin["accuracy"]> }) {
  const one = (name: "on_others" | "on_replaced") => accuracy.figures?.[name] ?? { value: accuracy[name], format: "share" as const };
  return (
    <p className="text-ink-2 text-sm">
      The twin labels <Measured id="twin.on_others" figure={one("on_others")} /> of the others correctly, and{" "}
      <Measured id="twin.on_replaced" figure={one("on_replaced")} /> of these.
    </p>
  );
}

function Part({ name, children }: { name: ReactNode; children: ReactNode }) {
  return (
    <div>
      <dt className="text-ink-3 text-sm">{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
