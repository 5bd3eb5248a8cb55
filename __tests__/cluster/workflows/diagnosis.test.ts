import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { problemOf } from '../../../src/cluster/causes/recognise.ts';
import { type Evidence, symptomsOf } from '../../../src/cluster/causes/symptoms.ts';
import { ownMessage } from '../../../src/cluster/objects/workflow-objects.ts';
import { composeDiagnosis } from '../../../src/cluster/workflows/diagnose.ts';
import { type Diagnosis, describeDiagnosis, WorkflowFailed } from '../../../src/cluster/workflows/diagnosis.ts';
import { parseLog, reportIn } from '../../../src/cluster/workflows/pod-report.ts';
import type { WorkflowOutcome } from '../../../src/cluster/workflows/wait-state.ts';
import { podFor } from '../../../src/provisioners/pod.ts';
import { ProvisionerError } from '../../../src/provisioners/provisioner-error.ts';
import { runProvisioner } from '../../../src/provisioners/report.ts';
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
    report: reportIn(found.pod, found.workflow),
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

  it('of one whose state could not be read says so, and not that somebody deleted it', () => {
    const message = 'Submitted; its state cannot be read: 503 Service Unavailable';
    const unread = { ...evidence({}), workflow: undefined };
    const { cause, title } = diagnosisOf(unread, { phase: 'TimedOut', message });
    expect(title).toBe('MySQL: out of time');
    expect(cause).toContain('503 Service Unavailable');
    expect(diagnosisOf(unread, { phase: 'Deleted', message: 'the Workflow was deleted' }).title).toBe(
      'MySQL: workflow deleted',
    );
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

  describe('where no log can be read', () => {
    const [full, hint] = [lastLine, 'MySQL at db:3306: attempt 2 in 0.5 s'];
    const ended = (message: string, reason = 'Error', exitCode = 1) =>
      pod({ phase: 'Failed', containerStatuses: [main({ terminated: { exitCode, reason, message } })] });

    it('goes by the termination message of the container, and shows it nowhere else', () => {
      const status = { phase: 'Failed', message: `main: Error (exit code 1): ${full}\n${hint}\n` };
      const found = evidence({ pod: ended(`${full}\n${hint}\n`), workflow: workflow(status) });
      const diagnosis = diagnosisOf(found, { message: ownMessage(status.message) });
      expect(diagnosis).toMatchObject({
        code: 'mysql-access-denied',
        cause: 'MySQL at db:3306 denies the admin user root the login.',
        remedy: 'Check inputs mysql-admin-user and mysql-admin-password.',
        log: [hint],
      });
      expect(describeDiagnosis({ ...diagnosis, logError: 'No answer within 5 s.' })).toEqual([
        'MySQL: login denied (mysql-1)',
        '  phase Failed, main: Error (exit code 1)',
        '  container main: terminated, Error, exit code 1',
        '  log not read: No answer within 5 s.',
        `  mysql-1 | ${hint}`,
      ]);
    });

    it('and where the pod is gone, by what Argo repeats of it in the Workflow', () => {
      const status = { phase: 'Failed', message: `main: Error (exit code 1): ${full}\n` };
      expect(diagnosisOf(evidence({ workflow: workflow(status) })).code).toBe('mysql-access-denied');
    });

    it('of a crash it shows the end of the log that the kubelet took', () => {
      const diagnosis = diagnosisOf(evidence({ pod: ended('one\nFATAL ERROR: heap out of memory\n', 'Error', 134) }));
      expect(diagnosis.log).toEqual(['one', 'FATAL ERROR: heap out of memory']);
      expect(diagnosis.cause).toContain('the last line of its log: FATAL ERROR: heap out of memory.');
    });

    it('the words of the kubelet about a container that never ran are no log', () => {
      const said = 'failed to create containerd task: exec: "node": executable file not found in $PATH';
      const diagnosis = diagnosisOf(evidence({ pod: ended(said, 'StartError', 128) }));
      expect(diagnosis).toMatchObject({ log: [], containers: [{ name: 'main', reason: 'StartError', message: said }] });
    });

    it('the program had a message that was too long: code and remedy are whole all the same', async () => {
      const directory = await mkdtemp(path.join(tmpdir(), 'launchpad-report-'));
      const file = path.join(directory, 'termination-log');
      const programPod = podFor(60_000, () => undefined, undefined, file);
      for (let count = 0; count < 500; count += 1) programPod.log(`line ${count} ünïcödé`);
      const long = `MySQL at db:3306: ${'"\\ü\n'.repeat(3000)}`;
      const error = new ProvisionerError('mysql-failed', long, { host: 'db:3306', hint: 'Look it up.' });
      expect(await runProvisioner(programPod, async () => await Promise.reject(error))).toBe(1);
      const message = await readFile(file, 'utf8');
      await rm(directory, { recursive: true });
      expect(Buffer.byteLength(message)).toBeLessThanOrEqual(4096);
      const found = evidence({ pod: ended(message) });
      expect(diagnosisOf(found)).toMatchObject({ code: 'mysql-failed', remedy: 'Look it up.' });
      expect(diagnosisOf(found).cause).toMatch(/^MySQL at db:3306: .*…$/s);
      expect(diagnosisOf(found).log.at(-1)).toBe('line 499 ünïcödé');
    });
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
