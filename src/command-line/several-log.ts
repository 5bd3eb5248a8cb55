import type { Describe, ProgressLog } from '../core/progress.ts';
import type { Outcome } from '../operations/outcome/outcome.ts';
import { isFailed, resultOf, shortOutcome } from '../operations/outcome/result.ts';
import type { TerminalLog } from './terminal-log.ts';

/** The log of several instances side by side, and a part of it for each. */
export interface SeveralLog extends ProgressLog {
  /** Called when the work for an instance begins. */
  forTask(instance: string): TaskLines;
}

/** A log of several instances, in which each line says whose it is. */
export function severalLog(log: TerminalLog): SeveralLog {
  return Object.assign(new TaskLines(log, ''), {
    forTask: (instance: string) => new TaskLines(log, `${instance}: `),
  });
}

class TaskLines implements ProgressLog {
  readonly #log: TerminalLog;
  readonly #prefix: string;

  constructor(log: TerminalLog, prefix: string) {
    this.#log = log;
    this.#prefix = prefix;
  }

  async phase<T>(title: string, work: () => Promise<T>, describe?: Describe<T>): Promise<T> {
    return await this.#log.phase(this.#prefix + title, work, describe);
  }

  info(line: string): void {
    this.#log.info(this.#prefixed(line));
  }

  warning(line: string): void {
    this.#log.warning(this.#prefixed(line));
  }

  debug(line: string): void {
    this.#log.debug(this.#prefixed(line));
  }

  secret(value: string): void {
    this.#log.secret(value);
  }

  ended(outcome: Outcome): void {
    const result = resultOf(outcome, (text) => this.#log.redact(text));
    const seconds = result.seconds === undefined ? '' : `, ${result.seconds.toFixed(1)} s`;
    const [sign, style] = isFailed(result) ? ['✗', 'red' as const] : ['✓', 'green' as const];
    this.#log.taskEnd(`${sign} ${this.#prefix}${shortOutcome(result)}${seconds}`, style);
  }

  #prefixed(text: string): string {
    return text.replace(/^/gm, this.#prefix);
  }
}
