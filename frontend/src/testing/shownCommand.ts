// Matches a command of the page by its whole text, which is in several elements.

/** Return a matcher for `getByText` that finds the box of a command: all of it, or a part by a pattern. */
export function shownCommand(wanted: string | RegExp) {
  return (_: string, element: Element | null): boolean =>
    element?.tagName === "CODE" && (typeof wanted === "string" ? element.textContent === wanted : wanted.test(element.textContent));
}
