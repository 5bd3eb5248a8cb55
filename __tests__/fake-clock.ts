import type { Clock } from '../src/core/clock.ts';

interface Sleeper {
  readonly wakesAt: number;
  readonly wake: () => void;
}

/** A clock that stands still until the test moves it. An automatic one moves by itself at each sleep that is no limit. */
export class FakeClock implements Clock {
  readonly #isAutomatic: boolean;
  readonly #sleepers = new Set<Sleeper>();
  readonly #watchers = new Set<{
    readonly ms: number;
    readonly purpose: 'limit' | undefined;
    readonly seen: () => void;
  }>();
  #nowMs = 0;
  #wallStepMs = 0;

  constructor({ isAutomatic = false } = {}) {
    this.#isAutomatic = isAutomatic;
  }

  wallMs(): number {
    return this.#nowMs + this.#wallStepMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  async sleep(ms: number, signal?: AbortSignal, purpose?: 'limit'): Promise<void> {
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const sleeper = { wakesAt: this.#nowMs + ms, wake: resolve };
    const stop = () => reject(signal?.reason);
    this.#sleepers.add(sleeper);
    for (const watcher of [...this.#watchers].filter((other) => other.ms === ms && other.purpose === purpose)) {
      this.#watchers.delete(watcher);
      watcher.seen();
    }
    signal?.addEventListener('abort', stop, { once: true });
    if (this.#isAutomatic && purpose !== 'limit')
      setImmediate(() => this.advance(Math.max(0, sleeper.wakesAt - this.#nowMs)));
    try {
      await promise;
    } finally {
      this.#sleepers.delete(sleeper);
      signal?.removeEventListener('abort', stop);
    }
  }

  /** The next time that somebody sleeps for so long: what came before it is over by then. */
  async slept(ms: number, purpose?: 'limit'): Promise<void> {
    await new Promise<void>((seen) => this.#watchers.add({ ms, purpose, seen }));
  }

  /** Sets the wall clock forward, or back. */
  stepWall(ms: number): void {
    this.#wallStepMs += ms;
  }

  /** Moves the clock on, and ends the sleeps whose time has come. */
  advance(ms: number): void {
    this.#nowMs += ms;
    for (const { wakesAt, wake } of this.#sleepers) if (wakesAt <= this.#nowMs) wake();
  }
}
