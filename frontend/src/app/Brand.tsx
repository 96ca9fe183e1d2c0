// The logo of Exhume: a block lifted out of the ground.
export function Brand() {
  return (
    <span className="inline-flex items-center gap-2">
      <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" className="fill-ink">
        <path d="M1 17h18v2H1z" opacity=".35" />
        <path d="M1 13h4v2H1zM15 13h4v2h-4z" opacity=".6" />
        <path d="M5.5 1.5h9v9h-9z" />
      </svg>
      <span className="text-[0.9375rem] font-semibold tracking-tight">Exhume</span>
    </span>
  );
}
