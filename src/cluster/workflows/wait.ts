import { type Clock, SYSTEM_CLOCK } from '../../core/clock.ts';
import { settleAll } from '../../core/concurrency.ts';
import { asSentence, messageOf } from '../../core/errors.ts';
import { Reminder } from '../../core/reminder.ts';
import type { Cluster } from '../api/client.ts';
import { ConnectionMonitor } from '../api/connection-monitor.ts';
import { type WatchEvent, type WatchOptions, watchObjects } from '../api/watch.ts';
import type { KubeObject, ListedType } from '../objects/objects.ts';
import {
  EVENT_TYPE,
  type EventObject,
  POD_TYPE,
  type PodObject,
  podsOf,
  WORKFLOW_TYPE,
  type WorkflowObject,
} from '../objects/workflow-objects.ts';
import { parseLog } from './pod-report.ts';
import { type WaitEvents, WaitState, type WorkflowOutcome } from './wait-state.ts';

export interface WaitOptions extends WaitEvents {
  readonly namespace: string;
  readonly labelSelector: string;
  readonly names: readonly string[];
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Longest time in milliseconds to retry an API server that does not answer; by default the rest of the wait. */
  readonly unreachableMs?: number;
  readonly clock?: Clock;
}

const TICK_MS = 500;
/**
 * Milliseconds between two looks at the logs of running pods, and for which a pod must have run: most end before. A program
 * that cannot reach its server says so in its log alone until it gives up.
 */
const LOOK_MS = 5_000;
/** Milliseconds for reading a log: without it the wait goes on as well. */
const LOG_MS = 3_000;
/** Looks that bring no log, one after the other, before that is said: that of a pod that ends may be gone. */
const FAILED_LOOKS = 2;
/** Lines: the last one of the program, and Argo's after it. */
const LOG_LINES = 5;

/**
 * Waits until these Workflows have ended, or the time limit has passed. It watches the Workflows, their pods and the
 * events, and reports changes, problems and ends as they come. A Workflow that fails does not stop the others.
 *
 * @throws the signal's reason when it aborts
 */
export async function waitForWorkflows(cluster: Cluster, options: WaitOptions): Promise<WorkflowOutcome[]> {
  const { namespace, labelSelector, names, timeoutMs, signal } = options;
  const { clock = SYSTEM_CLOCK } = options;
  const start = clock.monotonicMs();
  const over = new AbortController();
  const stop = AbortSignal.any([signal, over.signal]);
  const reminder = new Reminder(options.onChange, undefined, clock);
  const onChange = (line: string) => reminder.say(line);
  const onProblem = (line: string) => {
    reminder.reset();
    options.onProblem(line);
  };
  const { onOutcome, onHeldUp } = options;
  const state = new WaitState(namespace, names, { onChange, onProblem, onOutcome, onHeldUp });
  if (state.isOver) return [];
  const monitor = new ConnectionMonitor({
    server: cluster.server,
    limitMs: () => Math.min(options.unreachableMs ?? timeoutMs, timeoutMs - (clock.monotonicMs() - start)),
    onLost: onProblem,
    onFound: onChange,
    clock,
  });
  const follow = async <T extends KubeObject>(
    type: ListedType,
    selector: Pick<WatchOptions, 'labelSelector' | 'isListed'>,
    take: (event: WatchEvent<T>) => void,
  ) => {
    for await (const event of watchObjects<T>(
      cluster,
      { ...type, namespace },
      { ...selector, ...monitor.of(type.kind) },
      stop,
    )) {
      take(event);
      if (state.isOver) over.abort();
    }
  };
  const pause = (ms: number) => clock.sleep(ms, stop).catch(() => undefined);
  const passTime = async () => {
    while (!stop.aborted) {
      await pause(TICK_MS);
      if (!stop.aborted) state.timePassed(clock.monotonicMs());
      if (state.isOver) over.abort();
    }
  };
  let failedLooks = 0;
  const lookAtLogs = async (leastMs: number) => {
    const before = clock.monotonicMs() - leastMs;
    const running = state.running.filter(({ sinceMs }) => sinceMs <= before);
    const looks = await Promise.allSettled(
      running.map(async ({ name, pod }) => {
        const limit = AbortSignal.any([stop, AbortSignal.timeout(LOG_MS)]);
        const log = await cluster.podLog(namespace, pod, 'main', LOG_LINES, limit);
        state.logRead(name, parseLog(log), clock.monotonicMs());
      }),
    );
    const errors = looks.flatMap((look) => (look.status === 'rejected' ? [look.reason] : []));
    if (errors.length === 0 || errors.length < running.length) failedLooks = 0;
    else failedLooks += 1;
    if (failedLooks === FAILED_LOOKS && !stop.aborted) onChange(unreadableLine(errors[0]));
  };
  const readLogs = async () => {
    while (!stop.aborted) {
      await pause(LOOK_MS);
      if (!stop.aborted) await lookAtLogs(LOOK_MS);
    }
  };
  const parts = [
    follow<WorkflowObject>(WORKFLOW_TYPE, { labelSelector, isListed: false }, ({ type, object }) =>
      state.workflowChanged(object, type === 'DELETED', clock.monotonicMs()),
    ),
    follow<PodObject>(POD_TYPE, { labelSelector: podsOf(names), isListed: false }, ({ object }) =>
      state.podChanged(object, clock.monotonicMs()),
    ),
    follow<EventObject>(EVENT_TYPE, { isListed: false }, ({ type, object }) => {
      if (type !== 'DELETED') state.eventSeen(object, clock.monotonicMs());
    }),
    passTime(),
    readLogs(),
    reminder.remindUntil(stop, async () => {
      await lookAtLogs(0);
      return waitingLine(state, clock.monotonicMs() - start, timeoutMs);
    }),
    pause(timeoutMs),
  ];
  // The first part that ends or fails stops the others.
  await settleAll(parts.map((part) => part.finally(() => over.abort())));
  signal.throwIfAborted();
  return state.outcomes((clock.monotonicMs() - start) / 1000, monitor.errorOf(WORKFLOW_TYPE.kind)?.message);
}

/** What the operator does not see where logs are not readable. */
function unreadableLine(error: unknown): string {
  return `The logs of running pods cannot be read: ${asSentence(messageOf(error))} What a program waits for is shown when it ends.`;
}

/** The unfinished Workflows, with the last log lines of running pods. */
function waitingLine({ waiting }: WaitState, waitedMs: number, timeoutMs: number): string {
  const described = waiting.map(
    ({ name, status, lastLine }) => `${name} (${status}${lastLine === undefined ? '' : `; log: ${lastLine}`})`,
  );
  return `Waiting for ${described.join(', ')}: ${Math.round(waitedMs / 1000)} s so far, ${Math.round(timeoutMs / 1000)} s at most.`;
}
