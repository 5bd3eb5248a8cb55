import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { startCommand } from '../../sandbox/terminal.ts';
import { expectProvisioned } from './outcome.ts';
import { operatorOf } from './terminal.ts';
import { openWorld } from './world.ts';

const world = await openWorld();
const root = path.join(import.meta.dirname, '..', '..');
const run = promisify(execFile);

/** What is packed besides dist/, which the tests do not change: here it is what src/ makes. */
const SOURCES = [
  'package.json',
  'README.md',
  'LICENSE',
  'CHANGELOG.md',
  'bin',
  'manifests',
  'templates',
  'docs/rbac.yml',
];

let place = '';
let files: string[] = [];
let tarball = '';
/** An empty directory in which the package is installed, without a network. */
let installed = '';
/** npm without a cache, so that it could only get what it must not need. */
const npmEnvironment = () => ({
  PATH: `${path.dirname(process.execPath)}${path.delimiter}${process.env.PATH}`,
  HOME: place,
  npm_config_cache: path.join(place, 'cache'),
  npm_config_update_notifier: 'false',
});

beforeAll(async () => {
  place = await mkdtemp(path.join(tmpdir(), 'launchpad-package-'));
  const stage = path.join(place, 'stage');
  installed = path.join(place, 'empty');
  await mkdir(installed);
  for (const name of SOURCES) await cp(path.join(root, name), path.join(stage, name), { recursive: true });
  for (const name of ['cli', 'main', 'post', 'provisioners']) {
    const filter = (source: string) => !source.endsWith('.sha256');
    await cp(path.join(root, 'build', name), path.join(stage, 'dist', name), { recursive: true, filter });
  }
  const { stdout } = await run('npm', ['pack', '--json'], { cwd: stage, env: npmEnvironment() });
  const [packed]: { filename: string; files: { path: string }[] }[] = Object.values(JSON.parse(stdout));
  files = (packed?.files ?? []).map((file) => file.path);
  tarball = path.join(stage, packed?.filename ?? '');
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', tarball], {
    cwd: installed,
    env: npmEnvironment(),
  });
});
afterAll(async () => {
  await world.stop();
  await rm(place, { recursive: true, force: true });
});

describe('the package', () => {
  it('holds the command and what it reads, and not the action', () => {
    const first = [
      ...new Set(
        files.map((file) =>
          file
            .split('/')
            .slice(0, file.startsWith('d') ? 2 : 1)
            .join('/'),
        ),
      ),
    ];
    expect(first.sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'bin',
      'dist/cli',
      'dist/provisioners',
      'docs/rbac.yml',
      'manifests',
      'package.json',
      'templates',
    ]);
  });

  it('has nothing in it that speaks to a runner of GitHub', async () => {
    const bundle = await readFile(
      path.join(installed, 'node_modules', 'launchpad-provision', 'dist/cli/index.js'),
      'utf8',
    );
    for (const word of ['add-mask', 'GITHUB_STEP_SUMMARY', 'GITHUB_OUTPUT']) expect(bundle).not.toContain(word);
  });

  it('brings nothing else along', async () => {
    const { stdout } = await run('npm', ['ls', '--all', '--parseable'], { cwd: installed, env: npmEnvironment() });
    expect(stdout.trim().split('\n')).toHaveLength(2);
  });

  it('runs by npx in an empty directory: tells its version, and refuses wrong usage with its own exit code', async () => {
    const { version }: { version: string } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
    const npx = (...args: string[]) =>
      startCommand({
        command: ['npx', '--no-install', 'launchpad-provision', ...args],
        directory: installed,
        environment: npmEnvironment(),
      }).done;
    expect(await npx('--version')).toMatchObject({ code: 0, stdout: `${version}\n` });
    expect(await npx('provision', 'my-school', '--nonsense')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("Unknown option '--nonsense'"),
    });
  });

  it.each(['--settings-file', '--env-file'])('provisions an instance in a clone beside it, with %s', async (option) => {
    const scenario = await world.scenario();
    const operator = await operatorOf(world, scenario);
    const result = await startCommand({
      command: [
        'npx',
        '--no-install',
        'launchpad-provision',
        ...['provision', scenario.instance],
        ...['--repository-path', operator.directory, option, path.join(operator.directory, '.env')],
      ],
      directory: installed,
      environment: { ...npmEnvironment(), ...operator.environment },
    }).done;
    expect(result).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`✓ Instance ${scenario.instance}: provisioned`),
    });
    await expectProvisioned(world, scenario);
    await operator.leave();
  });
});
