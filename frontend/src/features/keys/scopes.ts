// The scopes of a key, with descriptions.
import type { Scope } from "@/api/model";

export const SCOPES: { scope: Scope; words: string }[] = [
  { scope: "audits:read", words: "read audits and results" },
  { scope: "audits:write", words: "start and cancel audits" },
  { scope: "policies:write", words: "create and assign policies" },
  { scope: "waivers:write", words: "ask for waivers and revoke them" },
  { scope: "waivers:approve", words: "approve waivers that others asked for" },
  { scope: "targets:write", words: "upload releases" },
  { scope: "datasets:write", words: "upload images" },
  { scope: "reconstructions:reveal", words: "reveal images, each with an entry in the audit log" },
  { scope: "blind-line-ups:review", words: "review blind line-ups, which show images without names" },
  { scope: "data:delete", words: "delete data sets, releases, verifiers and pictures" },
  { scope: "data:hold", words: "place legal holds and release them" },
  { scope: "webhooks:write", words: "send events to other services" },
  { scope: "log:read", words: "read the audit log" },
  { scope: "keys:write", words: "create and revoke keys" },
  { scope: "members:write", words: "invite people, change their roles and end their sessions" },
  { scope: "projects:write", words: "create projects and change them" },
];
