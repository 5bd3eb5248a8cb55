import { problemOf } from '../../../src/cluster/causes/recognise.ts';
import { type Evidence, symptomsOf } from '../../../src/cluster/causes/symptoms.ts';
import { composeDiagnosis } from '../../../src/cluster/workflows/diagnose.ts';
import { type Diagnosis, describeDiagnosis, WorkflowFailed } from '../../../src/cluster/workflows/diagnosis.ts';
import { parseLog } from '../../../src/cluster/workflows/pod-report.ts';
import type { WorkflowOutcome } from '../../../src/cluster/workflows/wait-state.ts';
import { event, evidence, main, pod, workflow } from './objects.ts';

const PLACE = { namespace: 'school', workflow: 'mysql-1' };

function diagnosisOf(found: Evidence, ended: Partial<WorkflowOutcome> = {}, log?: string): Diagnosis {
  const outcome: WorkflowOutcome = {
    name: 'mysql-1',
    phase: 'Failed',
    message: found.workflow?.status?.message ?? '',
    seconds: 600,
    exitCode: undefined,
    outputs: new Map(),
    evidence: found,
    problem: undefined,
    ...ended,
  };
  return composeDiagnosis({
    namespace: 'school',
    service: 'MySQL',
    outcome,
    found,
    log: log === undefined ? undefined : parseLog(log),
  });
}

const failedPod = pod({
  phase: 'Failed',
  containerStatuses: [main({ terminated: { exitCode: 137, reason: 'OOMKilled' } })],
});
const lastLine = JSON.stringify({
  launchpad: 'error',
  code: 'mysql-access-denied',
  message: 'MySQL at db:3306 denies the admin user root the login.',
  host: 'db:3306',
  hint: 'Check inputs mysql-admin-user and mysql-admin-password.',
});

describe('a diagnosis', () => {
  it('goes by what the provisioner said last, whatever the pod looks like', () => {
    const found = evidence({
      pod: failedPod,
      workflow: workflow({ phase: 'Failed', message: 'main: Error (exit code 1)' }),
    });
    expect(diagnosisOf(found, {}, `MySQL 8.4\n${lastLine}\n`)).toMatchObject({
      code: 'mysql-access-denied',
      title: 'MySQL: login denied',
      cause: 'MySQL at db:3306 denies the admin user root the login.',
      remedy: 'Check inputs mysql-admin-user and mysql-admin-password.',
      log: ['MySQL 8.4'],
    });
  });

  it('else by what Kubernetes says of the pod', () => {
    expect(diagnosisOf(evidence({ pod: failedPod }), {}, 'MySQL 8.4\n')).toMatchObject({
      code: 'out-of-memory',
      title: 'MySQL: out of memory',
      cause:
        'MySQL: workflow mysql-1 in namespace school ended as Failed: a container of its pod used more memory than its limit: OOMKilled: exit code 137.',
      exitCode: 137,
    });
  });

  it('holds what was found: node, containers that tell something, and each warning once', () => {
    const node = { id: 'mysql-1', displayName: 'mysql-1', type: 'Pod', phase: 'Failed' };
    const containerStatuses = [
      main({ terminated: { exitCode: 1, reason: 'Error' } }),
      { name: 'wait', state: { terminated: { exitCode: 0, reason: 'Completed' } } },
    ];
    const events = [event('BackOff', 'again'), event('BackOff', 'again'), event('Pulled', 'image', 'Normal')];
    const found = evidence({
      workflow: workflow({ phase: 'Failed', message: 'main: Error (exit code 1)', nodes: { 'mysql-1': node } }),
      pod: pod({ phase: 'Failed', containerStatuses }),
      events,
    });
    const diagnosis = diagnosisOf(found, {}, 'one\ntwo\n');
    expect(diagnosis).toMatchObject({
      node: 'mysql-1',
      exitCode: 1,
      warnings: ['BackOff: again'],
      log: ['one', 'two'],
    });
    expect(describeDiagnosis(diagnosis)).toEqual([
      'MySQL: failed (mysql-1)',
      '  phase Failed, main: Error (exit code 1)',
      '  failed node mysql-1, exit code 1',
      '  container main: terminated, Error, exit code 1',
      '  event BackOff: again',
      '  mysql-1 | one',
      '  mysql-1 | two',
    ]);
    expect(diagnosis.cause).toBe(
      'MySQL: workflow mysql-1 in namespace school ended as Failed: main: Error (exit code 1); the last line of its log: two.',
    );
  });

  it('of one that never started names what held it up, and not that its time was up', () => {
    const held = evidence({
      workflow: workflow({ phase: 'Running', message: 'pods "x" is forbidden: exceeded quota: q' }),
    });
    const problem = problemOf(symptomsOf(held), PLACE);
    const ended = evidence({ workflow: workflow({ phase: 'Failed', message: 'Step exceeded its deadline' }) });
    expect(diagnosisOf(ended, { problem }).title).toBe('MySQL: quota exceeded');
  });

  it('of one that ran out of time says where it stood, and what it said last', () => {
    const running = evidence({ pod: pod({ phase: 'Running', containerStatuses: [main({ running: {} })] }) });
    const diagnosis = diagnosisOf(
      running,
      { phase: 'TimedOut', message: 'Running' },
      'MySQL at db:3306: ECONNREFUSED; attempt 9 in 8.0 s\n',
    );
    expect(diagnosis).toMatchObject({ code: 'workflow-timeout', title: 'MySQL: out of time' });
    expect(diagnosis.cause).toBe(
      'MySQL: workflow mysql-1 in namespace school did not end within 600 s and was terminated: Running; the last line of its log: MySQL at db:3306: ECONNREFUSED; attempt 9 in 8.0 s.',
    );
    expect(diagnosis.remedy).toContain('Raise input timeout');
  });

  it('of one that was deleted says so', () => {
    const found = { ...evidence({}), workflow: undefined };
    expect(diagnosisOf(found, { phase: 'Deleted' })).toMatchObject({ title: 'MySQL: workflow deleted', log: [] });
  });

  it('becomes the error of the run', () => {
    const diagnosis = diagnosisOf(evidence({ pod: failedPod }));
    const error = new WorkflowFailed(diagnosis);
    expect(error).toMatchObject({
      code: 'out-of-memory',
      message: diagnosis.cause,
      remedy: diagnosis.remedy,
      diagnosis,
    });
  });
});
