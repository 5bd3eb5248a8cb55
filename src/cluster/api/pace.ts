import type { Clock } from '../../core/clock.ts';

/** As kubectl and other clients of client-go may be set, and Argo CD is: so many requests a second, after so many at once. */
const PER_SECOND = 50;
const BURST = 100;
/** Milliseconds that a server may make all requests wait: a request is made again for no longer. */
const LONGEST_PAUSE_MS = 60_000;

/**
 * The pace of all requests to one API server, whatever the number of instances: at most so many a second, and none while
 * the server asks to wait (https://kubernetes.io/docs/concepts/cluster-administration/flow-control/).
 */
export class Pace {
  readonly #clock: Clock;
  #tokens = BURST;
  #countedAt: number;
  #pausedUntil = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#countedAt = clock.monotonicMs();
  }

  /** Waits until a request may be sent. @throws the signal's reason when it aborts */
  async turn(signal: AbortSignal): Promise<void> {
    const now = this.#clock.monotonicMs();
    this.#tokens = Math.min(BURST, this.#tokens + ((now - this.#countedAt) * PER_SECOND) / 1000) - 1;
    this.#countedAt = now;
    const waitMs = Math.max((-this.#tokens * 1000) / PER_SECOND, this.#pausedUntil - now);
    if (waitMs > 0) await this.#clock.sleep(waitMs, signal);
  }

  /** The server has asked to wait (Retry-After): all requests do. @param ms milliseconds */
  pause(ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#clock.monotonicMs() + Math.min(ms, LONGEST_PAUSE_MS));
  }
}
