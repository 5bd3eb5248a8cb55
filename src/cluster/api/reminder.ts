/** Milliseconds of silence: an operator that looks at the log shall see within half a minute that a wait goes on. */
export const REMIND_MS = 25_000;

/** Says lines, and repeats where a wait stands only when nothing was said for a while. */
export class Reminder {
  readonly #onLine: (line: string) => void;
  readonly #everyMs: number;
  #lastAt = performance.now();

  constructor(onLine: (line: string) => void, everyMs: number) {
    this.#onLine = onLine;
    this.#everyMs = everyMs;
  }

  say(line: string): void {
    this.#lastAt = performance.now();
    this.#onLine(line);
  }

  /** Says the line if the last one is old enough. */
  remind(line: string): void {
    if (performance.now() - this.#lastAt >= this.#everyMs) this.say(line);
  }
}
