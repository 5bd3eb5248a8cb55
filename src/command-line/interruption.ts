import { cancelled } from '../operations/cancellation.ts';
import { EXIT_CODES } from './exit-codes.ts';

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
