import { LaunchpadError } from '../core/errors.ts';
import type { RunRecord } from '../core/run-record.ts';

/**
 * A signal that aborts when the job is cancelled: GitHub sends SIGINT, 7.5 s later SIGTERM, and kills after 2.5 s more
 * (https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-cancellation).
 */
export function cancellation(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => controller.abort(cancelled()));
  }
  return controller.signal;
}

/** The error that a cancelled run ends with. */
export function cancelled(): LaunchpadError {
  return new LaunchpadError('cancelled', 'The run was cancelled.', {
    remedy: 'Run again at any time: it continues from what exists.',
  });
}

/** The error of a run that was ended from outside, after what held it up then: that may be why it was ended. */
export function afterProblems(error: unknown, { problems }: RunRecord): unknown {
  if (!(error instanceof LaunchpadError && error.code === 'cancelled') || problems.length === 0) return error;
  const { code, message, remedy = '' } = error;
  const ended = `${message.charAt(0).toLowerCase()}${message.slice(1)}`;
  const remedies = new Set(problems.flatMap((problem) => problem.remedy ?? []));
  return new LaunchpadError(code, `${problems.map(({ what }) => what).join('; ')}; then ${ended}`, {
    remedy: [...remedies, remedy].join(' ').trim(),
    cause: error.cause,
  });
}
