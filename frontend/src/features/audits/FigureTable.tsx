// Figures beside the risk: measured, defined, and deciding nothing by themselves.
import type { Result } from "@/api/model";
import { figureText, otherFigures } from "@/features/audits/figures";
import { count, share } from "@/format/numbers";

export function FigureTable({ result }: { result: Result }) {
  const { evaluator } = result;
  const others = otherFigures(result);
  if (others.length === 0 && !evaluator) return null;
  return (
    <div className="mt-6 overflow-x-auto">
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
          {others.map(({ key, label, figure }) => {
            const text = figureText(figure);
            return (
              <tr key={key}>
                <td>
                  {label}
                  {figure.definition && <span className="text-ink-3 block text-xs">{figure.definition}</span>}
                </td>
                <td className="number whitespace-nowrap">{text.value}</td>
                <td className="number whitespace-nowrap">{text.interval}</td>
                <td className="number">{count(figure.n)}</td>
              </tr>
            );
          })}
          {evaluator && (
            <tr>
              <td>
                Evaluator’s accuracy on real images
                <span className="text-ink-3 block text-xs">The classifier behind “attack accuracy”: {evaluator.label}</span>
              </td>
              <td className="number">{share(evaluator.held_out_accuracy)}</td>
              <td className="number" />
              <td className="number">{count(evaluator.n)}</td>
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}
