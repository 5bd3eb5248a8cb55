import * as core from '@actions/core';
import { EMPTY_RECORD, type RunRecord } from '../core/run-record.ts';
import type { Result } from '../operations/outcome/result.ts';
import type { RunState, StartedRun } from '../operations/run-tasks.ts';
import { clearRunnerFile, writeRunnerFile } from './runner.ts';

/** A run that was killed before it could say what it had come to. */
export interface UnreportedRun {
  readonly instance: string;
  readonly record: RunRecord;
}

const INSTANCES = 'instances';
const STARTED = 'started';
const RECORD = 'record';
const RESULT = 'result';
const ENDED = 'ended';
const REPORTED = 'reported';
const DEPLOYMENT = 'deployment';
const CAUSES = 'causes';

/** The parts of a record, each of which is kept for itself: most of them stay as they are while the phases change. */
const PARTS = Object.keys(EMPTY_RECORD);

/** What was kept last, by key. */
const kept = new Map<string, string>();

const lost = new AbortController();

/** Aborts with a LaunchpadError `disk-failed` when what the post step must know cannot be written any more. */
export const stateLost: AbortSignal = lost.signal;

/**
 * The state that GitHub's runner hands from the main step to the post step. What is written before a run touches anything
 * throws if it cannot be written; later the run is ended by `stateLost`, in its own time.
 */
export const runnerState: RunState = {
  instances: (names) => save(INSTANCES, JSON.stringify(names)),
  started: ({ instance, id }) => save(keyOf(STARTED, instance), id),
  record: (instance, record) => {
    for (const [part, value] of Object.entries(record)) keep(partKey(part, instance), JSON.stringify(value) ?? '');
  },
  result: (result) => {
    saveLater(keyOf(RESULT, result.instance), JSON.stringify(result));
    // The post step gets all of it in its environment: what is reported already is left out.
    for (const part of PARTS) keep(partKey(part, result.instance), '');
  },
  ended: (instance) => saveLater(keyOf(ENDED, instance), 'true'),
  // Without this word the post step would report the runs once more: it is then told nothing at all.
  reported: () => {
    if (!saveLater(REPORTED, 'true')) clearRunnerFile('GITHUB_STATE');
  },
};

/** Keeps what the annotations of the step were about: the post step does not say it again. */
export function keepCauses(causes: readonly string[]): void {
  if (causes.length > 0) saveLater(CAUSES, JSON.stringify(causes));
}

/** What the annotations of main were about. */
export function savedCauses(): string[] {
  const causes: string[] = JSON.parse(core.getState(CAUSES) || '[]');
  return causes;
}

/** Keeps the deployment that the run of an instance has begun; without one it has ended. */
export function keepDeployment(instance: string, id: number | undefined): void {
  saveLater(keyOf(DEPLOYMENT, instance), id === undefined ? '' : String(id));
}

/** The deployments that main began and did not end. */
export function unendedDeployments(): number[] {
  const ids = savedInstances().map((instance) => Number(core.getState(keyOf(DEPLOYMENT, instance))));
  return ids.filter((id) => id > 0);
}

/** The runner reads the file of states from its beginning, and the last one of a name counts. */
function keep(key: string, value: string): void {
  if ((kept.get(key) ?? '') === value) return;
  if (saveLater(key, value)) kept.set(key, value);
}

/** @returns whether it was written */
function saveLater(key: string, value: string): boolean {
  try {
    save(key, value);
    return true;
  } catch (error) {
    lost.abort(error);
    return false;
  }
}

/** @throws LaunchpadError `disk-failed` */
function save(key: string, value: string): void {
  writeRunnerFile('GITHUB_STATE', () => core.saveState(key, value));
}

/** The runs that main began and did not end. */
export function unendedRuns(): StartedRun[] {
  return savedInstances().flatMap((instance) => {
    const id = core.getState(keyOf(STARTED, instance));
    return id === '' || core.getState(keyOf(ENDED, instance)) === 'true' ? [] : [{ instance, id }];
  });
}

/** What the runs had come to that main could not tell of; none where it did. */
export function unreportedRuns(): UnreportedRun[] {
  if (isReported()) return [];
  return savedInstances().flatMap((instance) => {
    const parts = PARTS.flatMap((part) => {
      const text = core.getState(partKey(part, instance));
      return text === '' ? [] : [[part, JSON.parse(text)]];
    });
    return parts.length === 0 ? [] : [{ instance, record: { ...EMPTY_RECORD, ...Object.fromEntries(parts) } }];
  });
}

/** Whether main told how the runs ended. */
export function isReported(): boolean {
  return core.getState(REPORTED) === 'true';
}

/** How those of several runs ended that ended before main did. */
export function savedResults(): Result[] {
  return savedInstances().flatMap((instance) => {
    const text = core.getState(keyOf(RESULT, instance));
    if (text === '') return [];
    const result: Result = JSON.parse(text);
    return [result];
  });
}

/** The instances that the step was about. */
export function savedInstances(): string[] {
  const instances: string[] = JSON.parse(core.getState(INSTANCES) || '[]');
  return instances;
}

function partKey(part: string, instance: string): string {
  return keyOf(`${RECORD}-${part}`, instance);
}

function keyOf(what: string, instance: string): string {
  return `${what}-${instance}`;
}
