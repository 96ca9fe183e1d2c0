// What a deletion destroys or keeps, as a list with a title.
export function Lines({ title, lines, none }: { title: string; lines: readonly string[]; none: string }) {
  return (
    <div>
      <h3 className="font-medium">{title}</h3>
      {lines.length === 0 ? (
        <p className="text-ink-2">{none}</p>
      ) : (
        <ul className="text-ink-2 list-disc space-y-0.5 pl-4 break-words">
          {lines.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
