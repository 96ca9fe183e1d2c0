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
export type Stage = "references" | "prepare" | "prior" | "students" | "attack" | "controls" | "verify" | "power" | "score";

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
/** Not all of what is drawn has come from the catalogue of the service, so label, format and order may be missing. */
export type Figure = Pick<Schemas["Figure"], "value" | "low" | "high" | "n" | "unit" | "definition" | "label" | "format" | "order">;
export type FigureFormat = NonNullable<Figure["format"]>;
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

export type Plan = Schemas["Plan"];
export type ClassKind = Schemas["ClassKind"];

/** What a class of the model is called: one of them, and several. */
export interface Noun {
  one: string;
  many: string;
}

/** Rates with their intervals, by name; documents of older versions have the bare rates alone. */
interface WithFigures {
  figures?: Record<string, Figure>;
}

export interface Correction extends WithFigures {
  sensitivity: number;
  specificity: number;
  uncorrected_risk: number;
}

export type ResultVerifier = Schemas["app__audits__result_schemas__Verifier"] & WithFigures;

/** Figures as the document has them. */
interface Figures {
  risk: (Figure & { method?: string | null; correction?: Correction | null }) | null;
  figures: Record<string, Figure | null>;
  controls: Record<string, Figure | null>;
  verifiers: ResultVerifier[];
  evaluator?: (Schemas["Evaluator"] & WithFigures) | null;
}

/** Parts of the result document that the API passes on whole: `exhume.result/1`, see its JSON schema. */
export interface ResultParts {
  classes_are: ClassKind | null;
  noun: Noun | null;
  stopped: { code: string; detail: string } | null;
  fit: Fit | null;
  severity: string | null;
  severity_note: string | null;
  release_plan: ReleasePlan | null;
  threat_models: ThreatModel[];
  sampling: { words: string } | null;
  power: Power | null;
  twin: Twin | null;
  named: NamedIdentity[];
  naming: Naming | null;
  worst_decile: string[];
  contamination: { compared: boolean; exact?: number; near?: number; alike?: number };
  gallery: { identities: number; others: number; dropped_images: number } | null;
  intake?: { format: string | null; sandbox: "full" | "partial" | "limits" | null; also_fits: string[] };
  notes: string[];
  regression: Regression;
}

/** How the release does on its own private training images, measured before the attack. */
export interface Fit {
  accuracy: Figure;
  images: number;
  classes: number;
  guessing: number;
  p_value: number;
  floor: number;
  state: "trained" | "below_floor" | "at_chance" | "class_order" | "input_convention";
  order: ClassOrder | null;
  conventions: { name: string; convention: Record<string, unknown>; accuracy: number }[];
}

/** The order of class names that the images speak for, where it is not the described one. */
export interface ClassOrder {
  displaced: number;
  accuracy: number;
  examples: { pictures_of: string; labelled_as: string; share: number }[];
  suggested: string[];
  /** How the suggested order is sorted, if it is. */
  is?: "sorted as text" | "sorted as numbers" | null;
  /** The input convention under which it was recognised. */
  convention?: string;
}

export type Naming = Schemas["Naming"];
export type NamedIdentity = Schemas["Named"];

export interface ThreatModel {
  access: "white-box" | "scores" | "labels";
  needs: string;
  tested: boolean;
  attacks: string[];
  risk: Figure | null;
  severity: string | null;
  words?: string;
}

export interface Power extends Figure {
  /** How often the reference model itself takes what was reconstructed from it for the class. */
  convinced?: Figure;
  /** Documents of older versions do not say what the reference model is, or whether its leak was measured. */
  reference: WithFigures & { source: "bundled" | "trained"; digest: string; words?: string; known_to_leak?: boolean };
  reused: boolean;
}

export interface Twin {
  n: number;
  identities: string[];
  p: Figure;
  q: Figure;
  risk: Figure;
  attack: string;
  accuracy: (WithFigures & { on_replaced: number | null; on_others: number | null }) | null;
}

type ResultFields =
  | "schema"
  | "evidence_level"
  | "verdict"
  | "sentence"
  | "reasons"
  | "decides"
  | "budget"
  | "not_tested"
  | "stages"
  | "inputs"
  | "settings"
  | "hardware";

type Narrowed<T, Fields> = Omit<T, keyof Fields> & Fields;

export type Release = Narrowed<Schemas["Release"], { problem: Problem | null; examination: Examination | null }>;
export type Dataset = Narrowed<Schemas["DatasetSummary"], { problem: Problem | null }>;
export type Upload = Narrowed<Schemas["Upload"], { problem: Problem | null }>;
export type Audit = Narrowed<Schemas["Audit"], { problem: Problem | null }>;
export type Verifier = Narrowed<Schemas["app__verifiers__schemas__Verifier"], { problem: Problem | null }>;
export type Result = Pick<Schemas["Result"], ResultFields> & Figures & Partial<ResultParts>;
export type Job = Narrowed<Schemas["Job"], { stage: Stage; problem: Problem | null }>;
