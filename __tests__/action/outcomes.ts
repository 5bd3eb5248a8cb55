import type { Diagnosis } from '../../src/cluster/workflows/diagnosis.ts';
import { LaunchpadError } from '../../src/core/errors.ts';
import { EMPTY_RECORD, type RunRecord } from '../../src/core/run-record.ts';
import type { Outcome, Task } from '../../src/operations/outcome/outcome.ts';
import { RECORD, REPORT } from './report.ts';

export function taskOf(instance: string, others: Partial<Task> = {}): Task {
  return { instance, operation: 'provision', isDryRun: false, isPreview: false, ...others };
}

/** One that was provisioned. */
export function provisioned(instance: string): Outcome {
  const report = {
    ...REPORT,
    instance,
    namespace: instance,
    application: `${instance}-production`,
    bucket: `launchpad-${instance}-3fa9c1e`,
    configPath: `instances/${instance}/config.yml`,
  };
  return { task: taskOf(instance), record: RECORD, kind: 'provisioned', report };
}

/** One that was taken down. */
export function deprovisioned(instance: string): Outcome {
  const task = taskOf(instance, { operation: 'deprovision' });
  return { task, record: RECORD, kind: 'deprovisioned', report: { ...REPORT, instance } };
}

/** One that failed. */
export function failed(
  instance: string,
  error: unknown = new LaunchpadError('mysql-refused', `MySQL refused ${instance}.\nSecond line.`, {
    remedy: 'Check <host>.',
  }),
  record: RunRecord = EMPTY_RECORD,
): Outcome {
  return { task: taskOf(instance), record, kind: 'failed', error };
}

/** Why the workflow of MySQL failed. */
export const DIAGNOSIS: Diagnosis = {
  service: 'MySQL',
  namespace: 'riverside',
  workflow: 'riverside-mysql-x1',
  phase: 'Failed',
  message: '',
  node: undefined,
  exitCode: 1,
  containers: [],
  warnings: [],
  log: [],
  code: 'mysql-refused',
  title: 'MySQL: connection refused',
  cause: 'Nobody listens.',
  remedy: 'Start it.',
};
