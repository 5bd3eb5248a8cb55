import { formsOf, SHORTEST_MASK } from './masks.ts';

/** The secrets that are known so far; it removes them from text. */
export class Redaction {
  readonly #secrets = new Set<string>();
  #pattern: RegExp | undefined;

  /** Adds a secret of the instance, unless it is too short to be hidden. @returns its new forms */
  add(value: string): string[] {
    return value.length >= SHORTEST_MASK ? this.addAlways(value) : [];
  }

  /** Adds a secret of the caller, whatever its length. @returns its new forms */
  addAlways(value: string): string[] {
    const added = formsOf(value).filter((form) => !this.#secrets.has(form));
    for (const form of added) this.#secrets.add(form);
    if (added.length > 0) this.#pattern = undefined;
    return added;
  }

  /** The text with `***` for every known secret. */
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

/**
 * Text of a pod or a server must not act as a command to GitHub's runner, which reads `::name::` at the start of a line and
 * `##[name]` anywhere (actions/runner, ActionCommand.cs): a zero-width space breaks them up.
 */
export function withoutCommands(text: string): string {
  return text.replace(/^([^\S\n\r\u2028\u2029]*):(?=:)/gm, '$1:\u200b').replaceAll('##[', '##\u200b[');
}
