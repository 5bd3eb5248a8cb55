import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { compileCache } from './compile-cache.ts';

/** A step `uses: org/launchpad-provision@v1` as GitHub's runner runs it. */
export interface ActionStep {
  /** The action's entry points: JavaScript files. */
  readonly main: string;
  readonly post: string;
  /** Checkout of the cluster repository: GITHUB_WORKSPACE. */
  readonly workspace: string;
  /** The step's `with:`. */
  readonly inputs: Readonly<Record<string, string>>;
  /** The step's `env:`. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Branch of the run; `ref` replaces it where it is not a branch. */
  readonly branch?: string;
  readonly ref?: string;
  readonly event?: string;
  /** The event's payload: the file of GITHUB_EVENT_PATH. */
  readonly payload?: object;
  readonly runId?: string;
  readonly repository?: string;
  /** Gets the log as it is written. */
  readonly onLog?: (chunk: string) => void;
}

/** How a step ended. */
export interface StepResult {
  /** Exit code of main; null if a signal ended it. */
  readonly code: number | null;
  /** Everything that main and post wrote. */
  readonly log: string;
  readonly outputs: Readonly<Record<string, string>>;
  /** Markdown of the job summary. */
  readonly summary: string;
}

/** A step that runs. */
export interface RunningStep {
  /** Sends the signal to main, as the runner does when a job is cancelled. */
  signal(name: NodeJS.Signals): void;
  /** Cancels the job: main gets SIGINT, then SIGTERM, and is killed if it has not ended by then. */
  cancel(): void;
  /** The runner's machine dies: main is killed, and there is no post step. */
  die(): void;
  /** Resolves when main and, unless the machine died, post have ended. */
  readonly done: Promise<StepResult>;
  /** The log so far. */
  log(): string;
  /** Of main. */
  readonly pid: number;
}

/**
 * Milliseconds after SIGINT
 * (https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-cancellation).
 */
const SIGTERM_MS = 7_500;
const SIGKILL_MS = 10_000;

/** The repository of a workflow that names none. */
const REPOSITORY = 'example-org/cluster';

/** Starts the step. Of this process's environment it gets PATH alone. */
export async function startStep(step: ActionStep): Promise<RunningStep> {
  const files = await commandFiles({
    repository: { full_name: step.repository ?? REPOSITORY, private: true },
    ...step.payload,
  });
  const environment = { ...runnerEnvironment(step, files), ...inputVariables(step.inputs), ...step.environment };
  let log = '';
  let dead = false;
  const start = (entry: string, state: Readonly<Record<string, string>>): ChildProcess => {
    const child = spawn(process.execPath, [entry], { cwd: step.workspace, env: { ...environment, ...state } });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        log += chunk;
        step.onLog?.(chunk);
      });
    }
    return child;
  };
  const main = start(step.main, {});
  const done = (async (): Promise<StepResult> => {
    const code = await ended(main);
    if (!dead) await ended(start(step.post, await savedState(files.GITHUB_STATE)));
    const [outputs, summary] = await Promise.all([
      fileCommands(files.GITHUB_OUTPUT),
      readFile(files.GITHUB_STEP_SUMMARY, 'utf8'),
    ]);
    await rm(files.RUNNER_TEMP, { recursive: true, force: true });
    return { code, log, outputs, summary };
  })();
  return {
    done,
    log: () => log,
    pid: main.pid ?? 0,
    signal: (name) => {
      main.kill(name);
    },
    cancel: () => {
      main.kill('SIGINT');
      const timers = [
        setTimeout(() => main.kill('SIGTERM'), SIGTERM_MS),
        setTimeout(() => main.kill('SIGKILL'), SIGKILL_MS),
      ];
      main.once('close', () => timers.forEach(clearTimeout));
    },
    die: () => {
      dead = true;
      main.kill('SIGKILL');
    },
  };
}

type CommandFiles = Awaited<ReturnType<typeof commandFiles>>;

async function commandFiles(payload: object) {
  const directory = await mkdtemp(path.join(tmpdir(), 'launchpad-runner-'));
  const home = path.join(directory, 'home');
  await mkdir(home);
  const file = async (name: string, content = '') => {
    const place = path.join(directory, name);
    await writeFile(place, content);
    return place;
  };
  return {
    RUNNER_TEMP: directory,
    HOME: home,
    GITHUB_OUTPUT: await file('output'),
    GITHUB_STATE: await file('state'),
    GITHUB_ENV: await file('env'),
    GITHUB_PATH: await file('path'),
    GITHUB_STEP_SUMMARY: await file('summary.md'),
    GITHUB_EVENT_PATH: await file('event.json', JSON.stringify(payload)),
  };
}

function runnerEnvironment(step: ActionStep, files: CommandFiles): Record<string, string> {
  const branch = step.branch ?? 'main';
  return {
    ...files,
    PATH: process.env.PATH ?? '',
    ...compileCache,
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_WORKSPACE: step.workspace,
    GITHUB_EVENT_NAME: step.event ?? 'workflow_dispatch',
    GITHUB_REF: step.ref ?? `refs/heads/${branch}`,
    GITHUB_REF_NAME: branch,
    GITHUB_REPOSITORY: step.repository ?? REPOSITORY,
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_API_URL: 'https://api.github.com',
    GITHUB_RUN_ID: step.runId ?? '4242',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_WORKFLOW: 'Provision',
    GITHUB_JOB: 'provision',
    GITHUB_ACTOR: 'example-operator',
  };
}

function inputVariables(inputs: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`, value]),
  );
}

async function savedState(file: string): Promise<Record<string, string>> {
  const state = await fileCommands(file);
  return Object.fromEntries(Object.entries(state).map(([name, value]) => [`STATE_${name}`, value]));
}

/**
 * Reads what an action wrote into one of the runner's command files: `name=value`, or `name<<delimiter`, lines, delimiter
 * (https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#environment-files).
 */
async function fileCommands(file: string): Promise<Record<string, string>> {
  const text = await readFile(file, 'utf8');
  const values: Record<string, string> = {};
  for (const [, name = '', , value] of text.matchAll(/^([^\s=<]+)<<(\S+)\r?\n([\s\S]*?)\r?\n?\2$/gm)) {
    values[name] = value ?? '';
  }
  return values;
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code));
  });
}
