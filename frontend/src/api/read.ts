// Turns documents of the service into the narrower types of `model.ts`.
import type { Audit, Dataset, Job, Release, Stage, Upload, Verifier } from "@/api/model";
import { type Problem, problemFrom } from "@/api/problem";
import type { components } from "@/api/schema";

type Schemas = components["schemas"];
type Json = Record<string, unknown>;

function problem(raw: Json | null): Problem | null {
  return raw === null ? null : problemFrom(typeof raw.status === "number" ? raw.status : 422, raw);
}

export const readRelease = (raw: Schemas["Release"]): Release => ({ ...raw, problem: problem(raw.problem) });

export const readDataset = (raw: Schemas["DatasetSummary"]): Dataset => ({ ...raw, problem: problem(raw.problem) });

export const readVerifier = (raw: Schemas["Verifier"]): Verifier => ({ ...raw, problem: problem(raw.problem) });

export const readUpload = (raw: Schemas["Upload"]): Upload => ({ ...raw, problem: problem(raw.problem) });

export const readAudit = (raw: Schemas["Audit"]): Audit => ({ ...raw, problem: problem(raw.problem) });

export const readJob = (raw: Schemas["Job"]): Job => ({
  ...raw,
  stage: raw.stage as Stage,
  problem: problem(raw.problem),
});
