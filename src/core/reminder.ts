import { type Clock, SYSTEM_CLOCK } from './clock.ts';

/** Milliseconds of silence: somebody who reads the log sees within half a minute that a wait goes on. */
export const REMIND_MS = 25_000;

/** Passes lines on, and repeats what a wait stands at only after a while of silence. */
export class Reminder {
  readonly #onLine: (line: string) => void;
  readonly #everyMs: number;
  readonly #clock: Clock;
  #lastAt: number;

  constructor(onLine: (line: string) => void, everyMs = REMIND_MS, clock = SYSTEM_CLOCK) {
    this.#onLine = onLine;
    this.#everyMs = everyMs;
    this.#clock = clock;
    this.#lastAt = clock.monotonicMs();
  }

  /** Passes a line on. */
  say(line: string): void {
    this.#lastAt = this.#clock.monotonicMs();
    this.#onLine(line);
  }

  /** Passes the line on if the last one is old enough. */
  remind(line: string): void {
    if (this.dueInMs() <= 0) this.say(line);
  }

  /** Repeats after each silence what the function gives, if anything, until the signal aborts. */
  async keepReminding(lineOf: () => string | undefined, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const ms = this.dueInMs() > 0 ? this.dueInMs() : this.#everyMs;
      await this.#clock.sleep(ms, signal).catch(() => undefined);
      const line = signal.aborted ? undefined : lineOf();
      if (line !== undefined) this.remind(line);
    }
  }

  /** Milliseconds until a reminder is due. */
  dueInMs(): number {
    return this.#lastAt + this.#everyMs - this.#clock.monotonicMs();
  }
}
