/** Characters that are kept of one instance's log: a run has some thousands, and many may be under way at once. */
const MOST_CHARACTERS = 256 * 1024;

/** Lines of a log that are shown later. Of a very long one the end is kept, as that tells what went wrong. */
export class KeptLines {
  #lines: string[] = [];
  #characters = 0;
  #dropped = 0;

  add(line: string): void {
    const kept = line.length <= MOST_CHARACTERS ? line : `${line.slice(0, MOST_CHARACTERS)}…`;
    this.#lines.push(kept);
    this.#characters += kept.length;
    while (this.#characters > MOST_CHARACTERS && this.#lines.length > 1) {
      this.#characters -= this.#lines.shift()?.length ?? 0;
      this.#dropped += 1;
    }
  }

  /** The lines, and how many there were before them; from now on there are none. */
  take(): string[] {
    const lines = this.#dropped > 0 ? [`… ${this.#dropped} earlier lines are left out`, ...this.#lines] : this.#lines;
    this.#lines = [];
    this.#characters = 0;
    this.#dropped = 0;
    return lines;
  }
}
