import { writeFile } from 'node:fs/promises';
import { type Clock, SYSTEM_CLOCK } from '../core/clock.ts';
import { fieldsOf, textIn } from '../core/fields.ts';
import { withoutRepeats } from '../core/reminder.ts';
import { type PollOptions, poll, retry } from '../core/retry.ts';
import { codeOf, connectionError } from './connection-errors.ts';
import { type Environment, optional } from './environment.ts';
import { ProvisionerError } from './provisioner-error.ts';

/** Milliseconds that are kept back for the report, so that a pod explains itself before Argo ends it. */
const RESERVE_MS = 5_000;
const DEFAULT_SECONDS = 600;

/** Milliseconds for which a service that fails for now is tried again. */
const BUDGET_MS = 120_000;
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 10_000;

/** A part of the work, for the error where it takes too long. */
interface Step {
  /** Such as `MySQL` or `Atlas's API`; its first word begins the error's code. */
  readonly service: string;
  readonly host: string;
  /** In words, such as `creating user x`. */
  readonly doing: string;
}

/** An attempt that failed, and is made again. */
interface FailedAttempt {
  /** In words, such as `MySQL at db:3306`. */
  readonly what: string;
  readonly error: unknown;
  /** Such as `attempt 2 in 0.5 s`. */
  readonly next: string;
  /** By default it is what the failed connection means for the step that is under way. */
  readonly explain?: ((error: unknown) => ProvisionerError | undefined) | undefined;
}

/** What each step of a provisioner needs: the log of its pod, and the time that is left. */
export interface Pod {
  /** Writes a line for people. */
  readonly log: (line: string) => void;
  /** Writes a line that the run shows as a warning. */
  readonly warn: (line: string) => void;
  readonly warnings: readonly string[];
  /**
   * Writes that an attempt failed and is made again, the same at most every ten seconds: a line for people, and for the run
   * what is wrong, so that it can warn before the pod gives up.
   */
  readonly retrying: (retry: FailedAttempt) => void;
  /** What it has logged. */
  readonly lines: readonly string[];
  /** Where the container's termination message is written. */
  readonly reportFile: string | undefined;
  readonly clock: Clock;
  /** Milliseconds that are left for work. */
  remainingMs(): number;
  /** Does a part of the work under its name. */
  step<T>(step: Step, work: () => Promise<T>): Promise<T>;
  /** What is under way and for how long, as the end of a sentence; empty where nothing is. */
  underWay(): string;
  /** The error of the step that is under way, where the time is up. */
  outOfTime(): ProvisionerError;
  /** Does what must not be cut in two: what begins with a new password ends with writing it down. */
  undivided<T>(work: () => Promise<T>): Promise<T>;
  /** Calls it now, or at the end of what must not be cut in two. */
  whenFree(next: () => void): void;
  /** Gives something back at the end of the pod, however it ends; within a few seconds, and without an error. */
  atEnd(work: () => Promise<void>): void;
  /** Does what is left for the end. */
  end(): Promise<void>;
}

/** A pod that has so many milliseconds for its work. */
export function podFor(
  leftMs: number,
  write: (line: string) => void,
  clock: Clock = SYSTEM_CLOCK,
  reportFile?: string,
): Pod {
  const endsAt = clock.monotonicMs() + leftMs;
  const lines: string[] = [];
  const warnings: string[] = [];
  const steps: (Step & { readonly since: number })[] = [];
  const waiting: (() => void)[] = [];
  const ending: (() => Promise<void>)[] = [];
  let undivided = 0;
  const log = (line: string) => {
    lines.push(line);
    write(line);
  };
  const seconds = (since: number) => {
    const ms = clock.monotonicMs() - since;
    return (ms / 1000).toFixed(ms < 10_000 ? 1 : 0);
  };
  let problem: ProvisionerError | undefined;
  const logRetry = withoutRepeats((line) => {
    log(line);
    if (problem === undefined) return;
    const { code, message, hint, host } = problem;
    // Only for the run, which may read the log: the termination message has room for the last lines alone.
    write(JSON.stringify({ launchpad: 'retry', code, message, hint, host }));
  }, clock);
  return {
    lines,
    reportFile,
    clock,
    log,
    warnings,
    warn: (line) => {
      warnings.push(line);
      log(`Warning: ${line}`);
    },
    retrying: ({ what, error, next, explain = (failed) => passingError(failed, steps.at(-1)) }) => {
      problem = explain(error);
      logRetry(`${what}: ${shortReason(error)}; ${next}`);
    },
    remainingMs: () => Math.max(0, endsAt - clock.monotonicMs()),
    step: async (step, work) => {
      const here = { ...step, since: clock.monotonicMs() };
      steps.push(here);
      try {
        return await work();
      } finally {
        steps.splice(steps.indexOf(here), 1);
      }
    },
    underWay: () => {
      const step = steps.at(-1);
      return step === undefined
        ? ''
        : `; ${step.service} at ${step.host}: ${step.doing} has been under way for ${seconds(step.since)} s`;
    },
    outOfTime: () => {
      const step = steps.at(-1);
      return step === undefined
        ? new ProvisionerError('timeout', NO_STEP, NO_PLACE)
        : timeout(step, seconds(step.since));
    },
    undivided: async (work) => {
      undivided += 1;
      try {
        return await work();
      } finally {
        undivided -= 1;
        if (undivided === 0) for (const next of waiting.splice(0)) next();
      }
    },
    whenFree: (next) => {
      if (undivided === 0) next();
      else waiting.push(next);
    },
    atEnd: (work) => ending.push(work),
    end: async () => {
      await Promise.all(ending.splice(0).map((work) => work()));
    },
  };
}

