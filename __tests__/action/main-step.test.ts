import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';

const sources = path.join(import.meta.dirname, '..', '..', 'src');

/** The packages that a source file reaches by its imports, static and dynamic ones. */
async function packagesOf(file: string, seen = new Map<string, Set<string>>()): Promise<Set<string>> {
  const known = seen.get(file);
  if (known !== undefined) return known;
  const found = new Set<string>();
  seen.set(file, found);
  const code = await readFile(file, 'utf8');
  for (const [, isType, name = ''] of code.matchAll(/^(?:import|export) (type )?[^;]*?from '([^']+)'/gm)) {
    if (isType === undefined) await add(name);
  }
  for (const [, name = ''] of code.matchAll(/await import\([^']*'([^']+)'\s*\)/g)) await add(name);
  return found;

  async function add(name: string): Promise<void> {
    if (!name.startsWith('.')) found.add(name);
    else for (const inner of await packagesOf(path.join(path.dirname(file), name), seen)) found.add(inner);
  }
}

describe("GitHub's packages", () => {
  it('are loaded by the action, and never by the command line', async () => {
    const github = /^@(actions|octokit)\//;
    expect([...(await packagesOf(path.join(sources, 'main.ts')))]).toEqual(
      expect.arrayContaining(['@actions/core', '@actions/github/lib/utils', '@octokit/plugin-retry']),
    );
    const ofTerminal = [...(await packagesOf(path.join(sources, 'cli.ts')))];
    expect(ofTerminal).toContain('commander');
    expect(ofTerminal.filter((name) => github.test(name) && name !== '@actions/exec')).toEqual([]);
  });
});

describe('an event file that is broken', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'launchpad-event-'));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it.each([
    ['broken', '{"pull_request": ', 'pull_request'],
    ['empty', '', 'pull_request'],
    ['missing', undefined, 'pull_request'],
    ['not an object', '[]', 'pull_request'],
    ['empty', '', 'push'],
  ])('ends the step with event-invalid: %s', async (_, content, event) => {
    const file = path.join(directory, 'event.json');
    await rm(file, { force: true });
    if (content !== undefined) await writeFile(file, content);
    const { code, shown } = await mainStep({ GITHUB_EVENT_NAME: event, GITHUB_EVENT_PATH: file });
    expect(code).toBe(1);
    expect(shown).toMatch(
      /^::error title=GitHub%3A event not readable::The event's payload \(the file of GITHUB_EVENT_PATH\) /m,
    );
    expect(shown.match(/^::error/gm)).toHaveLength(1);
    expect(shown).toContain('Leave GITHUB_EVENT_PATH as the runner sets it');
  });
});

/** Runs the main step in a process of its own, as @actions/github reads the environment once, when it is loaded. */
async function mainStep(environment: Readonly<Record<string, string>>): Promise<{ code: number; shown: string }> {
  const env = {
    PATH: process.env.PATH,
    GITHUB_REF: 'refs/heads/main',
    GITHUB_REPOSITORY: 'org/cluster',
    'INPUT_API-TOKEN': 'a-token',
    ...environment,
  };
  const child = spawn(process.execPath, [path.join(sources, 'main.ts')], { env });
  const [code, out, errors] = await Promise.all([
    new Promise<number>((resolve) => child.on('close', (exitCode) => resolve(exitCode ?? -1))),
    text(child.stdout),
    text(child.stderr),
  ]);
  return { code, shown: out + errors };
}
