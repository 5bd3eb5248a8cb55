import { setTimeout } from 'node:timers/promises';

/** Waits so many milliseconds; when the signal aborts it throws the signal's reason, and no error of a timer's. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await setTimeout(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
