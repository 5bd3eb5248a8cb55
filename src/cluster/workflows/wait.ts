import { settleAll, sleep } from '../../core/concurrency.ts';
import type { Cluster } from '../api/client.ts';
import { ConnectionMonitor } from '../api/connection-monitor.ts';
import { type WatchEvent, watchObjects } from '../api/watch.ts';
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
  /** Milliseconds for which an API server that does not answer is tried at most, if not to the end of the wait. */
  readonly unreachableMs?: number;
  /** Milliseconds without a line after which one says what is waited for. */
  readonly remindMs?: number;
}

/** An operator that looks at the log shall see within half a minute that it goes on; this leaves room for the request. */
const REMIND_MS = 25_000;
const TICK_MS = 500;
/** Milliseconds that a look at the log of a running pod may take: it is an extra. */
const LOOK_MS = 3_000;

/**
 * Waits until these Workflows have ended, or the time is up: by one watch for all of them, one for their pods and one
 * for events. What changes is told, what may keep one of them from its end is told early, and one that ends at once; the
 * others run on to their end.
 *
 * @throws the signal's reason when it aborts
 */
export async function waitForWorkflows(cluster: Cluster, options: WaitOptions): Promise<WorkflowOutcome[]> {
  const { namespace, labelSelector, names, timeoutMs, signal } = options;
  const start = performance.now();
  const over = new AbortController();
  const stop = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs), over.signal]);
  const lines = new Lines(options);
  const state = new WaitState(namespace, names, lines);
  if (state.isOver) return [];
  const monitor = new ConnectionMonitor({
    server: cluster.server,
    limitMs: () => Math.min(options.unreachableMs ?? timeoutMs, timeoutMs - (performance.now() - start)),
    onLost: lines.onProblem,
    onFound: lines.onChange,
  });
  const follow = async <T extends KubeObject>(
    type: ListedType,
    selector: { readonly labelSelector?: string },
    take: (event: WatchEvent<T>) => void,
  ) => {
    for await (const event of watchObjects<T>(
      cluster,
      { ...type, namespace },
      { ...selector, onBroken: monitor.onBroken, onAnswer: monitor.onAnswer },
      stop,
    )) {
      take(event);
      if (state.isOver) over.abort();
    }
  };
  const passTime = async () => {
    const timer = setInterval(() => state.timePassed(performance.now()), TICK_MS);
    await lines
      .remind(stop, () => remark(cluster, namespace, state, { start, timeoutMs }))
      .finally(() => clearInterval(timer));
  };
  const parts = [
    follow<WorkflowObject>(WORKFLOW_TYPE, { labelSelector }, ({ type, object }) =>
      state.workflowChanged(object, type === 'DELETED', performance.now()),
    ),
    follow<PodObject>(POD_TYPE, { labelSelector: podsOf(names) }, ({ object }) =>
      state.podChanged(object, performance.now()),
    ),
    follow<EventObject>(EVENT_TYPE, {}, ({ type, object }) => {
      if (type !== 'DELETED') state.eventSeen(object, performance.now());
    }),
    passTime(),
  ];
  // One that fails ends the others.
  await settleAll(parts.map((part) => part.finally(() => over.abort())));
  signal.throwIfAborted();
  return state.outcomes((performance.now() - start) / 1000);
}

/** Tells lines, and knows how long ago the last one was. */
class Lines implements WaitEvents {
  readonly #to: WaitEvents;
  readonly #remindMs: number;
  #lastAt = performance.now();

  constructor(options: WaitOptions) {
    this.#to = options;
    this.#remindMs = options.remindMs ?? REMIND_MS;
  }

  readonly onChange = (line: string): void => {
    this.#lastAt = performance.now();
    this.#to.onChange(line);
  };

  readonly onProblem = (line: string): void => {
    this.#lastAt = performance.now();
    this.#to.onProblem(line);
  };

  readonly onOutcome = (outcome: WorkflowOutcome): void => this.#to.onOutcome(outcome);

  /** Has a line made whenever there was none for a while, until the signal aborts. */
  async remind(stop: AbortSignal, make: () => Promise<string>): Promise<void> {
    while (!stop.aborted) {
      const dueMs = this.#lastAt + this.#remindMs - performance.now();
      if (dueMs > 0) await sleep(dueMs, stop).catch(() => undefined);
      else {
        const line = await make();
        if (!stop.aborted) this.onChange(line);
      }
    }
  }
}

/** What is waited for, and what the pods that run said last. */
async function remark(
  cluster: Cluster,
  namespace: string,
  state: WaitState,
  { start, timeoutMs }: { readonly start: number; readonly timeoutMs: number },
): Promise<string> {
  const described = await Promise.all(
    state.waiting.map(async ({ name, stage, pod }) => {
      const said = pod === undefined ? undefined : await lastLine(cluster, namespace, pod);
      return `${name} (${stage}${said === undefined ? '' : `; its log: ${said}`})`;
    }),
  );
  const seconds = Math.round((performance.now() - start) / 1000);
  return `Waiting for ${described.join(', ')}: ${seconds} s so far, ${Math.round(timeoutMs / 1000)} s at most.`;
}

async function lastLine(cluster: Cluster, namespace: string, pod: string): Promise<string | undefined> {
  const signal = AbortSignal.timeout(LOOK_MS);
  const log = await cluster.podLog(namespace, pod, 'main', 5, signal).catch(() => '');
  return parseLog(log).lines.at(-1);
}
