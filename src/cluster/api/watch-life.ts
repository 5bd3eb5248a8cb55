import type { Clock } from '../../core/clock.ts';

/** Milliseconds after which a watch counts as working; one that ends before is opened again with growing delays. */
const SETTLED_MS = 1_000;

interface LifeOptions {
  readonly signal: AbortSignal;
  readonly silenceMs: number;
  readonly onSettled: (() => void) | undefined;
}

/** The life of one watch: it ends after silence, and counts as settled, which is no failure, after a second. */
export class WatchLife {
  /** Aborts after silence, or with the signal of all watches. */
  readonly signal: AbortSignal;
  readonly #clock: Clock;
  readonly #options: LifeOptions;
  readonly #silence = new AbortController();
  readonly #over = new AbortController();
  #beganAt: number | undefined;
  #endedAt: number | undefined;
  #heardAt: number;

  constructor(clock: Clock, options: LifeOptions) {
    this.#clock = clock;
    this.#options = options;
    this.#heardAt = clock.monotonicMs();
    this.signal = AbortSignal.any([options.signal, this.#silence.signal]);
  }

  /** The server has accepted the watch. */
  readonly begin = (): void => {
    this.#beganAt = this.#clock.monotonicMs();
    this.heard();
    const { onSettled } = this.#options;
    this.#after(SETTLED_MS, () => onSettled?.());
    this.#endAfterSilence();
  };

  /** A line has come. */
  heard(): void {
    this.#heardAt = this.#clock.monotonicMs();
  }

  end(): void {
    this.#endedAt ??= this.#clock.monotonicMs();
    this.#over.abort();
  }

  get isSilent(): boolean {
    return this.#silence.signal.aborted;
  }

  get isSettled(): boolean {
    const endedAt = this.#endedAt ?? this.#clock.monotonicMs();
    return this.#beganAt !== undefined && endedAt - this.#beganAt >= SETTLED_MS;
  }

  #endAfterSilence(): void {
    const leftMs = this.#heardAt + this.#options.silenceMs - this.#clock.monotonicMs();
    if (leftMs <= 0) this.#silence.abort();
    else this.#after(leftMs, () => this.#endAfterSilence());
  }

  #after(ms: number, work: () => void): void {
    this.#clock.sleep(ms, this.#over.signal, 'limit').then(work, () => undefined);
  }
}
