// The figures on a page.
import type { Written } from "./written";

/**
 * Return value, interval and n of every element with `data-figure`, with plain spaces. Stands
 * alone, because a browser test runs it in the page.
 */
export function shownFigures(): (Written & { path: string })[] {
  return [...document.querySelectorAll("[data-figure]")].map((one) => {
    const text = (part: string) => {
      const parts = [one, ...one.querySelectorAll(`[data-part="${part}"]`)];
      const own = parts.find((found) => found.getAttribute("data-part") === part && found.closest("[data-figure]") === one);
      return own?.textContent.replaceAll(/[\u00a0\u202f]/g, " ").trim() ?? "";
    };
    return { path: one.getAttribute("data-figure") ?? "", value: text("value"), interval: text("interval"), n: text("n").replaceAll(" ", "") };
  });
}

/**
 * Return texts of the page with a share, a difference, bits or a decimal number that are neither a
 * figure with a path nor the outcome of an identity. Left out are axes, trails, code, times, names of
 * plots and columns, and texts of the service or longer parts of them.
 *
 * @param said texts of the documents that the page shows
 */
export function unmarkedFigures(said: string[]): string[] {
  const plain = (text: string) => text.replaceAll(/\s+/g, " ").trim();
  const known = new Set(said.map(plain));
  const sentences = plain(said.join("\n"));
  const marked = "[data-figure], [data-identity], [data-named], [data-pair], [data-axis], [aria-label=Breadcrumb], code, title, style";
  const walker = document.createTreeWalker(document.querySelector("main") ?? document.body, NodeFilter.SHOW_TEXT);
  const found: string[] = [];
  while (walker.nextNode()) {
    const text = plain(walker.currentNode.textContent ?? "");
    const numbers = text.replaceAll(/95 % interval|\d[\d.,]* ?(?:s|ms|min|minutes|h|days?|[kMG]i?B)\b/g, "");
    if (!/\d ?%|\d\.\d|\d (?:bits|points?)\b/.test(numbers)) continue;
    if (walker.currentNode.parentElement?.closest(marked) || known.has(text) || (text.length > 30 && sentences.includes(text))) continue;
    found.push(text);
  }
  return found;
}
