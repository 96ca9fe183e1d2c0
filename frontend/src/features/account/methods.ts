// The ways to sign in, in words.
import type { OpenSession } from "@/api/model";

export const METHODS: Record<OpenSession["method"], string> = {
  password: "Password",
  link: "One-time link",
  key: "API key",
  oidc: "Single sign-on",
};
