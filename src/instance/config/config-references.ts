/** Characters that the references of one value may bring in all: references to references could make it any length. */
const LONGEST = 16 * 1024;

const REFERENCE = /\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}/g;
const JINJA = /\{\{|\{%|\{#/;

/** A value that cannot be expanded; the message says why. */
export class UnresolvedReference extends Error {}

/** Whether Jinja, and so Tutor, would render something in this text. */
export function hasJinja(text: string): boolean {
  return JINJA.test(text);
}

/** The keys that a text refers to by `{{ KEY }}`. */
export function referencesIn(text: string): string[] {
  return [...text.matchAll(REFERENCE)].map(([, key = '']) => key);
}

/**
 * Expands `{{ KEY }}` references to other keys of the file, as Tutor does. All other Jinja is refused: only Tutor can
 * render it.
 *
 * @param lookup the raw text of a key; undefined where the file does not have it
 * @throws UnresolvedReference for other Jinja, an unknown key, a circle, or a text that grows without end
 */
export function expandReferences(
  text: string,
  lookup: (key: string) => string | undefined,
  above: readonly string[] = [],
  spent = { characters: 0 },
): string {
  if (!hasJinja(text)) return text;
  const expanded = text.replace(REFERENCE, (_, key: string) => {
    if (above.includes(key))
      throw new UnresolvedReference(`the references are circular: ${[...above, key].join(' → ')}`);
    const value = lookup(key);
    if (value === undefined) throw new UnresolvedReference(`refers to ${key}, which the file does not set`);
    // Each reference counts, even one to an empty text.
    spent.characters += value.length + 1;
    if (spent.characters > LONGEST) throw new UnresolvedReference('the references expand without end');
    return expandReferences(value, lookup, [...above, key], spent);
  });
  if (hasJinja(expanded))
    throw new UnresolvedReference('uses Jinja beyond `{{ KEY }}` references to keys of this file');
  return expanded;
}
