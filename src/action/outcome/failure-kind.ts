import { WorkflowFailed } from '../../cluster/workflows/diagnosis.ts';
import { LaunchpadError } from '../../core/errors.ts';

/** In which way a run did not succeed. */
export type FailureKind = 'failed' | 'cancelled' | 'timed-out' | 'not-synced';

/** Codes of a wait for Argo CD that ended badly: all else is done by then. */
const NOT_SYNCED = ['sync-failed', 'sync-timeout', 'application-deleted'];

export function failureKindOf(thrown: unknown): FailureKind {
  const codes = errorsIn(thrown).flatMap((error) => (error instanceof LaunchpadError ? error.code : []));
  if (codes.includes('cancelled')) return 'cancelled';
  if (codes.some((code) => NOT_SYNCED.includes(code))) return 'not-synced';
  const isTimeOut = (error: unknown) => error instanceof WorkflowFailed && error.diagnosis.phase === 'TimedOut';
  return errorsIn(thrown).some(isTimeOut) ? 'timed-out' : 'failed';
}

/** The code of what was thrown, of several things that of the first; `unexpected` where no part of the action knew it. */
export function failureCodeOf(thrown: unknown): string {
  const [first] = errorsIn(thrown);
  return first instanceof LaunchpadError ? first.code : 'unexpected';
}

function errorsIn(thrown: unknown): readonly unknown[] {
  return thrown instanceof AggregateError ? thrown.errors : [thrown];
}
