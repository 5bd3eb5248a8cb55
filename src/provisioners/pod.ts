import { writeFile } from 'node:fs/promises';
import { type Clock, SYSTEM_CLOCK } from '../core/clock.ts';
import { retry } from '../core/retry.ts';
import { codeOf } from './connection-errors.ts';
import { type Environment, optional } from './environment.ts';
import type { Log } from './report.ts';

/** Milliseconds that are kept back for the report, so that a pod explains itself before Argo ends it. */
const RESERVE_MS = 5_000;
const DEFAULT_SECONDS = 600;

/** Milliseconds for which a service that fails for now is tried again. */
const BUDGET_MS = 120_000;
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 10_000;

/** What each step of a provisioner needs: the log of its pod, and the time that is left. */
export interface Pod {
  /** Writes a line for people. */
  readonly log: Log;
  readonly clock: Clock;
  /** Milliseconds that are left for work. */
  remainingMs(): number;
}

/** A pod whose workflow Argo ends at the given time, in milliseconds since 1970. */
export function podUntil(endsAtMs: number, log: Log, clock: Clock = SYSTEM_CLOCK): Pod {
  return { log, clock, remainingMs: () => Math.max(0, endsAtMs - RESERVE_MS - clock.wallMs()) };
}

/** The pod by its workflow's creation and activeDeadlineSeconds, which the WorkflowTemplate passes on. */
export function podOf(environment: Environment, log: Log, clock: Clock = SYSTEM_CLOCK): Pod {
  const createdAt = Number(optional(environment, 'CREATED_AT_SECONDS') ?? clock.wallMs() / 1000);
  const seconds = Number(optional(environment, 'DEADLINE_SECONDS') ?? DEFAULT_SECONDS);
  return podUntil((createdAt + seconds) * 1000, log, clock);
}

export interface PatientOptions {
  readonly isTransient: (error: unknown) => boolean;
  /** Milliseconds that the service asks to wait; such a wait does not count against the budget. */
  readonly askedWaitMs?: (error: unknown) => number | undefined;
  readonly budgetMs?: number;
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
  { budgetMs = BUDGET_MS, ...options }: PatientOptions,
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
      pod.log(`${what}: ${shortReason(error)}; attempt ${attempt} in ${(delayMs / 1000).toFixed(1)} s`),
  });
}

/** Why an attempt failed, in a word or two: a status, the code of the S3 service, or Node's code. */
function shortReason(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'status' in error) return `answered ${String(error.status)}`;
  if (error instanceof Error && '$metadata' in error) return error.name;
  return codeOf(error) ?? 'no answer';
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
