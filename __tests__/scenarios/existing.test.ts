import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { operatorConfig } from './operator-config.ts';
import { actionCommits, expectProvisioned, readApplication } from './outcome.ts';
import { openWorld, repositoryOf } from './world.ts';

const world = await openWorld();
afterAll(() => world.stop());

describe("an operator's own config.yml", () => {
  it('gets the keys that it lacks at its end, and not another byte changes', async () => {
    const name = `s-own-${Date.now().toString(36)}`;
    const config = await operatorConfig(world, name);
    const scenario = await world.scenario({ [`instances/${name}/config.yml`]: config }, name);
    const result = await scenario.run();
    expect(result.log).not.toContain('::error');
    expect(result.code).toBe(0);
    const after = await scenario.config();
    expect(after.startsWith(config)).toBe(true);
    expect(after.slice(config.length)).toMatch(/^\nMONGODB_PASSWORD: "[A-Za-z][\w-]{31}"\n$/);
    await expectProvisioned(world, scenario);
    expect(await actionCommits(world, scenario)).toEqual([`feat: add instance ${name}`]);
  });

  it('whose drydock would run the jobs of the databases gets a warning, in the summary too, and stays as it is', async () => {
    const name = `s-jobs-${Date.now().toString(36)}`;
    const others = (await operatorConfig(world, name)).replace(/^DRYDOCK_INIT_JOBS_EXCLUDED:.*\n(?:[ -].*\n)*/m, '');
    const config = `${others}\nDRYDOCK_INIT_JOBS: true\n`;
    const scenario = await world.scenario({ [`instances/${name}/config.yml`]: config }, name);
    const result = await scenario.run();
    expect(result.code).toBe(0);
    const what = 'Set DRYDOCK_INIT_JOBS_EXCLUDED: ["mysql-job","mongodb-job"] and run the build workflow.';
    expect(result.log).toMatch(/^::warning::.*DRYDOCK_INIT_JOBS_EXCLUDED lacks mysql-job and mongodb-job/m);
    expect(result.log).toContain(what);
    expect(result.summary).toMatch(/^⚠️ instances.*INIT&#95;JOBS&#95;EXCLUDED lacks mysql-job and mongodb-job/m);
    expect((await scenario.config()).startsWith(config)).toBe(true);
  });

  it('keeps its CRLF line ends', async () => {
    const name = `s-crlf-${Date.now().toString(36)}`;
    const config = (await operatorConfig(world, name)).replaceAll('\n', '\r\n');
    const scenario = await world.scenario({ [`instances/${name}/config.yml`]: config }, name);
    expect((await scenario.run()).code).toBe(0);
    const after = await scenario.config();
    expect(after.startsWith(config)).toBe(true);
    expect(after.slice(config.length)).toMatch(/^\r\nMONGODB_PASSWORD: "[A-Za-z][\w-]{31}"\r\n$/);
  });

  it('whose own Application is respected: what it chooses stays', async () => {
    const name = `s-app-${Date.now().toString(36)}`;
    const application = `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: ${name}-production, namespace: argocd}
spec:
  project: default
  source: {repoURL: "https://github.com/${repositoryOf(name)}", path: instances/${name}/env, targetRevision: main}
  destination: {server: "https://kubernetes.default.svc", namespace: ${name}}
  syncPolicy: {syncOptions: [PruneLast=true]}
`;
    const scenario = await world.scenario({ [`instances/${name}/application.yml`]: application }, name);
    expect((await scenario.run()).code).toBe(0);
    const stored = await world.git.read(scenario.repository, `instances/${name}/application.yml`);
    expect(stored?.toString('utf8')).toBe(application);
    expect((await readApplication(world, name))?.spec).toMatchObject({
      syncPolicy: { syncOptions: ['PruneLast=true'] },
    });
  });

  it('that is a copy of another instance is refused before anything is touched', async () => {
    const name = `s-copy-${Date.now().toString(36)}`;
    const files = {
      [`instances/${name}/config.yml`]: await operatorConfig(world, 'riverside'),
      'instances/riverside/config.yml': await operatorConfig(world, 'riverside'),
    };
    const scenario = await world.scenario(files, name);
    const result = await scenario.run();
    expect(result.code).toBe(1);
    expect(result.log).toMatch(/^::error .*K8S_NAMESPACE is "riverside".*belongs to instance riverside/m);
    expect(await world.cluster.read({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })).toBeUndefined();
  });
});

describe('a namespace', () => {
  it('that is there and not ours is refused, unless the repository has the instance', async () => {
    const scenario = await world.scenario();
    const namespace = {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: scenario.instance, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
    };
    await world.cluster.create(namespace);
    const refused = await scenario.run();
    expect(refused.code).toBe(1);
    expect(refused.log).toMatch(/^::error .*Namespace \S+ exists, was not created by this action/m);
    await world.git.commit(scenario.repository, {
      [`instances/${scenario.instance}/config.yml`]: 'LMS_HOST: "a.example.org"\n',
    });
    const accepted = await scenario.run();
    expect(accepted.log).not.toContain('::error');
    expect(accepted.code).toBe(0);
    await expectProvisioned(world, scenario);
  });
});

describe('a checkout', () => {
  it('with an uncommitted change to config.yml is refused', async () => {
    const scenario = await world.scenario();
    const checkout = await scenario.checkout();
    const { mkdir, writeFile } = await import('node:fs/promises');
    const directory = path.join(checkout.directory, 'instances', scenario.instance);
    await mkdir(directory, { recursive: true });
    await writeFile(path.join(directory, 'config.yml'), 'LMS_HOST: "x"\n');
    const result = await scenario.run({ checkout });
    expect(result.code).toBe(1);
    expect(result.log).toMatch(/^::error .*config.yml changed in the checkout without a commit/m);
  });

  it('is left with the two files as they were pushed, and may be used again in the same job', async () => {
    const scenario = await world.scenario();
    const checkout = await scenario.checkout();
    expect((await scenario.run({ checkout })).code).toBe(0);
    const file = path.join(checkout.directory, 'instances', scenario.instance, 'config.yml');
    expect(await readFile(file, 'utf8')).toBe(await scenario.config());
    const again = await scenario.run({ checkout });
    expect(again.code).toBe(0);
    expect(again.outputs.changed).toBe('false');
  });

  it('of a tag has no branch to push to', async () => {
    const scenario = await world.scenario();
    const result = await scenario.run({ ref: 'refs/tags/v1' });
    expect(result.code).toBe(1);
    expect(result.log).toMatch(/^::error .*refs\/tags\/v1.*no branch to push to/m);
  });
});
