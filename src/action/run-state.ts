import * as core from '@actions/core';

/** What the post step must know of a run that main could not end. */
export interface StartedRun {
  readonly instance: string;
  readonly id: string;
}

const STARTED = 'started-run';
const ENDED = 'ended';

/** Remembers that there may be something to clean up from now on. */
export function saveStarted({ instance, id }: StartedRun): void {
  core.saveState(STARTED, JSON.stringify({ instance, id }));
}

/** Remembers that main has ended the run, and left nothing for the post step. */
export function saveEnded(): void {
  core.saveState(ENDED, 'true');
}

/** The run that main began and did not end, if any. */
export function unendedRun(): StartedRun | undefined {
  const started = core.getState(STARTED);
  if (started === '' || core.getState(ENDED) === 'true') return undefined;
  const { instance, id }: StartedRun = JSON.parse(started);
  return { instance, id };
}
