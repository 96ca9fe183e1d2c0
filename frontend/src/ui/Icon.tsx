// The icons of the dashboard. They are 16 px wide and always have words or a label beside them.
import type { ReactNode } from "react";

const SHAPES = {
  home: <path d="M2.5 7.500 8 3l5.500 4.500v6h-11zM6.500 13.500v-4h3v4" />,
  audits: <path d="M2.5 3.500h11M2.5 8h7M2.5 12.500h4M10.5 12l1.5 1.5 2.5-3" />,
  models: <path d="M8 1.8 13.5 5v6L8 14.2 2.5 11V5zM2.5 5 8 8.2 13.5 5M8 8.200v6" />,
  datasets: <path d="M2.5 2.500h4.500v4.500H2.500zM9 2.500h4.500v4.500H9zM2.5 9h4.500v4.500H2.500zM9 9h4.500v4.500H9z" />,
  verifiers: <path d="M8 2v11.500M4.5 13.500h7M3 4.500h10M3 4.500 1.3 9h3.400zM13 4.500 11.300 9h3.400z" />,
  system: <path d="M2.5 3h11v4h-11zM2.5 9h11v4h-11zM5 5h.01M5 11h.01" />,
  clock: <path d="M8 14.200A6.2 6.2 0 1 0 8 1.800a6.2 6.2 0 0 0 0 12.400zM8 4.500V8l2.500 1.800" />,
  keys: <path d="M9.8 9.800a3.7 3.7 0 1 0-3.6-3.600L2 10.500V14h3.500v-2H7v-1.500zM11 5h.01" />,
  gate: <path d="M8 1.800 13 3.700V8c0 3-2.100 5.200-5 6.200C5.100 13.200 3 11 3 8V3.700zM5.800 8l1.600 1.600 2.900-3.300" />,
  globe: <path d="M8 14.200A6.2 6.2 0 1 0 8 1.800a6.2 6.2 0 0 0 0 12.400zM1.8 8h12.400M8 1.800c2 2 2.6 4 2.6 6.200S10 12.2 8 14.200C6 12.2 5.4 10.2 5.4 8S6 3.8 8 1.800z" />,
  lock: <path d="M3.5 7.200h9v6.300h-9zM5.3 7.200V5a2.7 2.7 0 0 1 5.4 0v2.2" />,
  person: <path d="M8 7.500a2.7 2.7 0 1 0 0-5.4 2.7 2.7 0 0 0 0 5.400zM2.8 13.800a5.2 5.2 0 0 1 10.4 0" />,
  copy: <path d="M5.5 5.500h8v8h-8zM3.5 10.500h-1v-8h8v1" />,
  check: <path d="m3 8.5 3.2 3.200L13 4.8" />,
  cross: <path d="m4 4 8 8M12 4l-8 8" />,
  chevron: <path d="m4.5 6.5 3.5 3.5 3.5-3.5" />,
  right: <path d="m6.5 4.5 3.5 3.5-3.5 3.5" />,
  plus: <path d="M8 3v10M3 8h10" />,
  sun: <path d="M8 10.700A2.7 2.7 0 1 0 8 5.300a2.7 2.7 0 0 0 0 5.400zM8 1.500v1.300M8 13.200v1.300M1.5 8h1.300M13.2 8h1.300M3.4 3.400l.9.9M11.7 11.700l.9.9M12.6 3.400l-.9.9M4.3 11.700l-.9.9" />,
  moon: <path d="M13.5 9.600A5.8 5.8 0 0 1 6.4 2.500a5.8 5.8 0 1 0 7.1 7.100z" />,
  screen: <path d="M2 3h12v8H2zM5.5 13.500h5" />,
  eye: <path d="M1.5 8S3.8 3.7 8 3.7 14.5 8 14.5 8 12.2 12.3 8 12.3 1.5 8 1.5 8zM8 9.800a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.600z" />,
  hidden: <path d="M6.5 4a6 6 0 0 1 1.5-.3C12.2 3.7 14.5 8 14.5 8a11 11 0 0 1-1.7 2.200M4.3 5C2.5 6.2 1.5 8 1.5 8S3.8 12.3 8 12.300c1.2 0 2.2-.3 3.1-.8M2.5 2.500l11 11" />,
  download: <path d="M8 2.500v7.500M4.8 7.2 8 10.300l3.2-3.100M2.5 13.500h11" />,
  upload: <path d="M8 10.500V2.700M4.8 5.7 8 2.500l3.2 3.200M2.5 13.500h11" />,
  notice: <path d="M8 14.200A6.2 6.2 0 1 0 8 1.800a6.2 6.2 0 0 0 0 12.400zM8 4.800v4M8 11h.01" />,
  warning: <path d="M8 2 14.5 13.500h-13zM8 6.500v3.200M8 11.700h.01" />,
  send: <path d="M14 2 7.200 8.800M14 2l-4.300 12-2.500-5.200L2 6.300z" />,
  exit: <path d="M9.5 2.500h-6v11h6M7 8h7M11.5 5.3 14.2 8l-2.7 2.7" />,
  gauge: <path d="M2.5 13.500v-4M6.200 13.500v-8M9.800 13.500v-6M13.500 13.500v-11" />,
  bin: <path d="M3 4.500h10M6 4.500v-2h4v2M4.5 4.500l.6 9h5.800l.6-9M6.8 7v4M9.2 7v4" />,
  log: <path d="M3.5 2h9v12h-9zM6 5.500h4M6 8h4M6 10.500h2.500" />,
  up: <path d="m4.5 9.5 3.5-3.5 3.5 3.5" />,
} satisfies Record<string, ReactNode>;

export type IconName = keyof typeof SHAPES;

export function Icon({ name, className }: { name: IconName; className?: string }) {
  return (
    <svg
      viewBox="0 0 16 16"
      width="16"
      height="16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.35"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      className={className ?? "shrink-0"}
    >
      {SHAPES[name]}
    </svg>
  );
}
