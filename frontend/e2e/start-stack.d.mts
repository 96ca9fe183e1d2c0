export interface Stack {
  url: string;
  token: string;
  key: string;
  project: string;
  /** Folder of the uploaded model and images. */
  target: string;
  stop: () => Promise<void>;
}
export function startStack(): Promise<Stack>;
