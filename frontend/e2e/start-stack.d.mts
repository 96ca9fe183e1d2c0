export interface Stack {
  url: string;
  token: string;
  key: string;
  project: string;
  stop: () => Promise<void>;
}
export function startStack(): Promise<Stack>;
