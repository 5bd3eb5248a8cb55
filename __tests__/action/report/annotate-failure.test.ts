import { ActionLog } from '../../../src/action/log/action-log.ts';
import { annotateFailure } from '../../../src/action/report/annotate-failure.ts';
import { refusedError } from '../../../src/cluster/api/errors.ts';
import { WorkflowFailed } from '../../../src/cluster/workflows/diagnosis.ts';
import { LaunchpadError } from '../../../src/core/errors.ts';
import { classify } from '../../../src/repository/refusals.ts';
import { DIAGNOSIS } from '../outcomes.ts';
import { captureOutput } from '../stdout.ts';

describe('the report of a failure', () => {
  const out = captureOutput();
  let log: ActionLog;
  beforeEach(() => {
    log = new ActionLog();
  });

  const annotations = () =>
    out
      .text()
      .split('\n')
      .filter((line) => line.startsWith('::error'));

  it('is one annotation that says everything, and fails the step', () => {
    annotateFailure(new LaunchpadError('x', 'MySQL failed.', { remedy: 'Check it.', cause: new Error('denied') }), log);
    expect(annotations()).toEqual([
      '::error title=Provisioning failed::MySQL failed.%0A  Cause: denied%0AWhat to do: Check it.',
    ]);
    expect(process.exitCode).toBe(1);
  });

  it('stands outside of a group that is still open', async () => {
    await log.phase('Wait', () => {
      annotateFailure(new Error('no answer'), log);
      return Promise.resolve();
    });
    expect(out.text()).toMatch(/^::group::Wait\n::endgroup::\n::debug::[^\n]*\n::error /);
  });

  it('shows each of several failures, once, in an annotation of its own', () => {
    annotateFailure(new AggregateError([new LaunchpadError('a', 'First.'), new LaunchpadError('b', 'Second.')]), log);
    expect(annotations()).toEqual([
      '::error title=Provisioning failed::First.',
      '::error title=Provisioning failed::Second.',
    ]);
    expect(out.text().match(/First\./g)?.length).toBe(1);
  });

  it('has service and cause of a workflow for a title', () => {
    annotateFailure(new AggregateError([new WorkflowFailed(DIAGNOSIS), new LaunchpadError('b', 'Second.')]), log);
    expect(annotations()).toEqual([
      '::error title=MySQL%3A connection refused::Nobody listens.%0AWhat to do: Start it.',
      '::error title=Provisioning failed::Second.',
    ]);
  });

  const refused = (status: number, message: string) =>
    refusedError({ server: 'https://c', method: 'POST', path: '/x: 404 ' }, status, JSON.stringify({ message }), null);

  it.each([
    [new LaunchpadError('access-denied', 'User x is not allowed to: …'), 'Kubernetes%3A permission denied'],
    [refused(403, 'denied'), 'Kubernetes%3A permission denied'],
    [refused(500, 'etcd: 403 '), 'Kubernetes%3A API server failed'],
    [refused(422, 'invalid'), 'Kubernetes%3A request refused'],
    [refused(403, 'exceeded quota: q'), 'Kubernetes%3A quota exceeded'],
    [refused(400, 'admission webhook "policy" denied the request'), 'Kubernetes%3A admission refused'],
    [
      classify('remote: error: GH006: Protected branch update failed', { url: 'https://g', branch: 'a b' }).error,
      'Git%3A branch a b is protected',
    ],
    [new LaunchpadError('settings-invalid', 'Invalid settings (1):'), 'Invalid settings'],
    [new LaunchpadError('cluster-unreachable', 'No answer: 403 .'), 'Kubernetes%3A API server not reachable'],
  ])('has the cause for a title: %s', (error, title) => {
    annotateFailure(error, log);
    expect(annotations()[0]).toContain(`::error title=${title}::`);
  });

  it('is one annotation for one cause in the cluster, with all services', () => {
    const held = (service: string, code: string, heading: string) =>
      new WorkflowFailed({ ...DIAGNOSIS, service, code, title: `${service}: ${heading}`, cause: `${service} waits.` });
    const services = ['MySQL', 'Storage'];
    annotateFailure(new AggregateError(services.map((one) => held(one, 'image-pull', 'image cannot be pulled'))), log);
    expect(annotations()).toEqual([
      '::error title=MySQL%2C Storage%3A image cannot be pulled::MySQL waits.%0AStorage waits.%0AWhat to do: Start it.',
    ]);
    annotateFailure(new AggregateError(services.map((one) => held(one, 'mysql-refused', 'refused'))), log);
    expect(annotations()).toHaveLength(3);
  });

  it('leaves the causes to the log where an annotation has no room for them', () => {
    const cause = new Error('x'.repeat(5_000));
    annotateFailure(new LaunchpadError('a', 'Failed.', { remedy: 'Wait.', cause }), log);
    expect(annotations()).toEqual(['::error title=Provisioning failed::Failed.%0AWhat to do: Wait.']);
    expect(out.text()).toContain(`Cause: ${'x'.repeat(5_000)}`);
  });

  it('cuts a message that no annotation can hold', () => {
    annotateFailure(new LaunchpadError('a', 'y'.repeat(5_000)), log);
    const [annotation = ''] = annotations();
    expect(annotation.split('::').at(-1)).toHaveLength(4_096);
    expect(out.text()).toContain('y'.repeat(5_000));
  });

  it('has no secret, not even in the stack', () => {
    log.maskAlways('hunter2');
    const masks = out.text();
    annotateFailure(new Error('denied for hunter2', { cause: new Error('hunter2') }), log);
    const rest = out.text().slice(masks.length);
    expect(rest).toContain('denied for ***');
    expect(rest).toContain('::debug::Error: denied for ***');
    expect(rest).not.toContain('hunter2');
  });
});
