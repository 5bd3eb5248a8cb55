import { failureKindOf } from '../../operations/outcome/failure.ts';
import { describeLeftovers } from '../../operations/outcome/leftovers.ts';
import type { Outcome } from '../../operations/outcome/outcome.ts';
import type { StepLog, TaskLog } from '../../operations/run-tasks.ts';
import { annotateFailure } from '../report/annotate-failure.ts';
import { failureTitle } from '../report/report-failure.ts';
import type { ActionLog } from './action-log.ts';
import type { Annotations } from './annotations.ts';
import { green, red } from './ansi.ts';
import { InstanceLog } from './instance-log.ts';

export interface BatchLogOptions {
  /** How many instances there are. */
  readonly count: number;
  /** Those of the step; whoever made them ends them. */
  readonly annotations: Annotations;
  /** Called when an instance has ended, before anything is shown. */
  readonly onEnded?: (outcome: Outcome) => void;
  /** Milliseconds of silence after which a line says what is under way. */
  readonly remindMs?: number;
}

/** An operator that looks at the log shall see within half a minute that it goes on. */
const REMIND_MS = 25_000;

/**
 * The job log of several instances side by side. GitHub's groups do not nest, so the lines of an instance are kept and
 * shown as one group when it ends; meanwhile a line tells of each phase that has ended.
 */
export class BatchLog implements StepLog {
  readonly #log: ActionLog;
  readonly #options: BatchLogOptions;
  readonly #running = new Map<string, InstanceLog>();
  readonly #timer: NodeJS.Timeout;
  #ended = 0;
  #toldAt = performance.now();

  constructor(log: ActionLog, options: BatchLogOptions) {
    const { remindMs = REMIND_MS } = options;
    this.#log = log;
    this.#options = options;
    this.#timer = setInterval(() => this.#remind(remindMs), remindMs / 5).unref();
  }

  forTask(instance: string): TaskLog {
    const own = new InstanceLog(instance, this.#log, (line) => this.#tell(line));
    this.#running.set(instance, own);
    return {
      phase: (title, work) => own.phase(title, work),
      info: (line) => own.info(line),
      warning: (line) => own.warning(line),
      debug: (line) => own.debug(line),
      secret: (value) => own.secret(value),
      ended: (outcome) => this.#end(outcome, own),
    };
  }

  /** Says nothing any more by itself. */
  close(): void {
    clearInterval(this.#timer);
  }

  #tell(line: string): void {
    this.#toldAt = performance.now();
    this.#log.info(line);
  }

  #end(outcome: Outcome, own: InstanceLog): void {
    const { annotations, onEnded } = this.#options;
    const { instance } = outcome.task;
    this.#running.delete(instance);
    this.#ended += 1;
    onEnded?.(outcome);
    const left = outcome.kind === 'failed' ? describeLeftovers(outcome.record, { resources: true }) : [];
    this.#log.folded(`Log of instance ${instance}`, [...own.take(), ...left]);
    const seconds = `${own.seconds.toFixed(1)} s`;
    if (outcome.kind !== 'failed') {
      this.#tell(`${green('✓')} instance ${instance}: ${outcome.kind}, ${seconds}`);
      return;
    }
    const kind = failureKindOf(outcome.error);
    this.#tell(`${red('✗')} instance ${instance}: ${kind}, ${seconds}`);
    annotateFailure(outcome.error, this.#log, {
      title: failureTitle(kind, outcome.record),
      prefix: `${instance}: `,
      annotations,
    });
  }

  #remind(remindMs: number): void {
    if (this.#running.size === 0 || performance.now() - this.#toldAt < remindMs) return;
    const running = [...this.#running.values()].map((task) => task.doing);
    this.#tell(`${this.#ended} of ${this.#options.count} have ended; under way: ${running.join('; ')}`);
  }
}
