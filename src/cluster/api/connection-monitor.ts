import { type Clock, SYSTEM_CLOCK } from '../../core/clock.ts';
import { asSentence } from '../../core/errors.ts';
import type { ClusterError } from './errors.ts';

export interface ConnectionMonitorOptions {
  readonly server: string;
  /** Milliseconds that are left for retries. */
  readonly limitMs: () => number;
  readonly onLost: (line: string) => void;
  readonly onFound: (line: string) => void;
  readonly clock?: Clock;
}

/** Reports once that the API server does not answer, and once that it answers again, for several watches. */
export class ConnectionMonitor {
  readonly #options: ConnectionMonitorOptions;
  readonly #clock: Clock;
  #lostAt: number | undefined;
  #lastError: ClusterError | undefined;

  constructor(options: ConnectionMonitorOptions) {
    this.#options = options;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
  }

  /** Why the last attempt failed; undefined while a watch works. */
  get lastError(): ClusterError | undefined {
    return this.#lastError;
  }

  /** An attempt at a watch failed. */
  readonly onBroken = (error: ClusterError): void => {
    this.#lastError = error;
    if (this.#lostAt !== undefined) return;
    this.#lostAt = this.#clock.monotonicMs();
    const { limitMs, onLost } = this.#options;
    const seconds = Math.max(0, Math.round(limitMs() / 1000));
    onLost(
      `${asSentence(error.message)} It is tried again for ${seconds} s at most; the workflows keep running meanwhile. What to do: ${error.remedy ?? 'see whether the API server is well.'}`,
    );
  };

  /** A watch works. */
  readonly onAnswer = (): void => {
    this.#lastError = undefined;
    if (this.#lostAt === undefined) return;
    const seconds = Math.round((this.#clock.monotonicMs() - this.#lostAt) / 1000);
    this.#lostAt = undefined;
    this.#options.onFound(`The Kubernetes API server ${this.#options.server} answers again, after ${seconds} s.`);
  };
}
