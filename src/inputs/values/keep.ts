import type { Kind } from '../../core/kinds.ts';
import { InvalidValue } from '../problems.ts';

/** What deprovisioning can leave, with the workflows that would delete it. */
const KEPT: ReadonlyMap<string, readonly Kind[]> = new Map([
  ['bucket', ['storage']],
  ['databases', ['mysql', 'mongodb']],
]);

/** `bucket`, `databases` or both, between commas or one a line. @throws InvalidValue */
export function keepList(value: string): string {
  const known = [...KEPT.keys()].join(' and ');
  for (const word of wordsOf(value)) {
    if (!KEPT.has(word))
      throw new InvalidValue(`has ${JSON.stringify(word)}, which cannot be kept: give ${known}, or one of them`);
  }
  return value;
}

/** The kinds of work that such a list leaves out. */
export function keptKinds(value: string | undefined): Kind[] {
  return wordsOf(value ?? '').flatMap((word) => KEPT.get(word) ?? []);
}

function wordsOf(value: string): string[] {
  const words = value.split(/[\s,]+/).map((word) => word.toLowerCase());
  return [...new Set(words)].filter((word) => word !== '');
}
