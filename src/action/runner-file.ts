import { statSync, truncateSync } from 'node:fs';
import { cannotWrite } from '../core/disk-error.ts';
import { variableOf } from '../inputs/input-source.ts';
import { runnerInputs } from './runner-inputs.ts';

/** The files by which the runner takes in what a step hands on. */
export type RunnerFile = 'GITHUB_OUTPUT' | 'GITHUB_STATE';

/**
 * Adds to a file of the runner. What was added in part is removed again: the runner reads nothing of a file that ends in
 * the middle of a value.
 *
 * @throws LaunchpadError `disk-failed` that names the file
 */
export function writeRunnerFile(name: RunnerFile, write: () => void): void {
  const file = variableOf(runnerInputs, name);
  const before = file === undefined ? undefined : sizeOf(file);
  try {
    write();
  } catch (error) {
    if (file === undefined) throw error;
    shorten(file, before ?? 0);
    throw cannotWrite(`${file} (${name})`, error);
  }
}

/** Empties a file of the runner, as far as it can be written. */
export function clearRunnerFile(name: RunnerFile): void {
  const file = variableOf(runnerInputs, name);
  if (file !== undefined) shorten(file, 0);
}

function shorten(file: string, size: number): void {
  try {
    truncateSync(file, size);
  } catch {
    // It cannot be written at all, so that nothing was added.
  }
}

function sizeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.size;
}
