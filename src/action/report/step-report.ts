import type { RunRecorder } from '../../core/run-recorder.ts';
import type { Origin } from '../../inputs/event/origin.ts';
import { inputOf } from '../../inputs/input-source.ts';
import { linksOf } from '../../inputs/links.ts';
import type { ActionRequest } from '../../inputs/request.ts';
import type { Outcome } from '../../operations/outcome/outcome.ts';
import { reportToPullRequest } from '../comment/comment.ts';
import type { Reported } from '../comment/comment-text.ts';
import type { ActionLog } from '../log/action-log.ts';
import { runnerInputs } from '../runner.ts';
import { runnerState } from '../state.ts';
import { annotateFailure } from './annotate-failure.ts';
import { setResults } from './outputs.ts';
import { reportFailure } from './report-failure.ts';
import { closingOptions, reportOutcomes } from './report-outcomes.ts';

/** Reports how a step ended: log, outputs, job summary and the comment on its pull request. */
export class StepReport {
  /** Undefined until it is known; without it there is no comment. */
  origin: Origin | undefined;
  /** Undefined until it is known; without it there are no links. */
  request: ActionRequest | undefined;
  readonly #log: ActionLog;
  readonly #recorder: RunRecorder;

  constructor(log: ActionLog, recorder: RunRecorder) {
    this.#log = log;
    this.#recorder = recorder;
  }

  /** A step that has nothing to do is green, and says why. */
  async idle(notes: readonly string[]): Promise<void> {
    for (const note of notes) this.#log.notice(note);
    setResults([], (text) => this.#log.redact(text));
    await this.#comment({ outcomes: [], notes });
  }

  async outcomes(outcomes: readonly Outcome[], request: ActionRequest, notes: readonly string[]): Promise<void> {
    try {
      await reportOutcomes(outcomes, request, this.#log);
    } catch (error) {
      annotateFailure(error, this.#log, { title: 'The outputs were not written' });
    }
    await this.#comment({ outcomes, notes });
    runnerState.reported();
  }

  /** Fails the step. */
  async failure(error: unknown): Promise<void> {
    const input = inputOf(runnerInputs, 'instance');
    const instance = input === undefined || /[,\r\n]/.test(input) ? undefined : input;
    const { recorded: record } = this.#recorder;
    await reportFailure(error, { instance, record, links: this.#links, log: this.#log });
    await this.#comment({ outcomes: [], notes: [], error });
    runnerState.reported();
  }

  get #links() {
    return this.request === undefined ? undefined : linksOf(this.request);
  }

  async #comment(reported: Reported): Promise<void> {
    await reportToPullRequest(reported, this.origin, {
      inputSource: runnerInputs,
      closing: this.request === undefined ? undefined : closingOptions(this.request),
      log: this.#log,
    });
  }
}
