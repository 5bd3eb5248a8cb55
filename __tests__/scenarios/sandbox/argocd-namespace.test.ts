import { readConfig } from '../outcome.ts';
import { openWorld } from '../world.ts';

const world = await openWorld();
afterAll(() => world.stop());

const applicationIn = async (namespace: string, instance: string) =>
  await world.cluster.read({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: `${instance}-production`, namespace },
  });

it('an Argo CD in another namespace gets the Application there, and nothing is asked of the usual one', async () => {
  await world.cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'gitops' } });
  const scenario = await world.scenario();
  const { instance } = scenario;
  const first = world.proxy.requests.length;
  const inputs = { 'argocd-namespace': 'gitops' };
  const result = await scenario.run({ inputs });
  expect(result.log).not.toContain('::error');
  expect(result.code).toBe(0);
  expect((await applicationIn('gitops', instance))?.metadata?.namespace).toBe('gitops');
  const file = await world.git.read(scenario.repository, `instances/${instance}/application.yml`);
  expect(file?.toString()).toContain('namespace: "gitops"');
  expect(result.summary).toContain(`kubectl get application -n gitops ${instance}-production`);
  expect(await readConfig(scenario)).toHaveProperty('MYSQL_DATABASE');

  const planned = await scenario.run({ inputs: { ...inputs, 'dry-run': 'true' } });
  expect(planned.outputs.changed).toBe('false');
  const sent = world.proxy.requests.slice(first);
  expect(sent.filter(({ path }) => path.includes('/namespaces/argocd/'))).toEqual([]);
  const templates = sent.filter(({ path, method }) => method === 'PATCH' && path.includes('/workflowtemplates/'));
  expect(templates.map(({ body }) => body).join()).toContain('"namespace":"gitops"');
  expect(templates.map(({ body }) => body).join()).not.toContain('"namespace":"argocd"');

  const elsewhere = await scenario.run();
  expect(elsewhere.code).toBe(1);
  expect(elsewhere.log).toContain('metadata.namespace is "gitops", not "argocd"');
}, 120_000);
