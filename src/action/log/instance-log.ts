import type { ProgressLog } from '../../core/progress.ts';
import type { ActionLog } from './action-log.ts';

import { timedPhase } from './timed-phase.ts';

/**
 * The log of one of several instances that are worked on side by side. Its lines are kept, to be shown together; a line at
 * once tells of each phase that has ended, and warnings are annotations as ever.
 */
export class InstanceLog implements ProgressLog {
  readonly #instance: string;
  readonly #log: ActionLog;
  readonly #tell: (line: string) => void;
  readonly #kept = new KeptLines();
  readonly #startedAt = performance.now();
  #phase = 'begins';

  /** @param tell shows a line at once */
  constructor(instance: string, log: ActionLog, report: (line: string) => void) {
    this.#instance = instance;
    this.#log = log;
    this.#tell = report;
  }

  /** Seconds since it began. */
  get seconds(): number {
    return (performance.now() - this.#startedAt) / 1000;
  }

  /** What it is at, for a line of the log. */
  get doing(): string {
    return `${this.#instance} (${this.#phase}, ${Math.round(this.seconds)} s so far)`;
  }

  /** The lines that were kept; from now on there are none. */
  take(): string[] {
    return this.#kept.take();
  }

  async phase<T>(title: string, work: () => Promise<T>): Promise<T> {
    this.#phase = title;
    this.#kept.add(`▸ ${title}`);
    return await timedPhase(title, work, (line) => {
      this.#kept.add(line);
      this.#tell(`${this.#instance}: ${line}`);
    });
  }

  info(line: string): void {
    this.#kept.add(line);
  }

  warning(line: string): void {
    this.#kept.add(`Warning: ${line}`);
    this.#log.warning(`${this.#instance}: ${line}`);
  }

  debug(line: string): void {
    this.#log.debug(`${this.#instance}: ${line}`);
  }

  secret(value: string): void {
    this.#log.secret(value);
  }
}

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
