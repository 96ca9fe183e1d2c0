// The nouns of the API, from the generated types.
import type { components, operations } from "@/api/schema";

type Schemas = components["schemas"];

export type Setting = NonNullable<Schemas["EstimateRequest"]["setting"]>;
export type Attack = NonNullable<Schemas["EstimateRequest"]["attack"]>;
export type PriorChoice = NonNullable<Schemas["EstimateRequest"]["prior"]>;
export type Combination = Schemas["EstimateRequest"]["combination"];
export type AttackChoice = Schemas["AttackChoice"];
export type ReleasePlan = NonNullable<Schemas["EstimateRequest"]["release_plan"]>;
export type Effort = Schemas["EstimateRequest"]["effort"];
export type Verdict = NonNullable<Schemas["Audit"]["verdict"]>;
export type DataRole = Schemas["DatasetRole"];
export type IntakeState = Schemas["IntakeState"];
export type JobState = Schemas["JobState"];
export type AuditState = Schemas["AuditState"];
export type Stage = Schemas["Job"]["stage"];

/** The parameters of a list. */
export type ListQuery<Operation extends keyof operations> = operations[Operation] extends { parameters: { query?: infer Query } } ? NonNullable<Query> : never;

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export type Session = Schemas["Session"];
export type Scope = Session["scopes"][number];
export type Project = Schemas["Project"];
export type Target = Schemas["Target"];
export type ListedTarget = Schemas["ListedTarget"];
export type Convention = Schemas["Convention"];
export type ReleaseCreate = Schemas["ReleaseCreate"];
export type ApiKey = Schemas["Key"];
export type NewApiKey = Schemas["NewKey"];
export type KeyCreate = Schemas["KeyCreate"];
export type LogEntry = Schemas["LogEntry"];
export type LogVerification = Schemas["LogVerification"];
export type SystemOverview = Schemas["System"];
export type Estimate = Schemas["Estimate"];
export type EstimateRequest = Schemas["EstimateRequest"];
export type AuditRequest = Schemas["AuditCreate"];
export type IdentityOutcome = Schemas["Identity"];
export type Comparison = Schemas["Comparison"];
export type IdentityPreview = Schemas["IdentityPreview"];
export type IdentityInFull = Schemas["IdentityInFull"];
export type CatalogueFigure = Schemas["Figure"];
/** What is drawn: a figure of the catalogue, or a measured share. */
export type Figure = { value: number | null } & {
  [Field in Exclude<keyof CatalogueFigure, "value">]?: CatalogueFigure[Field] | null | undefined;
};
export type Regression = Schemas["Regression"];
export type Curve = Schemas["Curve"];
export type QueuePlace = Schemas["QueuePlace"];
export type PriorSamples = Schemas["PriorSamples"];
export type Drift = Schemas["Drift"];
export type BundledVerifier = Schemas["BundledVerifier"];
export type VerifierCreate = Schemas["VerifierCreate"];
export type Examination = Schemas["Examination"];

export type Plan = Schemas["Plan"];
export type PlannedAttack = Schemas["PlannedAttack"];
export type AttackReading = Schemas["AttackReading"];
export type ClassKind = Schemas["ClassKind"];

export type Noun = Schemas["NounOfResult"];
export type Result = Schemas["Result"];
export type ResultVerifier = Schemas["VerifierReading"];
export type Fit = Schemas["Fit"];
export type ClassOrder = Schemas["ClassOrder"];
export type Naming = Schemas["Naming"];
export type NamedIdentity = Schemas["Named"];
export type ThreatModel = Schemas["ThreatModel"];
export type Power = Schemas["Power"];
export type Twin = Schemas["TwinReading"];

/** A release as lists show it. */
export type Release = Schemas["ReleaseSummary"];
export type ReleaseInFull = Schemas["Release"];
export type Dataset = Schemas["DatasetSummary"];
export type DatasetInFull = Schemas["Dataset"];
export type Prior = Schemas["Prior"];
export type Upload = Schemas["Upload"];
export type Audit = Schemas["Audit"];
/** An audit as lists show it. */
export type AuditSummary = Schemas["AuditSummary"];
export type Verifier = Schemas["Verifier"];
export type Overview = Schemas["Overview"];
export type OverviewTarget = Schemas["OverviewTarget"];
export type OverviewRelease = Schemas["OverviewRelease"];
export type Need = Schemas["Need"];
export type Job = Schemas["Job"];

export type Schedule = Schemas["Schedule"];
export type ScheduleCreate = Schemas["ScheduleCreate"];
export type ScheduleUpdate = Schemas["ScheduleUpdate"];
export type ScheduleRun = Schemas["ScheduleRun"];
export type SchedulePreview = operations["schedules-preview"]["responses"][200]["content"]["application/json"];

export type Decision = Schemas["Tested"]["decision"];
export type StoredDecision = Schemas["DecisionPage"]["items"][number];
export type GateOutcome = Decision["outcome"];
export type RuleReading = Schemas["RuleReading"];
export type WaiverShown = Schemas["WaiverShown"];
export type Waiver = Schemas["Waiver"];
export type WaiverCreate = Schemas["WaiverCreate"];
export type Policy = Schemas["PolicyPage"]["items"][number];
export type PolicyDocument = Schemas["PolicyCreate"]["policy"];
export type PolicyVersion = Schemas["PolicyVersion"];
export type PolicyAssigned = Schemas["Assigned"];
export type PolicyTest = Schemas["TestReport"];
export type TestedRelease = Schemas["Tested"];

export type Webhook = Schemas["Webhook"];
export type WebhookCreate = Schemas["WebhookCreate"];
export type NewWebhook = Schemas["NewWebhook"];
export type Delivery = Schemas["Delivery"];

export type Source = Schemas["Source"];
export type SourceCreate = Schemas["SourceCreate"];
export type SourceUpdate = Schemas["SourceUpdate"];
export type NewSource = Schemas["NewSource"];
export type SourceChange = Schemas["SourceChange"];

export type DeletionPreview = operations["deletions-preview_dataset"]["responses"][200]["content"]["application/json"];
export type Destroyed = DeletionPreview["destroys"];
export type Receipt = Schemas["Receipt"];
export type Hold = Schemas["Hold"];
export type HoldCreate = Schemas["HoldCreate"];

export type Me = Schemas["Me"];
export type OpenSession = Schemas["OpenSession"];
export type SecondFactor = Schemas["SecondFactor"];
export type Organisation = Schemas["Organisation"];
export type Role = Schemas["Role"];
export type Member = Schemas["Member"];
export type Invitation = Schemas["Invitation"];
export type NewInvitation = Schemas["NewInvitation"];
export type InvitationCreate = Schemas["InvitationCreate"];
export type InvitationAccept = Schemas["InvitationAccept"];

export type ProjectLimits = Schemas["ProjectLimits"];

export type BlindLineUp = Schemas["BlindLineUp"];
export type BlindLineUpCreate = Schemas["BlindLineUpCreate"];
export type BlindLineUpResult = Schemas["BlindLineUpResult"];
export type LineUpAnswer = Schemas["LineUpAnswer"];
export type LineUpItem = Schemas["LineUpItem"];
export type LineUpNext = Schemas["LineUpNext"];
export type LineUpProgress = Schemas["LineUpProgress"];
