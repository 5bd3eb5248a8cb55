import { type Clock, SYSTEM_CLOCK } from '../../core/clock.ts';
import { settleAll } from '../../core/concurrency.ts';
import { Reminder } from '../../core/reminder.ts';
import type { Cluster } from '../api/client.ts';
import { ConnectionMonitor } from '../api/connection-monitor.ts';
import { type WatchEvent, watchObjects } from '../api/watch.ts';
import {
  EVENT_TYPE,
  type EventObject,
  POD_TYPE,
  type PodObject,
  WORKFLOW_TYPE,
  type WorkflowObject,
} from '../objects/workflow-objects.ts';
import { LogLooks } from './log-looks.ts';
import type { StepWatches } from './step-watches.ts';
import { type WaitEvents, WaitState, type WorkflowOutcome } from './wait-state.ts';

export interface WaitOptions extends WaitEvents {
  readonly namespace: string;
  readonly watches: StepWatches;
  readonly names: readonly string[];
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Longest time in milliseconds to retry an API server that does not answer; by default the rest of the wait. */
  readonly unreachableMs?: number;
  readonly clock?: Clock;
}

const TICK_MS = 500;
/**
 * Milliseconds after which the events of the namespace are watched, as they tell why a pod does not start: most start
 * before. After a while they are watched anyway: they also tell of a node that is lost.
 */
const EVENTS_MS = 3_000;
const EVENTS_ANYWAY_MS = 30_000;

/**
 * Waits until these Workflows have ended, or the time limit has passed. It watches the Workflows, their pods and, where a
 * pod does not start, the events, and reports changes, problems and ends as they come. A Workflow that fails does not stop the others.
 *
 * @throws the signal's reason when it aborts
 */
export async function waitForWorkflows(cluster: Cluster, options: WaitOptions): Promise<WorkflowOutcome[]> {
  const { namespace, watches, names, timeoutMs, signal } = options;
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
  const take =
    <E>(change: (event: E) => void) =>
    (event: E) => {
      change(event);
      if (state.isOver) over.abort();
    };
  const pause = (ms: number) => clock.sleep(ms, stop).catch(() => undefined);
  const passTime = async () => {
    while (!stop.aborted) {
      await pause(TICK_MS);
      if (!stop.aborted) state.timePassed(clock.monotonicMs());
      if (state.isOver) over.abort();
    }
  };
  const logs = new LogLooks(cluster, namespace, state, { clock, stop, onChange });
  const followWorkflows = async () => {
    const onEvent = take<WatchEvent<WorkflowObject>>(({ type, object }) =>
      state.workflowChanged(object, type === 'DELETED', clock.monotonicMs()),
    );
    await watches.workflows.follow(namespace, { onEvent, ...monitor.of(WORKFLOW_TYPE.kind) }, stop);
  };
  const followPods = async () => {
    const onEvent = take<WatchEvent<PodObject>>((event) => {
      // The last state of a deleted pod is kept, because it may show the cause.
      if (event.type !== 'DELETED') state.podChanged(event.object, clock.monotonicMs());
    });
    await watches.pods.follow(namespace, { onEvent, ...monitor.of(POD_TYPE.kind) }, stop);
  };
  const followEvents = async () => {
    while (!stop.aborted) {
      await pause(EVENTS_MS);
      if (state.isStarting || clock.monotonicMs() - start >= EVENTS_ANYWAY_MS) break;
    }
    const options = { isListed: false, ...monitor.of(EVENT_TYPE.kind) };
    const onEvent = take<WatchEvent<EventObject>>((event) => {
      if (event.type !== 'DELETED') state.eventSeen(event.object, clock.monotonicMs());
    });
    for await (const event of watchObjects<EventObject>(cluster, { ...EVENT_TYPE, namespace }, options, stop))
      onEvent(event);
  };
  const parts = [
    followWorkflows(),
    followPods(),
    followEvents(),
    passTime(),
    logs.repeat(),
    reminder.remindUntil(stop, async () => {
      await logs.look(0);
      return waitingLine(state, clock.monotonicMs() - start, timeoutMs);
    }),
    pause(timeoutMs),
  ];
  // The first part that ends or fails stops the others.
  await settleAll(parts.map((part) => part.finally(() => over.abort())));
  signal.throwIfAborted();
  return state.outcomes((clock.monotonicMs() - start) / 1000, monitor.errorOf(WORKFLOW_TYPE.kind)?.message);
}

/** The unfinished Workflows, with the last log lines of running pods. */
function waitingLine({ waiting }: WaitState, waitedMs: number, timeoutMs: number): string {
  const described = waiting.map(
    ({ name, status, lastLine }) => `${name} (${status}${lastLine === undefined ? '' : `; log: ${lastLine}`})`,
  );
  return `Waiting for ${described.join(', ')}: ${Math.round(waitedMs / 1000)} s so far, ${Math.round(timeoutMs / 1000)} s at most.`;
}
