import { LaunchpadError } from '../core/errors.ts';
import { cancelled } from '../operations/cancellation.ts';

/** How the command ends, for its caller. 130 is 128 and the number of SIGINT, as shells have it. */
export const EXIT_CODES = {
  done: { code: 0, means: 'done, or a dry run found nothing that would fail' },
  failed: { code: 1, means: 'failed: what went wrong, and what to do, is on standard error' },
  usage: { code: 2, means: 'the command, an option or a setting is missing or wrong: nothing was touched' },
  cancelled: { code: 130, means: 'cancelled by Ctrl-C, SIGINT or SIGTERM: run again to continue' },
} as const;

/** Codes of errors that are about what the caller gave, all of them found before anything is touched. */
const USAGE: readonly string[] = [
  'usage-invalid',
  'settings-invalid',
  'instance-name-invalid',
  'not-confirmed',
  'kubeconfig-invalid',
  'no-checkout',
  'no-branch',
  'not-a-branch',
];

/** The exit code for these errors, of which there is at least one. */
export function exitCodeFor(thrown: readonly unknown[]): number {
  const codes = thrown.flatMap(errorsIn).map((error) => (error instanceof LaunchpadError ? error.code : ''));
  if (codes.includes('cancelled')) return EXIT_CODES.cancelled.code;
  return (codes.every((code) => USAGE.includes(code)) ? EXIT_CODES.usage : EXIT_CODES.failed).code;
}

function errorsIn(thrown: unknown): readonly unknown[] {
  return thrown instanceof AggregateError ? thrown.errors : [thrown];
}

/** An error about how the command was called. */
export function usageError(
  message: string,
  remedy = 'Run launchpad-provision --help, or a command with --help.',
): LaunchpadError {
  return new LaunchpadError('usage-invalid', message, { remedy });
}

/**
 * Milliseconds within which a second signal is the same Ctrl-C: npx passes on to its child what the terminal has sent to
 * both of them (@npmcli/run-script, signal-manager.js).
 */
const SAME_MS = 500;

/**
 * A signal that aborts at the first SIGINT or SIGTERM, so that the run can clean up; at the second one the process ends.
 *
 * @param onFirst called when the run begins to end
 * @param onSecond called before the process ends
 */
export function interruption(onFirst: () => void, onSecond: () => void = () => undefined): AbortSignal {
  const controller = new AbortController();
  let firstAt = 0;
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (!controller.signal.aborted) {
        firstAt = performance.now();
        onFirst();
        controller.abort(cancelled());
      } else if (performance.now() - firstAt > SAME_MS) {
        onSecond();
        process.exit(EXIT_CODES.cancelled.code);
      }
    });
  }
  return controller.signal;
}
