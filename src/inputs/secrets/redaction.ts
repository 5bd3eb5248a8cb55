import { formsOf, SHORTEST_MASK } from './masks.ts';

/** The secrets that are known by now, and the text without them. */
export class Redaction {
  readonly #secrets = new Set<string>();
  #pattern: RegExp | undefined;

  /** A secret of the instance, unless it is too short to be hidden. @returns the forms of it that were not known */
  add(value: string): string[] {
    return value.length >= SHORTEST_MASK ? this.addAlways(value) : [];
  }

  /** A secret of the caller, whatever its length. @returns the forms of it that were not known */
  addAlways(value: string): string[] {
    const added = formsOf(value).filter((form) => !this.#secrets.has(form));
    for (const form of added) this.#secrets.add(form);
    if (added.length > 0) this.#pattern = undefined;
    return added;
  }

  /** The text with `***` for every secret that is known. */
  redact(text: string): string {
    if (this.#secrets.size === 0) return text;
    this.#pattern ??= anyOf(this.#secrets);
    return text.replace(this.#pattern, '***');
  }
}

/** The longest first: a secret may be a part of another. */
function anyOf(texts: Iterable<string>): RegExp {
  const longestFirst = [...texts].sort((a, b) => b.length - a.length);
  return new RegExp(longestFirst.map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|'), 'g');
}
