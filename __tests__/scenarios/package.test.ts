import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';
import { type CommandAtTerminal, startAtTerminal, startCommand } from '../../sandbox/terminal.ts';
import { eventually, expectProvisioned } from './outcome.ts';
import { operatorOf } from './terminal.ts';
import { newName, openWorld, type Scenario } from './world.ts';

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

/** Homes of operators. */
const operators: string[] = [];
const atTerminals: CommandAtTerminal[] = [];
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
    await cp(path.join(root, 'build', name), path.join(stage, 'dist', name), { recursive: true });
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
afterEach(() => {
  for (const command of atTerminals.splice(0)) command.signal('SIGKILL');
  world.clearFaults();
});
afterAll(async () => {
  await world.stop();
  for (const directory of operators) await rm(path.dirname(directory), { recursive: true, force: true });
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
    expect(files.filter((file) => file.endsWith('.sha256'))).toEqual([]);
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

describe('the installed command', () => {
  /** What an operator of the scenario types in their clone. */
  const typed = async (scenario: Scenario, args: readonly string[]) => {
    const bin = path.join(installed, 'node_modules', '.bin', 'launchpad-provision');
    const { directory, environment } = await operatorOf(world, scenario);
    operators.push(directory);
    return { command: [bin, ...args] as const, directory, environment };
  };
  const startTyped = (command: Awaited<ReturnType<typeof typed>>) => {
    const running = startAtTerminal(command);
    atTerminals.push(running);
    return running;
  };
  /** A port where nobody listens, so that the MongoDB workflow keeps trying. */
  const NOBODY = { LAUNCHPAD_MONGODB_PORT: '9' };

  /** The pseudo-terminal is that of Linux. */
  const atTerminal = process.platform === 'linux' ? it : it.skip;

  atTerminal('ends for several instances with a table, and at a terminal shows progress on one line', async () => {
    const [first, second] = await world.several([newName(), newName()]);
    if (first === undefined || second === undefined) throw new Error('no scenario');
    const args = ['provision', first.instance, second.instance];
    const piped = await startCommand(await typed(first, args)).done;
    expect(piped.code).toBe(0);
    const row = (instance: string) => `${instance} +provisioned +\\d+\\.\\d +[0-9a-f]{7} +launchpad-${instance}-\\S+`;
    expect(piped.stdout).toMatch(
      new RegExp(
        `\n2 instances: 2 provisioned\ninstance .*what failed\n${row(first.instance)}\n${row(second.instance)}\n$`,
      ),
    );
    expect(piped.stdout).toMatch(new RegExp(`^${first.instance}: mysql-\\S+: Running$`, 'm'));
    expect(piped.stdout).not.toContain('\u001b');

    const { code, stdout } = await startTyped(await typed(first, args)).done;
    expect(code).toBe(0);
    const lines = stdout.split('\r\n').map((line) => line.slice(line.lastIndexOf('\u001b[2K')));
    expect(stdout).toContain('\u001b[2K');
    expect(lines.filter((line) => /: Running|▸ (?!Check cluster)/.test(line))).toEqual([]);
    expect(lines.filter((line) => line.includes(`✓ ${first.instance}: `))).toHaveLength(1);
  });

  atTerminal('shows cluster, context and plan at a terminal before it asks whether to deprovision', async () => {
    const scenario = await world.scenario();
    const { instance } = scenario;
    expect(await startCommand(await typed(scenario, ['provision', instance])).done).toMatchObject({ code: 0 });
    const config = await expectProvisioned(world, scenario);
    const asked = async () => {
      const running = startTyped(await typed(scenario, ['deprovision', instance]));
      await eventually(() => running.text().includes(`Type ${instance} to confirm: `));
      return running;
    };
    const wrong = await asked();
    const text = stripVTControlCharacters(wrong.text());
    expect(text).toContain(`from cluster ${world.proxy.url}, context `);
    const plan = text.slice(text.indexOf(`Plan for instance ${instance} (nothing is deleted yet):`));
    for (const part of ['- MySQL database', '- Bucket', '- Namespace', 'to destroy']) expect(plan).toContain(part);
    expect(plan.indexOf('to destroy')).toBeLessThan(plan.indexOf('This deletes'));
    wrong.type('other-school\r');
    expect(await wrong.done).toMatchObject({ code: 2, stdout: expect.stringContaining('Nothing was deleted.') });
    const left = await asked();
    left.type('\u0003');
    expect((await left.done).code).toBe(130);
    expect(await expectProvisioned(world, scenario)).toEqual(config);

    const right = await asked();
    right.type(`${instance}\r`);
    expect(await right.done).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`✓ Instance ${instance}: deprovisioned with all its data`),
    });
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: instance } };
    expect(await world.cluster.read(namespace)).toBeUndefined();
    const again = await startTyped(await typed(scenario, ['deprovision', instance])).done;
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('not found, nothing to delete') });
  });

  atTerminal('answers a second Ctrl-C, and leaves the terminal without its line of progress', async () => {
    const scenario = await world.scenario();
    const { instance } = scenario;
    const call = await typed(scenario, ['provision', instance]);
    const running = startTyped({ ...call, environment: { ...call.environment, ...NOBODY } });
    await eventually(() => /mongodb-\S+: Running/.test(running.text()));
    // The clean-up does not end by itself.
    world.proxy.add({ method: 'PATCH', path: /./, fault: { kind: 'hang', when: 'before' } });
    world.proxy.add({ method: 'DELETE', path: /./, fault: { kind: 'hang', when: 'before' } });
    running.type('\u0003');
    await eventually(() => running.text().includes('Press Ctrl-C again to quit now'));
    const again = setInterval(() => running.type('\u0003'), 100);
    const { code, stdout } = await running.done;
    clearInterval(again);
    expect(code).toBe(130);
    expect(stdout).toContain('Quit without cleaning up. The next run cleans up.');
    expect(stdout.slice(stdout.lastIndexOf('\u001b[2K'))).not.toContain('▸');
  });

  it.each([
    [['provision', 'my-school', '--json', '--nonsense'], 2, 'invalid'],
    [['provision', 'kube-system', '--json'], 2, 'invalid'],
    [['deprovision', 'my-school', '--json'], 2, 'invalid'],
  ])('%j: its JSON says how it ended', async (args, exitCode, outcome) => {
    const { code, stdout, stderr } = await startCommand(await typed(await world.scenario(), args)).done;
    expect(code).toBe(exitCode);
    expect(JSON.parse(stdout)).toMatchObject({ outcome, exitCode, errors: [{ message: expect.any(String) }] });
    expect(stderr).toContain('What to do: ');
  });
});
