// Strict, type-aware linting with accessibility rules.
import js from "@eslint/js";
import jsxA11y from "eslint-plugin-jsx-a11y";
import reactHooks from "eslint-plugin-react-hooks";
import globals from "globals";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["dist", "test-results", "playwright-report", "src/api/schema.ts", "public"] },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      globals: { ...globals.browser, ...globals.node },
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/consistent-type-definitions": ["error", "interface"],
      "@typescript-eslint/only-throw-error": ["error", { allow: [{ from: "package", package: "@tanstack/router-core", name: "Redirect" }] }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "no-restricted-syntax": [
        "error",
        {
          selector: "Property[key.name=/^(query|mutation)Key$/] ArrayExpression, CallExpression[callee.property.name=/^[sg]etQuer(y|ies)(Data|State)$/] > ArrayExpression",
          message: "Take the key from the factory of its feature, such as auditKeys.one(id).",
        },
      ],
      "max-lines": ["error", { max: 300, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ["src/**/*.tsx"],
    extends: [jsxA11y.flatConfigs.strict, reactHooks.configs.flat["recommended-latest"]],
    rules: {
      // A table that scrolls must be reachable by keyboard. A canvas with an image has the role of
      // an image.
      "jsx-a11y/no-noninteractive-tabindex": ["error", { tags: [], roles: ["region"] }],
      "jsx-a11y/no-interactive-element-to-noninteractive-role": ["error", { canvas: ["img"] }],
    },
  },
  // The parts of an audit share the code in features/audits and do not import each other.
  ...["new", "live", "result"].map((part, _, parts) => ({
    files: [`src/features/audits/${part}/**`],
    rules: {
      "no-restricted-imports": ["error", { patterns: parts.filter((other) => other !== part).map((other) => `@/features/audits/${other}/*`) }],
    },
  })),
  { files: ["eslint.config.js", "e2e/*.mjs", "dev/*.mjs"], extends: [tseslint.configs.disableTypeChecked] },
);
