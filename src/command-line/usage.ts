import { LaunchpadError } from '../core/errors.ts';

/** An error about how the command was called. */
export function usageError(
  message: string,
  remedy = 'Run launchpad-provision --help, or a command with --help.',
): LaunchpadError {
  return new LaunchpadError('usage-invalid', message, { remedy });
}
