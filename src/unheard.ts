import type { Progress } from './core/progress.ts';
import type { Unheard } from './core/run-record.ts';

/**
 * Does something whose end may not be heard of: where the run is cancelled meanwhile, nobody knows whether it came about,
 * and the record of the run says so.
 */
export async function unheardIfCancelled<T>(
  progress: Progress,
  what: Unheard,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  progress.reached({ unheard: what });
  try {
    const result = await work();
    progress.reached({ unheard: undefined });
    return result;
  } catch (error) {
    if (!signal.aborted) progress.reached({ unheard: undefined });
    throw error;
  }
}