const NO_STEP = 'The time of the run was up before the provisioner had begun.';
const NO_PLACE = { host: '', hint: 'Raise input timeout, then run again.' };

function timeout({ service, host, doing }: Step, seconds: string): ProvisionerError {
  const [prefix = ''] = service.toLowerCase().split(/\W/);
  return new ProvisionerError(
    `${prefix}-timeout`,
    `${service} at ${host}: ${doing} took longer than ${seconds} s, and the time of the run is up.`,
    { host, hint: `${REMEDIES[prefix] ?? SILENT} Then run again: what is done already is kept.` },
  );
}

/** What a failure that may pass means for a step. */
function passingError(error: unknown, step: Step | undefined): ProvisionerError | undefined {
  if (step === undefined) return undefined;
  const { service, host, doing } = step;
  const [prefix = ''] = service.toLowerCase().split(/\W/);
  return (
    connectionError(error, service, host) ??
    new ProvisionerError(`${prefix}-unavailable`, `${service} at ${host}: ${doing} failed (${shortReason(error)}).`, {
      host,
      hint: 'Look at the state of the service.',
    })
  );
}

const SILENT = 'Check that the server is well, and that nothing on the way to it drops the connection.';
const REMEDIES: Readonly<Record<string, string>> = {
  mysql: 'Look for locks and long statements on the server (SHOW FULL PROCESSLIST), or raise input timeout.',
  mongodb: 'Look for locks and long operations on the server (db.currentOp()), or raise input timeout.',
};

/**
 * The pod by its workflow's creation and activeDeadlineSeconds, which the WorkflowTemplate passes on. Where the clocks of
 * node and API server differ so much that the time would be up already, it counts from now.
 */
export function podOf(environment: Environment, write: (line: string) => void, clock: Clock = SYSTEM_CLOCK): Pod {
  const wholeMs = Number(optional(environment, 'DEADLINE_SECONDS') ?? DEFAULT_SECONDS) * 1000;
  const createdAt = Number(optional(environment, 'CREATED_AT_SECONDS') ?? clock.wallMs() / 1000) * 1000;
  const leftMs = createdAt + wholeMs - clock.wallMs();
  const isPlausible = leftMs > 0 && leftMs <= wholeMs;
  return podFor((isPlausible ? leftMs : wholeMs) - RESERVE_MS, write, clock, optional(environment, 'REPORT_FILE'));
}

export interface PatientOptions {
  readonly isTransient: (error: unknown) => boolean;
  /** Milliseconds that the service asks to wait; such a wait does not count against the budget. */
  readonly askedWaitMs?: (error: unknown) => number | undefined;
  readonly budgetMs?: number;
  /** What a failed attempt means, for the run: it warns of what goes on for a while. */
  readonly explain?: (error: unknown) => ProvisionerError;
}

/**
 * Does the work, and does it again while it fails for a transient reason and the pod has time. Each retry is logged.
 *
 * @param what in words, such as `MySQL at db:3306`
 * @throws the last error
 */
export async function retryInPod<T>(
  pod: Pod,
  what: string,
  work: () => Promise<T>,
  { budgetMs = BUDGET_MS, explain, ...options }: PatientOptions,
): Promise<T> {
  return await retry(work, {
    ...options,
    budgetMs,
    extendsBudget: true,
    remainingMs: () => pod.remainingMs(),
    firstDelayMs: FIRST_DELAY_MS,
    longestDelayMs: LONGEST_DELAY_MS,
    clock: pod.clock,
    onRetry: ({ error, attempt, delayMs }) =>
      pod.retrying({ what, error, next: `attempt ${attempt} in ${(delayMs / 1000).toFixed(1)} s`, explain }),
  });
}

/**
 * Asks until there is an answer, within the limit and the pod's time.
 *
 * @throws ProvisionerError `…-timeout` where the pod's time ends first: that there was no answer is not known then
 */
export async function pollInPod<T>(
  pod: Pod,
  ask: () => Promise<T | undefined>,
  { limitMs, ...options }: Omit<PollOptions, 'clock'>,
): Promise<T | undefined> {
  const leftMs = pod.remainingMs();
  const answer = await poll(ask, { ...options, limitMs: Math.min(limitMs, leftMs), clock: pod.clock });
  if (answer === undefined && leftMs < limitMs) throw pod.outOfTime();
  return answer;
}

/** Why an attempt failed, in a word or two: a status, the code of the S3 service, MongoDB's name of it, or Node's code. */
function shortReason(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'status' in error) return `answered ${String(error.status)}`;
  if (error instanceof Error && '$metadata' in error) return error.name;
  return codeOf(error) ?? textIn(fieldsOf(error), 'codeName') ?? 'no answer';
}

/** Where a vendor's API says that the server is: what config.yml gets where it names none. */
export interface Connection {
  /** With `mongodb+srv://` before it where it is found by DNS. */
  readonly host: string;
  readonly port: number;
  readonly replicaSet?: string | undefined;
  readonly useSsl: boolean;
}

/** Writes what was found of the server to the file that Argo reads as the output parameter `connection`. */
export async function writeConnection(file: string, connection: object): Promise<void> {
  await writeFile(file, JSON.stringify(connection));
}
