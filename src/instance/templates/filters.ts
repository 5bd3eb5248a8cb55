import { isFields } from '../../core/fields.ts';

/** A filter: the value, then its arguments as plain values; those given by name come last, in a Map. */
export type Filter = (value: unknown, ...args: readonly unknown[]) => unknown;

/**
 * Filters of Jinja and of cookiecutter that the interpreter lacks, or has only in part, with Jinja's own names and defaults
 * (https://jinja.palletsprojects.com/en/stable/templates/#list-of-builtin-filters).
 */
export const FILTERS: ReadonlyMap<string, Filter> = new Map<string, Filter>([
  ['truncate', truncate],
  ['trim', trim],
  ['slugify', slugify],
  ['capitalize', capitalize],
]);

function truncate(value: unknown, ...args: readonly unknown[]): string {
  const [length, killwords, end, leeway] = parameters(args, [
    ['length', 255],
    ['killwords', false],
    ['end', '...'],
    ['leeway', 5],
  ]);
  const characters = [...String(value)];
  const limit = Number(length);
  const suffix = String(end);
  if (characters.length <= limit + Number(leeway)) return String(value);
  const kept = characters.slice(0, Math.max(limit - [...suffix].length, 0)).join('');
  const space = kept.lastIndexOf(' ');
  return (killwords === true || space < 0 ? kept : kept.slice(0, space)) + suffix;
}

function trim(value: unknown, ...args: readonly unknown[]): string {
  const [chars] = parameters(args, [['chars', undefined]]);
  if (typeof chars !== 'string') return String(value).trim();
  const characters = [...String(value)];
  const first = characters.findIndex((character) => !chars.includes(character));
  const last = characters.findLastIndex((character) => !chars.includes(character));
  return first < 0 ? '' : characters.slice(first, last + 1).join('');
}

function capitalize(value: unknown): string {
  const [first = '', ...rest] = String(value);
  return first.toUpperCase() + rest.join('').toLowerCase();
}

/** As python-slugify for text in Latin letters; it has a table for all others, which is not here. */
function slugify(value: unknown, ...args: readonly unknown[]): string {
  if (args.length > 0) throw new Error('the filter slugify takes no arguments here');
  const plain = String(value).normalize('NFKD').replaceAll(/\p{M}/gu, '');
  if (/[^\p{ASCII}]/u.test(plain)) throw new Error('the filter slugify takes text in Latin letters only here');
  return plain
    .toLowerCase()
    .replaceAll(/'+/g, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
}

/** The arguments by position, else by name, else their defaults. */
function parameters(args: readonly unknown[], names: readonly (readonly [string, unknown])[]): unknown[] {
  const last = args.at(-1);
  const named = last instanceof Map ? last : new Map<unknown, unknown>();
  const positional = last instanceof Map ? args.slice(0, -1) : args;
  return names.map(([name, fallback], index) => positional[index] ?? plain(named.get(name)) ?? fallback);
}

/** An argument by name is still the interpreter's own value. */
function plain(argument: unknown): unknown {
  return isFields(argument) && 'value' in argument ? argument.value : argument;
}
