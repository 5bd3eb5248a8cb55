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

/** Reports once that the API server does not answer, and once that it answers again to each of several watches. */
export class ConnectionMonitor {
  readonly #options: ConnectionMonitorOptions;
  readonly #clock: Clock;
  /** The watches that do not work, each with why its last attempt failed. */
  readonly #broken = new Map<string, ClusterError>();
  #lostAt: number | undefined;

  constructor(options: ConnectionMonitorOptions) {
    this.#options = options;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
  }

  /** Why the last attempt at that watch failed; undefined while it works. */
  errorOf(watch: string): ClusterError | undefined {
    return this.#broken.get(watch);
  }

  /** What a watch reports: a failed attempt, and that it works. */
  of(watch: string) {
    return {
      onBroken: (error: ClusterError) => this.#lose(watch, error),
      onAnswer: () => this.#find(watch),
    };
  }

  #lose(watch: string, error: ClusterError): void {
    this.#broken.set(watch, error);
    if (this.#lostAt !== undefined) return;
    this.#lostAt = this.#clock.monotonicMs();
    const { limitMs, onLost } = this.#options;
    const seconds = Math.max(0, Math.round(limitMs() / 1000));
    onLost(
      `${asSentence(error.message)} Retrying for ${seconds} s at most; the workflows keep running. What to do: ${error.remedy ?? 'check the state of the API server.'}`,
    );
  }

  #find(watch: string): void {
    this.#broken.delete(watch);
    if (this.#lostAt === undefined || this.#broken.size > 0) return;
    const seconds = Math.round((this.#clock.monotonicMs() - this.#lostAt) / 1000);
    this.#lostAt = undefined;
    this.#options.onFound(`The Kubernetes API server ${this.#options.server} answers again, after ${seconds} s.`);
  }
}
