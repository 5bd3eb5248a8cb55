/**
 * Every expression is rendered as Jinja2 renders it, or refused; none otherwise. The fixture holds what Jinja2 3.1 made of
 * them, with cookiecutter's extensions and StrictUndefined; where a Python has both, the fixture is compared with them.
 * UPDATE_JINJA=1 writes it anew.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { renderJinja } from '../../../src/instance/templates/jinja.ts';
import { TemplateProblem } from '../../../src/instance/templates/template-files.ts';
import { CONTEXT, EXPRESSIONS } from './expressions.ts';

const FIXTURE = path.join(import.meta.dirname, '..', '..', 'fixtures', 'jinja-expressions.json');
const python = process.env.TEST_COOKIECUTTER_PYTHON || 'python3';
const isThere = spawnSync(python, ['-c', 'import cookiecutter, jinja2']).status === 0;

/** What Jinja2 does with an expression: its text, or null for an error. */
type Rendered = Readonly<Record<string, string | null>>;

const SCRIPT = `
import json, sys
from jinja2 import Environment, StrictUndefined
given = json.load(sys.stdin)
names = ['SlugifyExtension', 'JsonifyExtension', 'TimeExtension']
environment = Environment(undefined=StrictUndefined, keep_trailing_newline=True,
    extensions=['jinja2.ext.loopcontrols'] + ['cookiecutter.extensions.' + name for name in names])
def render(source):
    try:
        return environment.from_string(source).render(**json.loads(json.dumps(given['context'])))
    except Exception:
        return None
print(json.dumps({source: render(source) for source in given['expressions']}))`;

function jinja2(): Rendered {
  const input = JSON.stringify({ context: CONTEXT, expressions: EXPRESSIONS });
  const { stdout, stderr, status } = spawnSync(python, ['-c', SCRIPT], { input, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

/** Addresses, random text and the year differ from run to run; no such expression is rendered here but the year. */
const isStable = (source: string) => !/lipsum|random|attr\('upper|deep\.items \}\}|now 'utc'/.test(source);

function ours(source: string): string | null {
  try {
    return renderJinja(source, CONTEXT);
  } catch (error) {
    if (error instanceof TemplateProblem) return null;
    throw error;
  }
}

if (process.env.UPDATE_JINJA && isThere) writeFileSync(FIXTURE, `${JSON.stringify(jinja2(), null, 1)}\n`);
const theirs: Rendered = JSON.parse(readFileSync(FIXTURE, 'utf8'));

describe('expressions of public templates', () => {
  const stable = EXPRESSIONS.filter(isStable);

  it('are more than 500, and the fixture has each of them', () => {
    expect(EXPRESSIONS.length).toBeGreaterThan(500);
    expect(Object.keys(theirs)).toEqual(EXPRESSIONS);
  });

  it('are rendered as Jinja2 renders them, or refused', () => {
    const different = stable.filter((source) => ours(source) !== null && ours(source) !== theirs[source]);
    expect(different).toEqual([]);
  });

  it('are refused in at most 5 % of what Jinja2 renders', () => {
    const rendered = stable.filter((source) => theirs[source] !== null);
    const refused = rendered.filter((source) => ours(source) === null);
    expect(refused.length / rendered.length).toBeLessThan(0.05);
  });
});

(isThere ? describe : describe.skip)(
  isThere ? 'Jinja2 itself' : 'Jinja2 and cookiecutter are not there, so the fixture could not be compared with them',
  () => {
    it('renders what the fixture holds', () => {
      const now = jinja2();
      for (const source of EXPRESSIONS.filter(isStable))
        expect([source, now[source]]).toEqual([source, theirs[source]]);
    });
  },
);
