import { type Clock, SYSTEM_CLOCK } from './clock.ts';

/** Milliseconds in which the same line is written once. */
const QUIET_MS = 10_000;

/**
 * Passes lines on, but the same one at most once within ten seconds, with how often it came meanwhile. Lines that differ
 * in their numbers only, such as the delay before the next attempt, are the same.
 */
export function withoutRepeats(onLine: (line: string) => void, clock: Clock = SYSTEM_CLOCK): (line: string) => void {
  const seen = new Map<string, { readonly atMs: number; readonly count: number }>();
  return (line) => {
    const key = line.replaceAll(/\d+/g, '0');
    const { atMs, count } = seen.get(key) ?? { atMs: Number.NEGATIVE_INFINITY, count: 0 };
    const now = clock.monotonicMs();
    if (now - atMs < QUIET_MS) {
      seen.set(key, { atMs, count: count + 1 });
      return;
    }
    seen.set(key, { atMs: now, count: 0 });
    onLine(count === 0 ? line : `${line} (${count + 1} times)`);
  };
}
