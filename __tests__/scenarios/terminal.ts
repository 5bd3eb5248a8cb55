import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { type CommandResult, type RunningCommand, startCommand } from '../../sandbox/terminal.ts';
import { GIT_TOKEN, type Scenario, type World } from './world.ts';

const root = path.join(import.meta.dirname, '..', '..');

/** The command as the tests build it. */
const COMMAND: readonly [string, ...string[]] = [process.execPath, path.join(root, 'build', 'cli', 'index.js')];

/** An operator at a machine of their own, with a clone of the cluster repository. */
export interface Operator {
  /** Their current directory. */
  readonly directory: string;
  /** KUBECONFIG, PATH and a home of their own. */
  readonly environment: Readonly<Record<string, string>>;
  /** Calls git in the clone. */
  git(...args: string[]): Promise<string>;
  /** Starts the command in the clone. */
  start(args: readonly string[], environment?: Readonly<Record<string, string>>): RunningCommand;
  run(args: readonly string[], environment?: Readonly<Record<string, string>>): Promise<CommandResult>;
  leave(): Promise<void>;
}

/** An operator who has cloned the scenario's repository, and has the settings in `.env`. */
export async function operatorOf(world: World, scenario: Scenario, command = COMMAND): Promise<Operator> {
  const home = await mkdtemp(path.join(tmpdir(), 'launchpad-operator-'));
  const directory = path.join(home, 'cluster');
  const kubeconfig = path.join(home, 'kubeconfig');
  const environment = {
    PATH: `${path.dirname(process.execPath)}${path.delimiter}${process.env.PATH}`,
    HOME: home,
    KUBECONFIG: kubeconfig,
  };
  const git = async (...args: string[]) => {
    const { stdout } = await promisify(execFile)('git', args, { cwd: directory, env: environment });
    return stdout.trimEnd();
  };
  const url = new URL(`${world.git.url}/${scenario.repository}.git`);
  Object.assign(url, { username: 'x-access-token', password: GIT_TOKEN });
  await writeFile(kubeconfig, world.proxy.kubeconfig, { mode: 0o600 });
  await promisify(execFile)('git', ['clone', '--quiet', url.href, directory]);
  await git('config', 'user.name', 'Ada Operator');
  await git('config', 'user.email', 'ada@example.org');
  const settings = Object.entries({ LAUNCHPAD_CLUSTER_DOMAIN: 'example.org', ...world.settings });
  const lines = settings.map(([name, value]) => `export ${name}="${value}"\n`);
  await writeFile(path.join(directory, '.env'), lines.join(''), { mode: 0o600 });
  const start: Operator['start'] = (args, others = {}) =>
    startCommand({ command: [...command, ...args], directory, environment: { ...environment, ...others } });
  return {
    directory,
    environment,
    git,
    start,
    run: async (...args) => await start(...args).done,
    leave: () => rm(home, { recursive: true, force: true }),
  };
}
