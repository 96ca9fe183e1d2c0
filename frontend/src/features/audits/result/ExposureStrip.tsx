// All identities by exposure: distance of each to the threshold of the deciding verifier.
import type { IdentityOutcome, Noun } from "@/api/model";
import { byExposure, isRanked } from "@/features/audits/result/exposure";
import { counted } from "@/features/audits/noun";
import { decimal, signedDecimal } from "@/format/numbers";
import { linear } from "@/plots/scale";
import { useWidth } from "@/plots/useWidth";

const HEIGHT = 96;
const LEFT = 108;

export function ExposureStrip({ identities, noun }: { identities: readonly IdentityOutcome[]; noun: Noun }) {
  const [frame, width] = useWidth<HTMLDivElement>(860);
  const points = byExposure(identities).flatMap((identity) => {
    return identity.margin === null ? [] : [{ identity, value: identity.margin }];
  });
  if (points.length < 2) return null;
  const reach = Math.max(0.05, ...points.map(({ value }) => Math.abs(value)));
  const x = linear([0, points.length - 1], [LEFT, width - 8]);
  const y = linear([-reach, reach], [HEIGHT - 8, 8]);
  const radius = Math.max(1.5, Math.min(4, (width - LEFT) / points.length / 2.6));
  const recognised = points.filter(({ identity }) => identity.verified === true).length;
  const order = isRanked(identities) ? "strongest likeness first" : "in the order of the classes";
  return (
    <div ref={frame} className="mb-4">
      <svg viewBox={`0 0 ${width} ${HEIGHT}`} width="100%" height={HEIGHT} role="img" className="block">
        <title>{`${counted(points.length, noun)}, ${order}; ${recognised} recognised`}</title>
        <line x1={LEFT - 8} x2={width} y1={y(0)} y2={y(0)} className="stroke-ink-3" strokeWidth="1" strokeDasharray="3 2" />
        <text x="0" y={y(0) + 4} className="fill-ink-2 text-xs">
          threshold
        </text>
        <text x="0" y={y(reach) + 6} className="fill-ink-3 text-xs">
          above by {decimal(reach)}
        </text>
        <text x="0" y={y(-reach) + 2} className="fill-ink-3 text-xs">
          below by {decimal(reach)}
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
            <title>{`${identity.name}: ${signedDecimal(value)}`}</title>
          </circle>
        ))}
      </svg>
      <p className="text-ink-3 mt-1 max-w-[72ch] text-xs">
        From left to right: {order}. Height: similarity minus threshold, under the deciding verifier. Filled: recognised by every
        verifier, which also requires rank 1.
      </p>
    </div>
  );
}
