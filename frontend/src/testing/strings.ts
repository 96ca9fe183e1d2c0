// The strings of a source file that a user may see: literals, templates and text between tags.
import ts from "typescript";

const squeezed = (text: string) => text.replace(/\s+/g, " ").trim();

/** Return the words of a node and its children. Values are replaced by an ellipsis. */
function words(node: ts.Node): string {
  if (ts.isJsxText(node)) return node.text;
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (ts.isTemplateExpression(node)) return node.head.text + node.templateSpans.map((span) => `…${span.literal.text}`).join("");
  if (ts.isJsxAttributes(node)) return "";
  const parts: string[] = [];
  node.forEachChild((child) => void parts.push(words(child)));
  return parts.join("");
}

/** Return the text of each element as a whole, and every other string. */
export function visibleStrings(file: string, source: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return;
    const isText = ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node) || ts.isTemplateExpression(node) || ts.isJsxText(node);
    if (isText || ts.isJsxElement(node)) found.push(squeezed(words(node)));
    node.forEachChild(visit);
  };
  visit(ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX));
  return found.filter((text) => text !== "");
}
