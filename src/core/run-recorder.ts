import type { Describe, Progress, ProgressLog } from './progress.ts';
import { EMPTY_RECORD, type PhaseRecord, type RecordUpdate, type RunRecord, withUpdate } from './run-record.ts';

/** Keeps the record of a run, and passes the lines on to a log. */
export class RunRecorder implements Progress {
  readonly #log: ProgressLog;
  readonly #onChange: (record: RunRecord) => void;
  #record: RunRecord;

  /**
   * @param onChange gets the record after each change
   * @param record the record to continue
   */
  constructor(log: ProgressLog, onChange: (record: RunRecord) => void = () => undefined, record = EMPTY_RECORD) {
    this.#log = log;
    this.#onChange = onChange;
    this.#record = record;
  }

  /** What the run has done and found so far. */
  get recorded(): RunRecord {
    return this.#record;
  }

  async phase<T>(title: string, work: () => Promise<T>, describe?: Describe<T>): Promise<T> {
    const others = this.#record.phases;
    const startedAt = Date.now();
    const enter = (phase: Pick<PhaseRecord, 'endedAt' | 'outcome'>) =>
      this.#change({ ...this.#record, phases: [...others, { title, startedAt, ...phase }] });
    enter({ endedAt: undefined, outcome: 'running' });
    try {
      const result = await this.#log.phase(title, work, describe);
      this.record({ problems: [] });
      enter({ endedAt: Date.now(), outcome: 'done' });
      return result;
    } catch (error) {
      enter({ endedAt: Date.now(), outcome: 'failed' });
      throw error;
    }
  }

  record(update: RecordUpdate): void {
    this.#change(withUpdate(this.#record, update));
  }

  info(line: string): void {
    this.#log.info(line);
  }

  warning(line: string, cause?: unknown): void {
    this.#log.warning(line, cause);
  }

  debug(line: string): void {
    this.#log.debug(line);
  }

  secret(value: string): void {
    this.#log.secret(value);
  }

  #change(record: RunRecord): void {
    this.#record = record;
    this.#onChange(record);
  }
}
