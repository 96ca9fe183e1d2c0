// Figures beside the risk: measured, defined, and deciding nothing by themselves.
import type { Result } from "@/api/model";
import { otherFigures } from "@/features/audits/result/plotRows";
import { MeasuredCells } from "@/features/audits/Measured";

export function FigureTable({ result }: { result: Result }) {
  const others = otherFigures(result);
  if (others.length === 0) return null;
  return (
    <div className="mt-6 relative overflow-x-auto">
      <table className="data-table max-w-3xl">
        <thead>
          <tr>
            <th scope="col">Also measured</th>
            <th scope="col" className="number">
              Value
            </th>
            <th scope="col" className="number">
              95 % interval
            </th>
            <th scope="col" className="number">
              n
            </th>
          </tr>
        </thead>
        <tbody>
          {others.map(({ key, label, figure }) => (
            <tr key={key} data-figure={key}>
              <td>
                {label}
                {figure.definition && <span className="text-ink-3 block text-xs">{figure.definition}</span>}
              </td>
              <MeasuredCells figure={figure} />
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
