import { stripVTControlCharacters } from 'node:util';
import {
  actionCommits,
  bucketOf,
  bucketState,
  expectProvisioned,
  readApplication,
  readConfig,
  readWorkflows,
  secretNames,
} from './outcome.ts';
import { GIT_TOKEN, openWorld } from './world.ts';

const world = await openWorld();
afterAll(() => world.stop());

/** What the lines at the ends of phases say that these came to. */
function phaseEnds(log: string): string[] {
  const lines = stripVTControlCharacters(log).split('\n');
  return lines.flatMap((line) => /^✓ (.*: .*), \d+\.\d s$/.exec(line)?.[1] ?? []);
}

describe('an instance that has only a name', () => {
  it('gets databases, bucket, commit and Application, and a second run changes nothing', async () => {
    const scenario = await world.scenario();
    const credentials = Buffer.from('robot:registry-password-1').toString('base64');
    const first = await scenario.run({ inputs: { 'docker-registry-credentials': credentials } });
    expect(first.log).not.toContain('::error');
    expect(first.code).toBe(0);
    const config = await expectProvisioned(world, scenario);
    expect(await actionCommits(world, scenario)).toEqual([`feat: add instance ${scenario.instance}`]);
    expect(first.outputs).toMatchObject({
      instance: scenario.instance,
      namespace: scenario.instance,
      application: `${scenario.instance}-production`,
      'config-path': `instances/${scenario.instance}/config.yml`,
      'commit-sha': await world.git.git(scenario.repository, 'rev-parse', 'main'),
      bucket: bucketOf(config),
      changed: 'true',
    });
    expect(JSON.parse(first.outputs.workflows ?? '')).toMatchObject({
      mysql: { phase: 'Succeeded' },
      mongodb: { phase: 'Succeeded' },
      storage: { phase: 'Succeeded' },
    });

    const page = `https://github.com/${scenario.repository}/actions/runs/4242/attempts/1`;
    const trace = { 'launchpad-provision/run-url': page, 'launchpad-provision/started-by': 'example-operator' };
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: scenario.instance } };
    const lasting = async () => [await world.cluster.read(namespace), await readApplication(world, scenario.instance)];
    const [before, workflows] = [await lasting(), await readWorkflows(world, scenario.instance)];
    for (const object of [...before, ...workflows]) expect(object?.metadata?.annotations).toMatchObject(trace);
    const body = await world.git.git(scenario.repository, 'log', '-1', '--format=%b', 'main');
    expect(body.trim()).toBe(`${page}\nStarted by example-operator`);

    const second = await scenario.run({ runId: '4243', inputs: { 'docker-registry-credentials': credentials } });
    expect(second.code).toBe(0);
    expect(second.outputs.changed).toBe('false');
    expect(phaseEnds(first.log)).toEqual([
      'Prepare the namespace and start the workflows: namespace created, 3 workflows started',
      expect.stringMatching(/^Wait for the workflows: .*created/),
      `Commit the files: pushed ${first.outputs['commit-sha']?.slice(0, 7)}`,
      'Create the Application: created',
    ]);
    expect(phaseEnds(second.log)).toEqual([
      'Prepare the namespace and start the workflows: namespace unchanged, 3 workflows started',
      'Wait for the workflows: unchanged',
      'Commit the files: no changes',
      'Create the Application: unchanged',
    ]);
    expect(second.log).toMatch(/templates of the workflows: \d+ unchanged, 1 applied \(Secret launchpad-registry\)$/m);
    expect(second.log).toMatch(new RegExp(`^Application ${scenario.instance}-production: unchanged \\(`, 'm'));
    expect(second.log).not.toMatch(/\b(?:created|updated)\b/);
    // What a run does not change keeps the trace of the run that did.
    expect((await lasting()).map((object) => object?.metadata?.annotations)).toEqual(
      before.map((object) => object?.metadata?.annotations),
    );
    const pages = (await readWorkflows(world, scenario.instance)).map(
      ({ metadata }) => metadata?.annotations?.['launchpad-provision/run-url'],
    );
    expect(pages).toContain(page.replace('4242', '4243'));
    expect(await readConfig(scenario)).toEqual(config);
    expect(await actionCommits(world, scenario)).toHaveLength(1);
    expect(await secretNames(world, scenario.instance)).toEqual([]);
  });

  it('lets its pods pull with the registry credentials, besides what they pull with already', async () => {
    const scenario = await world.scenario();
    const credentials = Buffer.from('robot:registry-password-2').toString('base64');
    expect((await scenario.run({ inputs: { 'docker-registry-credentials': credentials } })).code).toBe(0);
    const account = {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'default', namespace: scenario.instance },
    };
    await world.cluster.patch(account, { imagePullSecrets: [{ name: 'another' }] });
    expect((await scenario.run({ inputs: { 'docker-registry-credentials': credentials } })).code).toBe(0);
    const names = JSON.stringify((await world.cluster.read(account))?.imagePullSecrets);
    expect(names).toContain('another');
    expect(names).toContain('launchpad-registry');
  });

  it('is summarized with all that it has, its keys, its course and its next steps', async () => {
    const scenario = await world.scenario();
    const { instance } = scenario;
    const inputs = { 'argocd-url': 'https://argocd.example.org/', 'build-workflow': 'build.yml' };
    const first = await scenario.run({ inputs });
    const sha = first.outputs['commit-sha'] ?? '';
    const repository = `https://github.com/${scenario.repository}`;
    const application = `[${instance}-production](https://argocd.example.org/applications/argocd/${instance}-production)`;
    expect(rowsOf(first.summary)).toEqual([
      ['Namespace', instance, 'created'],
      ['MySQL database', `launchpad-${instance}-openedx`, 'created'],
      ['MySQL user', `launchpad-${instance}`, 'created'],
      ['MongoDB database', `launchpad-${instance}-openedx`, 'created'],
      ['MongoDB database', `launchpad-${instance}-forum`, 'created'],
      ['MongoDB user', `launchpad-${instance}`, 'created'],
      ['Bucket', first.outputs.bucket, bucketState(world, 'created')],
      ['Commit', `[${sha.slice(0, 7)}](${repository}/commit/${sha})`, 'created'],
      ['Application', application, 'created'],
    ]);
    expect(first.summary).toContain(`1. Start [the build workflow](${repository}/actions/workflows/build.yml)`);
    expect(first.summary).toMatch(/the run set .*`MYSQL_PASSWORD`.*`S3_STORAGE_BUCKET`/);
    expect(first.summary.match(/ s\) :done, \d+, \d+$/gm)).toHaveLength(11);

    const second = await scenario.run({ inputs });
    const states = new Set(rowsOf(second.summary).map(([, , state]) => state));
    expect(states).toEqual(new Set(['unchanged', bucketState(world, 'unchanged')]));
    expect(second.summary).toContain('was complete.');
    expect(second.log).not.toContain('Picks up');
  });

  it('leaves no secret in the log, the workflows, the commit message, or a request that is not for a Secret', async () => {
    const scenario = await world.scenario();
    const before = world.proxy.requests.length;
    const result = await scenario.run({ settings: { RUNNER_DEBUG: '1' } });
    expect(result.code).toBe(0);
    expect(result.log).toMatch(/^::debug::PATCH \/api\/v1\/namespaces\/\S+ 201 \d+ ms$/m);
    expect(result.log).toMatch(/^::debug::git push .*: exit code 0, \d+ ms$/m);
    const config = await readConfig(scenario);
    const secrets = [
      world.settings.LAUNCHPAD_MYSQL_ADMIN_PASSWORD,
      world.settings.LAUNCHPAD_MONGODB_ADMIN_PASSWORD,
      world.settings.LAUNCHPAD_STORAGE_SECRET_ACCESS_KEY,
      config.MYSQL_PASSWORD,
      config.MONGODB_PASSWORD,
      GIT_TOKEN,
    ].flatMap((secret) => [secret ?? '', Buffer.from(secret ?? '').toString('base64')]);
    const requests = world.proxy.requests.slice(before).filter(({ path }) => !/\/secrets(\/|$)/.test(path));
    const places = {
      log: result.log.replaceAll(/^::add-mask::.*$/gm, ''),
      summary: result.summary,
      workflows: JSON.stringify(await readWorkflows(world, scenario.instance)),
      message: await world.git.git(scenario.repository, 'log', '--format=%B', 'main'),
      requests: JSON.stringify(requests),
    };
    for (const [place, text] of Object.entries(places)) {
      const found = secrets.filter((secret) => text.includes(secret));
      expect({ place, found: found.length }).toEqual({ place, found: 0 });
    }
  });
});

/** Cells of the summary's table of resources, without the signs of code. */
function rowsOf(summary: string): string[][] {
  const [, rows = ''] = /^\| Resource \|.*\n\| --- .*\n((?:\|.*\n)*)/m.exec(summary) ?? [];
  return rows
    .trimEnd()
    .split('\n')
    .map((row) => row.slice(2, -2).replaceAll('`', '').split(' | '));
}
