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

/** A signal that aborts so many milliseconds after that one, with its reason: for what must not be cut off at once. */
export function abortedAfter(signal: AbortSignal, ms: number): AbortSignal {
  const later = new AbortController();
  const abort = () => globalThis.setTimeout(() => later.abort(signal.reason), ms).unref();
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  return later.signal;
}
