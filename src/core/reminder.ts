import { type Clock, SYSTEM_CLOCK } from './clock.ts';

/** Milliseconds of silence: a reader of the log sees within half a minute that the run still waits. */
export const REMIND_MS = 25_000;

/** Passes lines on, and reminders only after a while of silence. */
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

  /** Milliseconds until a reminder is due. */
  dueInMs(): number {
    return this.#lastAt + this.#everyMs - this.#clock.monotonicMs();
  }
}
