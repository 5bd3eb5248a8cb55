import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import vm from 'node:vm';
import { parse } from '@swc/core';
import fc from 'fast-check';
import { fieldsOf } from '../../src/core/fields.ts';

/**
 * Regular expressions read text that others write: logs, answers of servers, files of a pull request. Each literal of src
 * is tried here, and each that `new RegExp` makes, so that a new one is tried too.
 */

const ROOT = path.join(import.meta.dirname, '../..');
const MIB = 1024 * 1024;
/** Enough for a quadratic expression to be the slowest by far. */
const SAMPLE_BYTES = 8 * 1024;
const SAMPLE_LIMIT_MS = 200;
const LIMIT_MS = 1_000;
/** In quadratic time a text whose sample takes less is below the limit at full length. */
const SUSPECT_MS = LIMIT_MS / (MIB / SAMPLE_BYTES) ** 2;
/** Of a test, on a slow machine. */
const TEST_MS = 60_000;
/** How many of the slowest texts are tried at full length. */
const WORST = 4;
const SIGNS = [...' \t\n"\'aA0/-_.:@={}\\#,+~', '\r\n', 'a ', 'a/', '::', 'é'];
const AFTER_START = [...' a0/-.\n"'];
/** No expression matches it, and it ends a line. */
const END = '\n\u0001';

/** Calls the functions that make expressions of what others write, with the worst that they accept; other files make theirs when they are loaded. */
const MAKERS: Readonly<Record<string, () => Promise<unknown>>> = {
  'src/core/glob.ts': async () =>
    (await import('../../src/core/glob.ts')).globExpression(['', 'a', 'a', 'a', 'a', 'b']),
  'src/inputs/secrets/masks.ts': async () => {
    const redaction = new (await import('../../src/inputs/secrets/masks.ts')).Redaction();
    for (const length of [8, 16, 32]) redaction.addAlways(`${'a'.repeat(length)}+`);
    return redaction.redact('a');
  },
  'src/inputs/values/values.ts': async () => (await import('../../src/inputs/values/values.ts')).image('a'),
  'src/repository/words.ts': async () => [
    await import('../../src/repository/host-refusals.ts'),
    await import('../../src/repository/push-refusals.ts'),
  ],
};
/** Their expressions are a name of at most 63 characters, or of a constant, between two borders; those of rules.ts have a time limit. */
const PLAIN = [
  'src/action/github/rules.ts',
  'src/instance/new/rename.ts',
  'src/instance/application/copied-application.ts',
  'src/instance/guards/neighbour-guards.ts',
  'src/provisioners/atlas/authorization.ts',
];

interface Expression {
  readonly pattern: string;
  readonly flags: string;
}

it.each(globSync('src/**/*.ts', { cwd: ROOT }).toSorted())(
  'the expressions of %s take linear time',
  async (file) => {
    const slow = (await expressionsOf(path.join(ROOT, file))).flatMap((expression) => {
      const text = slowText(expression);
      return text === undefined ? [] : `/${expression.pattern}/${expression.flags} on ${text}`;
    });
    expect(slow).toEqual([]);
  },
  TEST_MS,
);

it('the expressions that are made take linear time', async () => {
  const files = globSync('src/**/*.ts', { cwd: ROOT }).filter((file) => !PLAIN.includes(file));
  const texts = await Promise.all(files.map((file) => readFile(path.join(ROOT, file), 'utf8')));
  const makers = files.filter((_, index) => texts[index]?.includes('new RegExp('));
  expect(makers).toEqual(expect.arrayContaining(Object.keys(MAKERS)));
  const slow: string[] = [];
  for (const file of makers) {
    const made = await recorded(MAKERS[file] ?? (() => import(path.join(ROOT, file))));
    expect({ file, isMaking: made.length > 0 }).toEqual({ file, isMaking: true });
    for (const expression of made) {
      const text = slowText(expression);
      if (text !== undefined) slow.push(`${file}: /${expression.pattern}/${expression.flags} on ${text}`);
    }
  }
  expect(slow).toEqual([]);
}, 120_000);

it.each(['/+$', '[a-z]+://', 'denied .* twice', '(a+)+b', '^(\\s*a?)*:', 'some\\S* "?\\S* is lost'])(
  'finds that %s takes quadratic time or worse',
  (pattern) => {
    expect(slowText({ pattern, flags: '' })).toBeDefined();
  },
  TEST_MS,
);

/** The expressions that `new RegExp` of src makes during a call; libraries make theirs too. */
async function recorded(make: () => Promise<unknown>): Promise<Expression[]> {
  const original = globalThis.RegExp;
  const made: Expression[] = [];
  globalThis.RegExp = new Proxy(original, {
    construct(target, [pattern, flags = '']: [string, string?]) {
      const [, , caller = ''] = (new Error().stack ?? '').split('\n');
      if (caller.includes(path.join(ROOT, 'src'))) made.push({ pattern, flags });
      return new target(pattern, flags);
    },
  });
  try {
    await make();
  } finally {
    globalThis.RegExp = original;
  }
  return made;
}

