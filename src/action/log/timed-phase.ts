import { green, red } from './ansi.ts';

/**
 * Does the work of a phase, and tells its outcome and seconds at its end, whether it came about or failed.
 *
 * @returns what the work gives back; what it throws is thrown on
 */
export async function timedPhase<T>(title: string, work: () => Promise<T>, report: (line: string) => void): Promise<T> {
  const startedAt = performance.now();
  const end = (outcome: string) =>
    report(`${outcome} ${title}, ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
  try {
    const result = await work();
    end(green('✓'));
    return result;
  } catch (error) {
    end(red('✗ failed:'));
    throw error;
  }
}
