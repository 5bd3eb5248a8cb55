import path from 'node:path';
import type { DeprovisionReport } from '../../src/core/report.ts';
import { RunRecorder } from '../../src/core/run-recorder.ts';
import { readRequest } from '../../src/inputs/request.ts';
import { loadAssets } from '../../src/operations/assets.ts';
import { deprovision } from '../../src/operations/deprovision.ts';
import { openSession } from '../../src/operations/session.ts';
import { given } from '../action/given.ts';
import { dataOf, expectRemoved, fill, recordsOf, WHOLE } from './deprovisioned.ts';
import { bucketOf, readConfig } from './outcome.ts';
import { openWorld, type Scenario } from './world.ts';

const world = await openWorld();
afterAll(() => world.stop());

const root = path.join(import.meta.dirname, '..', '..');
const quiet = {
  phase: async <T>(_: string, work: () => Promise<T>) => await work(),
  info: () => undefined,
  warning: () => undefined,
  debug: () => undefined,
  secret: () => undefined,
};

/** Takes down what pull request 7 added, as the step of a workflow for a closed one does. */
async function takeDownPullRequest({ instance, repository, checkout }: Scenario): Promise<DeprovisionReport> {
  const { directory } = await checkout();
  const inputSource = given({
    inputs: { instance, kubeconfig: world.proxy.kubeconfig, 'cluster-domain': 'example.org' },
    variables: { ...world.settings, PATH: process.env.PATH ?? '' },
  });
  const request = readRequest(inputSource, {
    source: { branch: 'topic', ref: 'refs/pull/7/head', base: 'main' },
    workspace: directory,
    hosted: {
      serverUrl: 'https://github.com',
      host: 'github.com',
      owner: 'example-org',
      name: path.basename(repository),
    },
    run: { id: `test-${Math.random().toString(36).slice(2, 8)}`, url: undefined },
  });
  const recorder = new RunRecorder(quiet);
  const { signal } = new AbortController();
  const session = await openSession(request, recorder, signal);
  try {
    const assets = await loadAssets(path.join(root, 'build', 'main'));
    return await deprovision({ ...request, instance, isPreview: true, lane: 0, assets }, session, recorder, signal);
  } finally {
    await session.cluster.close();
  }
}

/** An instance that a pull request added, and provisioned on its branch. */
async function addedByPullRequest() {
  const scenario = await world.scenario();
  const { instance, repository } = scenario;
  await world.git.git(repository, 'branch', 'topic', 'main');
  const provisioned = await scenario.run({ ref: 'refs/heads/topic' });
  expect(provisioned.log).not.toContain('::error');
  expect(provisioned.code).toBe(0);
  await world.git.git(repository, 'update-ref', 'refs/pull/7/head', 'topic');
  const text = (await world.git.read(repository, `instances/${instance}/config.yml`, 'topic'))?.toString('utf8') ?? '';
  const config = await readConfig({ ...scenario, config: async () => text });
  await fill(world, config);
  return { scenario, config };
}

describe('what a closed pull request added', () => {
  it('is deprovisioned by the config.yml of its ref, also when its branch is deleted, and nothing is pushed', async () => {
    const { scenario, config } = await addedByPullRequest();
    const { repository } = scenario;
    await world.git.git(repository, 'branch', '-D', 'topic');
    const refs = await world.git.git(repository, 'for-each-ref');
    const report = await takeDownPullRequest(scenario);
    expect(report).toMatchObject({ changed: true, commitSha: '', bucket: bucketOf(config) });
    expect(await world.git.git(repository, 'for-each-ref')).toBe(refs);
    await expectRemoved(world, scenario, config);
    expect(await takeDownPullRequest(scenario)).toMatchObject({ changed: false });
    await expectRemoved(world, scenario, config);
  }, 300_000);

  it('is left alone where its Application has come to follow another branch', async () => {
    const { scenario, config } = await addedByPullRequest();
    const { instance } = scenario;
    const application = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application' };
    const ref = { ...application, metadata: { name: `${instance}-production`, namespace: 'argocd' } };
    await world.cluster.patch(ref, { spec: { source: { targetRevision: 'another-topic' } } });
    await expect(takeDownPullRequest(scenario)).rejects.toMatchObject({
      code: 'sandbox-taken',
      message: expect.stringContaining('follows another-topic of'),
    });
    expect(await dataOf(world, config)).toEqual(WHOLE(config));
    await world.cluster.patch(ref, { spec: { source: { targetRevision: 'topic' } } });
    expect(await takeDownPullRequest(scenario)).toMatchObject({ changed: true });
  }, 300_000);

  it('is left alone where the base branch has the instance', async () => {
    const { scenario, config } = await addedByPullRequest();
    const { instance, repository } = scenario;
    await world.git.commit(repository, { [`instances/${instance}/config.yml`]: 'LMS_HOST: "a.example.org"\n' });
    await expect(takeDownPullRequest(scenario)).rejects.toMatchObject({ code: 'deprovision-refused' });
    expect(await dataOf(world, config)).toEqual(WHOLE(config));
    expect(await recordsOf(world, scenario)).toEqual(
      expect.arrayContaining(['Application', 'Namespace', `instances/${instance}/config.yml`]),
    );
  }, 300_000);
});