async function expressionsOf(file: string): Promise<Expression[]> {
  const found = new Map<string, Expression>();
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    if ('type' in node && node.type === 'RegExpLiteral' && 'pattern' in node && 'flags' in node) {
      const { pattern, flags } = { pattern: String(node.pattern), flags: String(node.flags) };
      found.set(`/${pattern}/${flags}`, { pattern, flags });
    }
    for (const part of Object.values(node)) visit(part);
  };
  visit(await parse(await readFile(file, 'utf8'), { syntax: 'typescript', target: 'es2024' }));
  return [...found.values()];
}

/** A text of 1 MiB for which the expression takes longer than the limit, among those for which it is slowest when short. */
function slowText(expression: Expression): string | undefined {
  const run = runner(expression);
  const all = unitsOf(expression);
  const samples = all.map((units) => textOf(units, SAMPLE_BYTES));
  const times: number[] = [];
  let late = 0;
  while (times.length < all.length && late < WORST) {
    times.push(...run(samples.slice(times.length), SAMPLE_LIMIT_MS));
    if ((times.at(-1) ?? 0) >= SAMPLE_LIMIT_MS) late += 1;
  }
  const tried = times.flatMap((ms, index) => all.slice(index, index + 1).map((units) => ({ units, ms })));
  const worst = tried
    .filter(({ ms }) => ms >= SUSPECT_MS)
    .toSorted((a, b) => b.ms - a.ms)
    .slice(0, WORST);
  const found = worst.find(({ units }) => run([textOf(units, MIB)], LIMIT_MS).some((ms) => ms >= LIMIT_MS));
  return found?.units.map((unit) => JSON.stringify(unit)).join(', then ');
}

/** What a text begins with, and what is repeated after it. */
type Units = readonly [start: string, unit: string];

function textOf([start, unit]: Units, bytes: number): string {
  return start + unit.repeat(Math.ceil(bytes / unit.length)) + END;
}

/** Repeats of signs, of the expression's own literals, and of the beginnings of texts that match it. */
function unitsOf(expression: Expression): Units[] {
  const literals = literalsOf(expression);
  const samples = samplesOf(expression);
  const parts = samples.flatMap((sample) =>
    [0.3, 0.5, 0.7, 0.9].map((part) => sample.slice(0, Math.ceil(sample.length * part))),
  );
  const own = new Set([...SIGNS, ...literals, ...parts, ...samples, literals.join('')]);
  const starts = new Set([...literals.slice(0, 8), ...parts.slice(0, 8)]);
  const all: Units[] = [
    ...[...own].map((unit): Units => ['', unit]),
    ...[...starts].flatMap((start) => AFTER_START.map((sign): Units => [start, sign])),
  ];
  return all.filter(([, unit]) => unit !== '');
}

function literalsOf({ pattern }: Expression): string[] {
  const parts = pattern.split(/\\[wWdDsSbB]|\\[pPuxk][{<]?\w*[}>]?|[()[\]{}|?*+^$]/);
  return [...new Set(parts.map((part) => part.replaceAll('\\', '')))].filter((part) => part !== '');
}

/** Texts that match, as far as fast-check can make them: without borders of words, look-around, references and classes of Unicode. */
function samplesOf({ pattern, flags }: Expression): string[] {
  if (flags.includes('v')) return [];
  const plain = pattern
    .replaceAll(/\\[pP]\{\w+\}/g, 'a')
    .replaceAll(/\\[bB1-9]/g, '')
    .replaceAll(/\\0-\\x7f/g, 'a')
    .replaceAll(/\(\?<?[=!]/g, '(?:');
  return fc.sample(fc.stringMatching(new RegExp(plain, flags.includes('s') ? 's' : '')), { numRuns: 8, seed: 11 });
}

/**
 * Milliseconds that the expression takes to go over each of the texts, up to the first that takes the limit: it is ended
 * there. They are tried together, as a limit of its own for each takes longer than most of the texts do.
 */
function runner({ pattern, flags }: Expression): (texts: readonly string[], limitMs: number) => number[] {
  const now = () => performance.now();
  const context = vm.createContext({ now });
  const all = flags.includes('y') || flags.includes('g') ? flags : `${flags}g`;
  const script = new vm.Script(`
    for (const text of texts.slice(times.length)) {
      const start = now();
      text.replace(new RegExp(${JSON.stringify(pattern)}, ${JSON.stringify(all)}), '');
      times.push(now() - start);
    }`);
  return (texts, limitMs) => {
    const times: number[] = [];
    Object.assign(context, { texts, times });
    while (times.length < texts.length) {
      const before = times.length;
      try {
        script.runInContext(context, { timeout: limitMs });
      } catch (error) {
        if (fieldsOf(error).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
        // The limit is that of one text: those that were tried before it took some of it.
        if (times.length === before) return [...times, limitMs];
      }
    }
    return times;
  };
}
