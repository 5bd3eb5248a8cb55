import { type Clock, within } from '../../core/clock.ts';
import { asSentence, messageOf } from '../../core/errors.ts';
import type { Cluster } from '../api/client.ts';
import { isNotFound } from '../api/errors.ts';
import { parseLog } from './pod-report.ts';
import type { WaitState } from './wait-state.ts';

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

interface LookOptions {
  readonly clock: Clock;
  /** Ends all looks. */
  readonly stop: AbortSignal;
  readonly onChange: (line: string) => void;
}

/** Looks at the logs of the pods that a wait waits for. */
export class LogLooks {
  readonly #cluster: Cluster;
  readonly #namespace: string;
  readonly #state: WaitState;
  readonly #options: LookOptions;
  #failed = 0;

  constructor(cluster: Cluster, namespace: string, state: WaitState, options: LookOptions) {
    this.#cluster = cluster;
    this.#namespace = namespace;
    this.#state = state;
    this.#options = options;
  }

  /** Tells the state what running programs say. @param leastMs milliseconds that a program must have run */
  async look(leastMs: number): Promise<void> {
    const { clock, stop, onChange } = this.#options;
    const before = clock.monotonicMs() - leastMs;
    const running = this.#state.running.filter(({ sinceMs }) => sinceMs <= before);
    const looks = await Promise.allSettled(
      running.map(async ({ name, pod }) => {
        const log = await within(LOG_MS, { clock, signal: stop }, (limit) =>
          this.#cluster.podLog(this.#namespace, pod, 'main', LOG_LINES, limit),
        );
        this.#state.logRead(name, parseLog(log), clock.monotonicMs());
      }),
    );
    // The log of a pod that was deleted is gone, which says nothing about the others.
    const errors = looks.flatMap((one) => (one.status === 'rejected' && !isNotFound(one.reason) ? [one.reason] : []));
    if (errors.length === 0 || errors.length < running.length) this.#failed = 0;
    else this.#failed += 1;
    if (this.#failed === FAILED_LOOKS && !stop.aborted) onChange(unreadableLine(errors[0]));
  }

  /** Looks every few seconds until the end. */
  async repeat(): Promise<void> {
    const { clock, stop } = this.#options;
    while (!stop.aborted) {
      await clock.sleep(LOOK_MS, stop).catch(() => undefined);
      if (!stop.aborted) await this.look(LOOK_MS);
    }
  }
}

/** What the operator does not see where logs are not readable. */
function unreadableLine(error: unknown): string {
  return `The logs of running pods cannot be read: ${asSentence(messageOf(error))} What a program waits for is shown when it ends.`;
}
