import * as core from '@actions/core';
import type { RunRecord } from '../run-record.ts';

/** Keeps what the end of the step must know if it is killed. */
export interface RunState {
  /** The step is about these instances. */
  instances(names: readonly string[]): void;
  /** From now on there may be something to clean up. */
  started(run: StartedRun): void;
  /** What the run has come to. */
  reached(instance: string, record: RunRecord): void;
  /** The run has left nothing to clean up. */
  ended(instance: string): void;
  /** How the runs ended has been said. */
  told(): void;
}

/** A run that may have something to clean up. */
export interface StartedRun {
  readonly instance: string;
  readonly id: string;
}

/** A run that was killed before it could say what it had come to. */
export interface UntoldRun {
  readonly instance: string;
  readonly record: RunRecord;
}

const INSTANCES = 'instances';
const STARTED = 'started';
const RECORD = 'record';
const ENDED = 'ended';
const TOLD = 'told';

/** The state that GitHub's runner hands from the main step to the post step. */
export const runnerState: RunState = {
  instances: (names) => core.saveState(INSTANCES, JSON.stringify(names)),
  started: ({ instance, id }) => core.saveState(keyOf(STARTED, instance), id),
  reached: (instance, record) => core.saveState(keyOf(RECORD, instance), JSON.stringify(record)),
  ended: (instance) => core.saveState(keyOf(ENDED, instance), 'true'),
  told: () => core.saveState(TOLD, 'true'),
};

/** The runs that main began and did not end. */
export function unendedRuns(): StartedRun[] {
  return savedInstances().flatMap((instance) => {
    const id = core.getState(keyOf(STARTED, instance));
    return id === '' || core.getState(keyOf(ENDED, instance)) === 'true' ? [] : [{ instance, id }];
  });
}

/** What the runs had come to that main could not tell of; none where it did. */
export function untoldRuns(): UntoldRun[] {
  if (core.getState(TOLD) === 'true') return [];
  return savedInstances().flatMap((instance) => {
    const text = core.getState(keyOf(RECORD, instance));
    if (text === '') return [];
    const record: RunRecord = JSON.parse(text);
    return [{ instance, record }];
  });
}

function savedInstances(): string[] {
  const instances: string[] = JSON.parse(core.getState(INSTANCES) || '[]');
  return instances;
}

function keyOf(what: string, instance: string): string {
  return `${what}-${instance}`;
}
