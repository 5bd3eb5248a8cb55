import * as core from '@actions/core';
import type { RunRecord } from '../run-record.ts';

/** What the post step must know of a run that main could not end. */
export interface StartedRun {
  readonly instance: string;
  readonly id: string;
}

const STARTED = 'started-run';
const RECORD = 'record';
const TOLD = 'told';
const ENDED = 'ended';

/** Remembers that there may be something to clean up from now on. */
export function saveStarted({ instance, id }: StartedRun): void {
  core.saveState(STARTED, JSON.stringify({ instance, id }));
}

/** Remembers what the run has come to, for the post step of one that is killed. */
export function saveRecord(record: RunRecord): void {
  core.saveState(RECORD, JSON.stringify(record));
}

/** Remembers that main has said how the run ended. */
export function saveTold(): void {
  core.saveState(TOLD, 'true');
}

/** What a run had come to that main could not tell of; undefined where main did. */
export function untoldRecord(): RunRecord | undefined {
  const text = core.getState(RECORD);
  if (text === '' || core.getState(TOLD) === 'true') return undefined;
  const record: RunRecord = JSON.parse(text);
  return record;
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
