import type { ProgressLog } from '../core/progress.ts';

/** The log of several instances side by side, and a part of it for each. */
export interface SeveralLog extends ProgressLog {
  /** Called when the work for an instance begins. */
  forTask(instance: string): TaskLines;
}

/** A log of several instances, in which each line says whose it is. */
export function severalLog(log: ProgressLog): SeveralLog {
  return Object.assign(new TaskLines(log, ''), {
    forTask: (instance: string) => new TaskLines(log, `${instance}: `),
  });
}

class TaskLines implements ProgressLog {
  readonly #log: ProgressLog;
  readonly #prefix: string;

  constructor(log: ProgressLog, prefix: string) {
    this.#log = log;
    this.#prefix = prefix;
  }

  async phase<T>(title: string, work: () => Promise<T>): Promise<T> {
    return await this.#log.phase(this.#prefix + title, work);
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

  /** Nothing was kept back: there is nothing left to show. */
  ended(): void {}

  #prefixed(text: string): string {
    return text.replace(/^/gm, this.#prefix);
  }
}
