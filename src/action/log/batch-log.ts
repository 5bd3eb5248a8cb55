import { type Clock, SYSTEM_CLOCK } from '../../core/clock.ts';
import { REMIND_MS, Reminder } from '../../core/reminder.ts';
import { describePlanReport } from '../../operations/describe-plan.ts';
import { stateOf } from '../../operations/outcome/closing.ts';
import { failureKindOf } from '../../operations/outcome/failure.ts';
import { describeLeftovers } from '../../operations/outcome/leftovers.ts';
import type { Outcome } from '../../operations/outcome/outcome.ts';
import type { StepLog, TaskLog } from '../../operations/run-tasks.ts';
import { annotateFailure } from '../report/annotate-failure.ts';
import { failureTitle } from '../report/report-failure.ts';
import { type ActionLog, coloured } from './action-log.ts';
import type { Annotations } from './annotations.ts';
import { InstanceLog } from './instance-log.ts';

export interface BatchLogOptions {
  /** How many instances there are. */
  readonly count: number;
  /** Those of the step; the caller ends them. */
  readonly annotations: Annotations;
  /** Called when an instance has ended, before anything is shown. */
  readonly onEnded?: (outcome: Outcome) => void;
  readonly clock?: Clock;
}

/**
 * The job log of several instances that run at the same time. GitHub's groups do not nest, so the lines of an instance
 * become one group when it ends. Until then one line shows the end of each of its phases, and after a while of silence a
 * line lists what is under way.
 */
export class BatchLog implements StepLog {
  readonly #log: ActionLog;
  readonly #options: BatchLogOptions;
  readonly #running = new Map<string, InstanceLog>();
  readonly #reminder: Reminder;
  readonly #closed = new AbortController();
  #ended = 0;

  constructor(log: ActionLog, options: BatchLogOptions) {
    this.#log = log;
    this.#options = options;
    this.#reminder = new Reminder((line) => log.info(line), REMIND_MS, options.clock ?? SYSTEM_CLOCK);
    void this.#reminder.remindUntil(this.#closed.signal, () => this.#underWay());
  }

  forTask(instance: string): TaskLog {
    const own = new InstanceLog(instance, this.#log, (line) => this.#reminder.say(line));
    this.#running.set(instance, own);
    return {
      phase: (title, work, describe) => own.phase(title, work, describe),
      info: (line) => own.info(line),
      warning: (line, cause) => own.warning(line, cause),
      debug: (line) => own.debug(line),
      secret: (value) => own.secret(value),
      ended: (outcome) => this.#end(outcome, own),
    };
  }

  /** Ends the reminders. */
  close(): void {
    this.#closed.abort();
  }

  #end(outcome: Outcome, own: InstanceLog): void {
    const { annotations, onEnded } = this.#options;
    const { instance } = outcome.task;
    this.#running.delete(instance);
    this.#ended += 1;
    onEnded?.(outcome);
    const left = outcome.kind === 'failed' ? describeLeftovers(outcome.record, { resources: true }) : planOf(outcome);
    this.#log.folded(`Log of instance ${instance}`, [...own.take(), ...left]);
    const seconds = `${own.seconds.toFixed(1)} s`;
    if (outcome.kind !== 'failed') {
      this.#reminder.say(`${coloured('green', '✓')} instance ${instance}: ${stateOf(outcome).words}, ${seconds}`);
      return;
    }
    const kind = failureKindOf(outcome.error);
    this.#reminder.say(`${coloured('red', '✗')} instance ${instance}: ${kind}, ${seconds}`);
    annotateFailure(outcome.error, this.#log, {
      title: failureTitle(kind, outcome.record),
      prefix: `${instance}: `,
      annotations,
    });
  }

  #underWay(): string | undefined {
    if (this.#running.size === 0) return undefined;
    const running = [...this.#running.values()].map((task) => task.doing);
    return `${this.#ended} of ${this.#options.count} have ended; under way: ${running.join('; ')}`;
  }
}

function planOf(outcome: Outcome): string[] {
  return outcome.kind === 'planned' ? describePlanReport(outcome.report).map(({ text }) => text) : [];
}
