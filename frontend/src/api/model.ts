// The nouns of the API: generated types, narrowed where the document is free-form JSON that we know the shape of.
import type { Problem } from "@/api/problem";
import type { components } from "@/api/schema";

type Schemas = components["schemas"];

export type Setting = Schemas["EstimateRequest"]["setting"];
export type Attack = Schemas["EstimateRequest"]["attack"];
export type Effort = Schemas["EstimateRequest"]["effort"];
export type Verdict = NonNullable<Schemas["Audit"]["verdict"]>;
export type DataRole = Schemas["DatasetRole"];
export type IntakeState = Schemas["IntakeState"];
export type JobState = Schemas["JobState"];
export type AuditState = Schemas["AuditState"];
export type Stage = "prepare" | "prior" | "students" | "attack" | "controls" | "verify" | "power" | "score";

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export type Session = Schemas["Session"];
export type Scope = Session["scopes"][number];
export type Project = Schemas["Project"];
export type Target = Schemas["Target"];
export type Convention = Schemas["Convention"];
export type ReleaseCreate = Schemas["ReleaseCreate"];
export type ApiKey = Schemas["Key"];
export type NewApiKey = Schemas["NewKey"];
export type KeyCreate = Schemas["KeyCreate"];
export type SystemOverview = Schemas["System"];
export type Estimate = Schemas["Estimate"];
export type EstimateRequest = Schemas["EstimateRequest"];
export type AuditRequest = Schemas["AuditCreate"];
export type IdentityOutcome = Schemas["Identity"];
export type Score = Schemas["Score"];
export type Result = Schemas["Result"];
export type Figure = Schemas["Figure"];

export interface Examination {
  parameters?: number;
  feature_dim?: number;
  outputs?: string;
  notes?: string[];
}

export interface Plan {
  attack: string;
  setting: Setting;
  identities: number[];
  identity_sample?: { count: number; seed: number; of: number };
  seed: number;
  restarts?: number;
  steps?: number;
  shard_size?: number;
  students?: number;
  budget: number;
  confidence: number;
}

type Narrowed<T, Fields> = Omit<T, keyof Fields> & Fields;

export type Release = Narrowed<Schemas["Release"], { problem: Problem | null; examination: Examination | null }>;
export type Dataset = Narrowed<Schemas["DatasetSummary"], { problem: Problem | null }>;
export type Audit = Narrowed<Schemas["Audit"], { plan: Plan; problem: Problem | null }>;
export type Job = Narrowed<Schemas["Job"], { stage: Stage; problem: Problem | null }>;
