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
    this.reset();
    this.#onLine(line);
  }

  /** Passes the line on if the last one is old enough. */
  remind(line: string): void {
    if (this.dueInMs() <= 0) this.say(line);
  }

  /** Somebody else wrote a line: the silence begins again. */
  reset(): void {
    this.#lastAt = this.#clock.monotonicMs();
  }

  /** Writes a line after each silence, if there is one to write, until the signal aborts. */
  async remindUntil(stop: AbortSignal, line: () => string | undefined | Promise<string>): Promise<void> {
    while (!stop.aborted) {
      const dueInMs = this.dueInMs();
      if (dueInMs > 0) {
        await this.#clock.sleep(dueInMs, stop).catch(() => undefined);
        continue;
      }
      const text = await line();
      if (text === undefined) this.reset();
      else if (!stop.aborted) this.say(text);
    }
  }

  /** Milliseconds until a reminder is due. */
  dueInMs(): number {
    return this.#lastAt + this.#everyMs - this.#clock.monotonicMs();
  }
}

/** Milliseconds in which the same line is written once. */
const QUIET_MS = 10_000;

/**
 * Passes lines on, but the same one at most once within ten seconds, with how often it came meanwhile. Lines that differ
 * in their numbers only, such as the delay before the next attempt, are the same.
 */
export function withoutRepeats(onLine: (line: string) => void, clock: Clock = SYSTEM_CLOCK): (line: string) => void {
  const seen = new Map<string, { readonly atMs: number; readonly count: number }>();
  return (line) => {
    const key = line.replaceAll(/\d+/g, '0');
    const { atMs, count } = seen.get(key) ?? { atMs: Number.NEGATIVE_INFINITY, count: 0 };
    const now = clock.monotonicMs();
    if (now - atMs < QUIET_MS) {
      seen.set(key, { atMs, count: count + 1 });
      return;
    }
    seen.set(key, { atMs: now, count: 0 });
    onLine(count === 0 ? line : `${line} (${count + 1} times)`);
  };
}
