import { type Clock, SYSTEM_CLOCK } from '../../core/clock.ts';
import { settleAll } from '../../core/concurrency.ts';
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
/** Milliseconds for reading the log of a running pod, which only adds to a reminder. */
const LOG_MS = 3_000;

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
  const state = new WaitState(namespace, names, { onChange, onProblem, onOutcome: options.onOutcome });
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
    reminder.remindUntil(stop, () => waitingLine(cluster, namespace, state, clock.monotonicMs() - start, timeoutMs)),
    pause(timeoutMs),
  ];
  // The first part that ends or fails stops the others.
  await settleAll(parts.map((part) => part.finally(() => over.abort())));
  signal.throwIfAborted();
  return state.outcomes((clock.monotonicMs() - start) / 1000, monitor.errorOf(WORKFLOW_TYPE.kind)?.message);
}

/** The unfinished Workflows, with the last log lines of running pods. */
async function waitingLine(
  cluster: Cluster,
  namespace: string,
  state: WaitState,
  waitedMs: number,
  timeoutMs: number,
): Promise<string> {
  const described = await Promise.all(
    state.waiting.map(async ({ name, status, pod }) => {
      const line = pod === undefined ? undefined : await lastLine(cluster, namespace, pod);
      return `${name} (${status}${line === undefined ? '' : `; its log: ${line}`})`;
    }),
  );
  return `Waiting for ${described.join(', ')}: ${Math.round(waitedMs / 1000)} s so far, ${Math.round(timeoutMs / 1000)} s at most.`;
}

async function lastLine(cluster: Cluster, namespace: string, pod: string): Promise<string | undefined> {
  const signal = AbortSignal.timeout(LOG_MS);
  const log = await cluster.podLog(namespace, pod, 'main', 5, signal).catch(() => '');
  return parseLog(log).lines.at(-1);
}
