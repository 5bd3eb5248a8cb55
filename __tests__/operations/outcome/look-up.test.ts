import { EMPTY_RECORD, type RunRecord, withUpdate } from '../../../src/core/run-record.ts';
import { RunRecorder } from '../../../src/core/run-recorder.ts';
import { lookUpEffects } from '../../../src/operations/outcome/look-up.ts';
import { type Given, givenCluster } from '../../cluster/workflows/given.ts';

let given: Given;
beforeEach(async () => {
  given = await givenCluster();
});
afterEach(async () => await given.stop());

const LOST = { effects: { namespace: 'unknown', application: 'unknown' } } as const;
const PRESENT = {
  resources: [
    { kind: 'Application', name: 'school-production', state: 'unchanged' },
    { kind: 'Namespace', name: 'school', state: 'unchanged' },
  ],
} as const;

function recorderOf(record: RunRecord): RunRecorder {
  const nothing = () => undefined;
  const log = { info: nothing, warning: nothing, debug: nothing, secret: nothing };
  return new RunRecorder({ ...log, phase: async (_, work) => await work() }, undefined, record);
}

async function application(finalizers: readonly string[] = []): Promise<void> {
  await given.cluster.create({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: {
      name: 'school-production',
      namespace: 'argocd',
      labels: { 'launchpad-provision/instance': 'school' },
      finalizers,
    },
  });
}

async function argocd(): Promise<void> {
  await given.cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'argocd' } });
}

describe('what became of requests whose answers were lost', () => {
  it('is looked up: the namespace was created, and no Application', async () => {
    const recorder = recorderOf(withUpdate(EMPTY_RECORD, LOST));
    await lookUpEffects(given.cluster, 'school', recorder);
    expect(recorder.recorded.effects).toMatchObject({ namespace: 'yes', application: 'no' });
    expect(recorder.recorded.resources).toEqual([{ kind: 'Namespace', name: 'school', state: 'present' }]);
  });

  it('is looked up: the Application was applied', async () => {
    await argocd();
    await application();
    const recorder = recorderOf(withUpdate(EMPTY_RECORD, { effects: { application: 'unknown' } }));
    await lookUpEffects(given.cluster, 'school', recorder);
    expect(recorder.recorded.effects.application).toBe('yes');
    expect(recorder.recorded.resources).toEqual([{ kind: 'Application', name: 'school-production', state: 'present' }]);
  });

  it('is looked up: what was to be deleted is gone, or is being deleted', async () => {
    await argocd();
    await application(['held.example.org/by']);
    const ref = {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: { name: 'school-production', namespace: 'argocd' },
    };
    await given.cluster.delete(ref);
    const recorder = recorderOf(withUpdate({ ...EMPTY_RECORD, operation: 'deprovision' }, { ...LOST, ...PRESENT }));
    await lookUpEffects(given.cluster, 'school', recorder);
    expect(recorder.recorded.resources).toEqual([
      { kind: 'Application', name: 'school-production', state: 'deleting' },
      { kind: 'Namespace', name: 'school', state: 'present' },
    ]);
    await given.cluster.patch(ref, { metadata: { finalizers: null } });
    recorder.record(LOST);
    await lookUpEffects(given.cluster, 'school', recorder);
    expect(recorder.recorded.resources[0]?.state).toBe('deleted');
    expect(recorder.recorded.effects).toMatchObject({ application: 'yes', namespace: 'no' });
  });

  it('stays unknown where the cluster does not answer, without an error and in a limited time', async () => {
    given.proxy.add({ method: 'GET', path: /./, fault: { kind: 'drop', when: 'before' } });
    const recorder = recorderOf(withUpdate(EMPTY_RECORD, LOST));
    await lookUpEffects(given.cluster, 'school', recorder, 200);
    expect(recorder.recorded.effects).toMatchObject(LOST.effects);
  });

  it('is not asked about where every answer came', async () => {
    const recorder = recorderOf(EMPTY_RECORD);
    const before = given.proxy.requests.length;
    await lookUpEffects(given.cluster, 'school', recorder);
    expect(given.proxy.requests).toHaveLength(before);
    expect(recorder.recorded).toEqual(EMPTY_RECORD);
  });
});
