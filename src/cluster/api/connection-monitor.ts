import { asSentence } from '../../core/errors.ts';
import type { ClusterError } from './errors.ts';

export interface ConnectionMonitorOptions {
  readonly server: string;
  /** Milliseconds for which it is tried again from now on. */
  readonly limitMs: () => number;
  readonly onLost: (line: string) => void;
  readonly onFound: (line: string) => void;
}

/** Whether the API server answers, as several watches find out: each change is told once. */
export class ConnectionMonitor {
  readonly #options: ConnectionMonitorOptions;
  #lostAt: number | undefined;

  constructor(options: ConnectionMonitorOptions) {
    this.#options = options;
  }

  /** An attempt at a watch failed. */
  readonly onBroken = (error: ClusterError): void => {
    if (this.#lostAt !== undefined) return;
    this.#lostAt = performance.now();
    const { limitMs, onLost } = this.#options;
    const seconds = Math.max(0, Math.round(limitMs() / 1000));
    onLost(
      `${asSentence(error.message)} It is tried again for ${seconds} s at most; the workflows go on meanwhile. What to do: ${error.remedy ?? 'see whether the API server is well.'}`,
    );
  };

  /** A watch works. */
  readonly onAnswer = (): void => {
    if (this.#lostAt === undefined) return;
    const seconds = Math.round((performance.now() - this.#lostAt) / 1000);
    this.#lostAt = undefined;
    this.#options.onFound(`The Kubernetes API server ${this.#options.server} answers again, after ${seconds} s.`);
  };
}
