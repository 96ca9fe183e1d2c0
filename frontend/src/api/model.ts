// The nouns of the API: generated types, narrowed where the document is free-form JSON that we know the shape of.
import type { Problem } from "@/api/problem";
import type { components } from "@/api/schema";

type Schemas = components["schemas"];

export type Setting = NonNullable<Schemas["EstimateRequest"]["setting"]>;
export type Attack = Schemas["EstimateRequest"]["attack"];
export type PriorChoice = NonNullable<Schemas["EstimateRequest"]["prior"]>;
export type ReleasePlan = NonNullable<Schemas["EstimateRequest"]["release_plan"]>;
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
export type Figure = Schemas["Figure"];
export type Regression = Schemas["Regression"];
export type PriorSamples = Schemas["PriorSamples"];
export type Drift = Schemas["Drift"];
export type BundledVerifier = Schemas["BundledVerifier"];
export type VerifierCreate = Schemas["VerifierCreate"];

export interface Examination {
  parameters?: number;
  /** Of one image's way through the network; releases checked by older versions have none. */
  multiply_adds?: number;
  feature_dim?: number;
  outputs?: string;
  notes?: string[];
}

export interface Plan {
  attack: string;
  /** Plans from before there was a choice name neither. */
  prior?: PriorChoice;
  prior_kind?: string;
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

/** Parts of the result document that the API passes on whole: `exhume.result/1`, see its JSON schema. */
export interface ResultParts {
  severity: string | null;
  release_plan: ReleasePlan | null;
  threat_models: ThreatModel[];
  sampling: { words: string } | null;
  power: Power | null;
  twin: Twin | null;
  named: { identity: number; name: string; p_value: number; strength: number }[];
  worst_decile: string[];
  contamination: { compared: boolean; exact?: number; near?: number; alike?: number };
  gallery: { identities: number; others: number; dropped_images: number } | null;
  intake?: { format: string | null; sandbox: "full" | "partial" | "limits" | null; also_fits: string[] };
  regression: Regression;
}

export interface ThreatModel {
  access: "white-box" | "scores" | "labels";
  needs: string;
  tested: boolean;
  attacks: string[];
  risk: Figure | null;
  severity: string | null;
}

export interface Power extends Figure {
  reference: { source: "bundled" | "trained"; digest: string };
  reused: boolean;
}

export interface Twin {
  n: number;
  identities: string[];
  p: Figure;
  q: Figure;
  risk: Figure;
  attack: string;
  accuracy: { on_replaced: number | null; on_others: number | null } | null;
}

type Narrowed<T, Fields> = Omit<T, keyof Fields> & Fields;

export type Release = Narrowed<Schemas["Release"], { problem: Problem | null; examination: Examination | null }>;
export type Dataset = Narrowed<Schemas["DatasetSummary"], { problem: Problem | null }>;
export type Upload = Narrowed<Schemas["Upload"], { problem: Problem | null }>;
export type Audit = Narrowed<Schemas["Audit"], { plan: Plan; problem: Problem | null }>;
export type Verifier = Narrowed<Schemas["app__verifiers__schemas__Verifier"], { problem: Problem | null }>;
export type Result = Schemas["Result"] & Partial<ResultParts>;
export type Job = Narrowed<Schemas["Job"], { stage: Stage; problem: Problem | null }>;
