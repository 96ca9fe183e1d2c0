// The power check and the twin control.
import type { ReactNode } from "react";
import type { Noun, Power, Twin } from "@/api/model";
import { Measured } from "@/features/audits/Measured";
import { counted } from "@/features/audits/noun";
import { attackWords } from "@/features/audits/settings";
import { Term } from "@/ui/Term";

export function PowerCheck({ power }: { power: Power | null | undefined }) {
  const needed = power && <Measured id="power.needed" figure={{ value: power.needed }} />;
  return (
    <Part name={<Term name="power">Power check</Term>}>
      {power ? (
        <>
          <p className="font-medium">
            R <Measured id="power" figure={power} />
          </p>
          <p className="text-ink-2 text-sm">
            The same plan on {power.reference.words}
            {power.reused ? ", measured in an earlier audit" : ""}.{" "}
            {power.value < power.needed
              ? <>Below {needed}, the attack is too weak for a PASS.</>
              : <>At {needed} or more, the attack can find a leak on such images.</>}
          </p>
          {power.convinced && (
            <p className="text-ink-2 text-sm">
              The reference model itself assigns <Measured id="power.convinced" figure={power.convinced} /> of its reconstructions to the right class.
            </p>
          )}
        </>
      ) : (
        <p className="text-ink-2 text-sm">Not available. Without it a low risk proves nothing, and PASS is not possible.</p>
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
            <Measured id="twin.q" figure={twin.q} /> on the twin
          </p>
          <p className="text-ink-2 text-sm">
            <Measured id="twin.p" figure={twin.p} /> on this release, with {attackWords(twin.attack)}, of the{" "}
            {counted(twin.n, noun)} that the twin was trained without. R on these: <Measured id="twin.risk" figure={twin.risk} />.
          </p>
          {twin.accuracy && <TwinAccuracy accuracy={twin.accuracy} />}
        </>
      ) : (
        <p className="text-ink-2 text-sm">
          No twin was given. <code className="font-mono text-xs">exhume twin plan</code> writes the list to train one.
        </p>
      )}
    </Part>
  );
}

function TwinAccuracy({ accuracy }: { accuracy: NonNullable<Twin["accuracy"]> }) {
  const one = (name: "on_others" | "on_replaced") => {
    const figure = accuracy.figures[name];
    return figure ? <Measured id={`twin.accuracy.figures.${name}`} figure={figure} /> : <Measured id={`twin.accuracy.${name}`} figure={{ value: accuracy[name] }} />;
  };
  return (
    <p className="text-ink-2 text-sm">
      The twin labels {one("on_others")} of the others correctly, and{" "}
      {one("on_replaced")} of these.
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
