import { LaunchpadError } from '../core/errors.ts';

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
