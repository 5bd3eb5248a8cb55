import type { StepLog, TaskLog } from '../action/step-log.ts';
import type { ProgressLog } from '../progress.ts';

/** The log of several instances that are worked on side by side: each line says whose it is. */
export class PrefixedLog implements StepLog {
  readonly #log: ProgressLog;

  constructor(log: ProgressLog) {
    this.#log = log;
  }

  forTask(instance: string): TaskLog {
    const log = this.#log;
    const own = (text: string) => text.replace(/^/gm, `${instance}: `);
    return {
      phase: (title, work) => log.phase(own(title), work),
      info: (line) => log.info(own(line)),
      warning: (line) => log.warning(own(line)),
      debug: (line) => log.debug(own(line)),
      secret: (value) => log.secret(value),
      ended: () => undefined,
    };
  }
}
