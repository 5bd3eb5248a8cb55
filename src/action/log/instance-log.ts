import { type Describe, type ProgressLog, timePhase } from '../../core/progress.ts';
import { type ActionLog, phaseEnd } from './action-log.ts';

/**
 * The log of one of several instances that run at the same time. It keeps its lines, to be shown together. The end of a
 * phase is also shown at once, and warnings are annotations as usual.
 */
export class InstanceLog implements ProgressLog {
  readonly #instance: string;
  readonly #log: ActionLog;
  readonly #report: (line: string) => void;
  readonly #kept = new KeptLines();
  readonly #startedAt = performance.now();
  #phase = 'begins';

  /** @param report shows a line at once */
  constructor(instance: string, log: ActionLog, report: (line: string) => void) {
    this.#instance = instance;
    this.#log = log;
    this.#report = report;
  }

  /** Seconds since it began. */
  get seconds(): number {
    return (performance.now() - this.#startedAt) / 1000;
  }

  /** The instance and its phase, for a line of the log. */
  get doing(): string {
    return `${this.#instance} (${this.#phase}, ${Math.round(this.seconds)} s so far)`;
  }

  /** Gives the kept lines, and forgets them. */
  take(): string[] {
    return this.#kept.take();
  }

  async phase<T>(title: string, work: () => Promise<T>, describe?: Describe<T>): Promise<T> {
    this.#phase = title;
    this.#kept.add(`▸ ${title}`);
    return await timePhase({ title, work, describe }, (isDone, end) => {
      const line = phaseEnd(isDone, end);
      this.#kept.add(line);
      this.#report(`${this.#instance}: ${line}`);
    });
  }

  info(line: string): void {
    this.#kept.add(line);
  }

  warning(line: string, cause?: unknown): void {
    this.#kept.add(`Warning: ${line}`);
    this.#log.warning(`${this.#instance}: ${line}`, cause);
  }

  debug(line: string): void {
    this.#log.debug(`${this.#instance}: ${line}`);
  }

  secret(value: string): void {
    this.#log.secret(value);
  }
}

/** Characters that are kept of one instance's log. A run has some thousands, and many may run at once. */
const MOST_CHARACTERS = 256 * 1024;

/** Lines of a log that are shown later. Of a very long log the end is kept: it shows what went wrong. */
class KeptLines {
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

  /** Gives the lines and how many were dropped before them, and forgets them. */
  take(): string[] {
    const lines = this.#dropped > 0 ? [`… ${this.#dropped} earlier lines are left out`, ...this.#lines] : this.#lines;
    this.#lines = [];
    this.#characters = 0;
    this.#dropped = 0;
    return lines;
  }
}
