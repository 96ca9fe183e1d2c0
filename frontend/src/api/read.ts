// Turns documents of the service into the narrower types of `model.ts`.
import type { Audit, Dataset, Job, Plan, Release, Result, Stage, Upload, Verifier } from "@/api/model";
import { type Problem, problemFrom } from "@/api/problem";
import type { components } from "@/api/schema";

type Schemas = components["schemas"];
type Json = Record<string, unknown>;

function problem(raw: Json | null): Problem | null {
  return raw === null ? null : problemFrom(typeof raw.status === "number" ? raw.status : 422, raw);
}

/** The service fixes the plan under a digest. */
function plan(raw: Json): Plan {
  return raw as unknown as Plan;
}

export const readRelease = (raw: Schemas["Release"]): Release => ({ ...raw, problem: problem(raw.problem) });

export const readDataset = (raw: Schemas["DatasetSummary"]): Dataset => ({ ...raw, problem: problem(raw.problem) });

export const readVerifier = (raw: Schemas["Verifier"]): Verifier => ({ ...raw, problem: problem(raw.problem) });

/**
 * The result follows the JSON schema of `exhume.result/1`. The OpenAPI document names only a part
 * of it.
 */
export const readResult = (raw: Schemas["Result"]): Result => raw as unknown as Result;

export const readUpload = (raw: Schemas["Upload"]): Upload => ({ ...raw, problem: problem(raw.problem) });

export const readAudit = (raw: Schemas["Audit"]): Audit => ({
  ...raw,
  plan: plan(raw.plan),
  problem: problem(raw.problem),
});

export const readJob = (raw: Schemas["Job"]): Job => ({
  ...raw,
  stage: raw.stage as Stage,
  problem: problem(raw.problem),
});
