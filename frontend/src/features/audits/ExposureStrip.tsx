// All identities sorted by exposure: how far each lies above or below the threshold that decides.
import type { IdentityOutcome } from "@/api/model";
import { margin } from "@/features/audits/exposure";
import { plural } from "@/format/numbers";
import { linear } from "@/plots/scale";
import { useWidth } from "@/plots/useWidth";

const HEIGHT = 96;
const LEFT = 108;

export function ExposureStrip({ identities }: { identities: readonly IdentityOutcome[] }) {
  const [frame, width] = useWidth<HTMLDivElement>(860);
  const points = identities
    .flatMap((identity) => {
      const value = margin(identity);
      return value === null ? [] : [{ identity, value }];
    })
    .sort((a, b) => b.value - a.value);
  if (points.length < 2) return null;
  const reach = Math.max(0.05, ...points.map(({ value }) => Math.abs(value)));
  const x = linear([0, points.length - 1], [LEFT, width - 8]);
  const y = linear([-reach, reach], [HEIGHT - 8, 8]);
  const radius = Math.max(1.5, Math.min(4, (width - LEFT) / points.length / 2.6));
  const above = points.filter(({ identity }) => identity.verified === true).length;
  return (
    <div ref={frame} className="mb-4">
      <svg viewBox={`0 0 ${width} ${HEIGHT}`} width="100%" height={HEIGHT} role="img" className="block">
        <title>{`${plural(points.length, "identity", "identities")} sorted by exposure; ${above} recognised`}</title>
        <line x1={LEFT - 8} x2={width} y1={y(0)} y2={y(0)} className="stroke-ink-3" strokeWidth="1" strokeDasharray="3 2" />
        <text x="0" y={y(0) + 4} className="fill-ink-2 text-xs">
          threshold
        </text>
        <text x="0" y={y(reach) + 6} className="fill-ink-3 text-xs">
          above by {reach.toFixed(2)}
        </text>
        <text x="0" y={y(-reach) + 2} className="fill-ink-3 text-xs">
          below by {reach.toFixed(2)}
        </text>
        {points.map(({ identity, value }, index) => (
          <circle
            key={identity.identity}
            cx={x(index)}
            cy={y(value)}
            r={radius}
            className={identity.verified ? "fill-ink stroke-ink" : "fill-page stroke-ink-3"}
            strokeWidth="1.25"
          >
            <title>{`${identity.name}: ${value >= 0 ? "+" : "−"}${Math.abs(value).toFixed(2)}`}</title>
          </circle>
        ))}
      </svg>
      <p className="text-ink-3 mt-1 text-xs">
        Identities from most to least exposed, by similarity above the threshold of the verifier that decides. Filled: recognised
        by every verifier.
      </p>
    </div>
  );
}
