import { randomBytes } from 'node:crypto';
import { load } from 'js-yaml';
import type { StepResult } from '../../sandbox/github-runner.ts';
import { type Config, eventually, mysqlAs, mysqlDatabases, readApplication, readConfig } from './outcome.ts';
import { API_TOKEN, type Github, type OpenedPullRequest, startGithubFor } from './pull-requests.ts';
import { openWorld, type Scenario } from './world.ts';

const world = await openWorld();
const github: Github = await startGithubFor(world);
afterAll(async () => {
  await github.stop();
  await world.stop();
});

const CONFIG = (name: string) => `instances/${name}/config.yml`;
const APPLICATION = (name: string) => `instances/${name}/application.yml`;

/** Names of new instances; what becomes of them is removed in the end. */
async function newNames(count: number): Promise<string[]> {
  const names = Array.from({ length: count }, () => `p-${randomBytes(4).toString('hex')}`).sort();
  for (const name of names) await world.scenario({}, name);
  return names;
}

async function configAt({ repository }: Scenario, name: string, branch: string): Promise<Config> {
  const value: unknown = load((await world.git.read(repository, CONFIG(name), branch))?.toString('utf8') ?? '{}');
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([key, text]) => [key, String(text)]));
}

const revisionOf = async (name: string) => {
  const spec = (await readApplication(world, name))?.spec;
  return JSON.stringify(spec).match(/"targetRevision":"([^"]*)"/)?.[1];
};

const namespaceOf = async (name: string) =>
  await world.cluster.read({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });

const commentOf = (pullRequest: OpenedPullRequest) => pullRequest.comments().map(({ body }) => body);

const logsIn = async (config: Config) =>
  await mysqlAs(config).then(
    async (connection) => {
      await connection.end();
      return true;
    },
    () => false,
  );

function expectNoSecrets(result: StepResult, pullRequest: OpenedPullRequest, configs: readonly Config[]): void {
  const ofConfigs = configs.flatMap((config) => [config.MYSQL_PASSWORD, config.MONGODB_PASSWORD]);
  const ofSettings = Object.entries(world.settings).filter(([name]) => /PASSWORD|SECRET/.test(name));
  const secrets = [API_TOKEN, ...ofConfigs, ...ofSettings.map(([, value]) => value)];
  // These lines mask secrets in the runner's log.
  const log = result.log.replace(/^::add-mask::.*$/gm, '');
  for (const secret of secrets) {
    expect(secret).not.toBe('');
    for (const text of [log, result.summary, ...commentOf(pullRequest)]) expect(text).not.toContain(secret);
  }
}

describe('a pull request that adds two instances and changes one that is in use', () => {
  it('provisions what it adds, plans what it changes, and is applied after the merge', async () => {
    const live = await world.scenario();
    expect((await live.run()).code).toBe(0);
    const before = await readConfig(live);
    const [a = '', b = ''] = await newNames(2);
    const changed = (await live.config()).replace(/^MYSQL_PASSWORD: .*$/m, 'MYSQL_PASSWORD: "another-password-3f"');
    const pullRequest = await github.open(live, {
      [CONFIG(a)]: '# A school\nPLATFORM_NAME: "A"\n',
      [CONFIG(b)]: 'PLATFORM_NAME: "B"\n',
      [CONFIG(live.instance)]: changed,
      'docs/other.md': 'nothing of ours\n',
    });
    const main = await world.git.git(live.repository, 'rev-parse', 'main');
    const authors = await pullRequest.head();

    const opened = await pullRequest.run({ action: 'opened' });
    expect(opened.log).not.toContain('::error');
    expect(opened.code).toBe(0);
    const configs = [await configAt(live, a, 'add-schools'), await configAt(live, b, 'add-schools')];
    for (const config of configs) expect(await mysqlDatabases(config)).toEqual([config.MYSQL_DATABASE]);
    expect([await revisionOf(a), await revisionOf(b)]).toEqual(['add-schools', 'add-schools']);
    // The files are written for the branch that they are merged into.
    const written = (await world.git.read(live.repository, APPLICATION(a), 'add-schools'))?.toString();
    expect(written).toMatch(/targetRevision: "?main"?$/m);
    expect((await world.git.read(live.repository, CONFIG(a), 'add-schools'))?.toString()).toMatch(/^# A school\n/);
    // On top of the author's commit, and not of the merge commit that was checked out.
    expect(
      (await world.git.git(live.repository, 'rev-list', '--parents', 'main..add-schools')).split('\n'),
    ).toHaveLength(3);
    expect(await world.git.git(live.repository, 'merge-base', authors, 'add-schools')).toBe(authors);
    expect(await world.git.git(live.repository, 'rev-parse', 'main')).toBe(main);
    // What is in use is as it was.
    expect(await logsIn(before)).toBe(true);
    expect(await logsIn({ ...before, MYSQL_PASSWORD: 'another-password-3f' })).toBe(false);
    expect(await revisionOf(live.instance)).toBe('main');
    const [comment = '', ...others] = commentOf(pullRequest);
    expect(others).toEqual([]);
    for (const name of [a, b])
      expect(comment).toMatch(new RegExp(`^\\| \`${name}\` \\| 🚀 provisioned as a preview`, 'm'));
    expect(comment).toMatch(
      new RegExp(`^\\| \`${live.instance}\` \\| 🔍 planned: applied on main after the merge`, 'm'),
    );
    expect(comment).toContain(`https://github.com/${live.repository}/actions/runs/4242/attempts/1`);
    expectNoSecrets(opened, pullRequest, [before, ...configs]);

    const head = await pullRequest.head();
    const again = await pullRequest.run({ action: 'synchronize' });
    expect(again.log).not.toContain('::error');
    expect(again.code).toBe(0);
    expect(await pullRequest.head()).toBe(head);
    expect(again.log).toContain(`No file changes: branch add-schools is up to date at ${head.slice(0, 7)}`);
    expect(commentOf(pullRequest)).toHaveLength(1);

    const merged = await pullRequest.mergeAndRun();
    expect(merged.log).not.toContain('::error');
    expect(merged.code).toBe(0);
    expect([await revisionOf(a), await revisionOf(b), await revisionOf(live.instance)]).toEqual([
      'main',
      'main',
      'main',
    ]);
    expect(await logsIn({ ...before, MYSQL_PASSWORD: 'another-password-3f' })).toBe(true);
    expect(await configAt(live, a, 'main')).toEqual(configs[0]);
    // The event of the pull request itself has nothing to do, and its comment names the next step.
    const closed = await pullRequest.run({ action: 'closed', merged: true });
    expect(closed.code).toBe(0);
    expect(closed.outputs.results).toBe('{}');
    expect(commentOf(pullRequest)).toEqual([expect.stringContaining('is applied by the run on main')]);
    const subjects = await world.git.log(live.repository);
    expect(subjects.filter((subject) => subject === `feat: add instance ${a}`)).toHaveLength(1);
    expect(subjects[0]).toMatch(/^Merge /);
    // Nine runs of instances.
  }, 240_000);
});

describe('a pull request', () => {
  it('of a fork is refused before anything, and pull_request_target of one with the reason', async () => {
    const scenario = await world.scenario();
    const pullRequest = await github.open(scenario, { [CONFIG(scenario.instance)]: 'A: "b"\n' });
    const settings = { LAUNCHPAD_MYSQL_HOST: '', LAUNCHPAD_MYSQL_ADMIN_PASSWORD: '' };
    const fork = await pullRequest.run({ action: 'opened', from: 'somebody/cluster', settings });
    expect(fork.code).toBe(1);
    expect(fork.log.match(/^::error .*$/gm)).toEqual([
      expect.stringMatching(
        /comes from the fork somebody\/cluster: GitHub gives it no secrets.*What to do: Push the branch/,
      ),
    ]);
    expect(fork.log).not.toContain('LAUNCHPAD_MYSQL_HOST');
    const target = await pullRequest.run({ action: 'opened', from: null, event: 'pull_request_target' });
    expect(target.code).toBe(1);
    expect(target.log).toMatch(
      /^::error .*comes from a fork that is gone, and the event is pull_request_target: this job has the/m,
    );
    expect(commentOf(pullRequest)).toEqual([]);
    expect(await namespaceOf(scenario.instance)).toBeUndefined();
  });

  it('of the repository itself is provisioned on pull_request_target, too', async () => {
    const scenario = await world.scenario();
    const pullRequest = await github.open(scenario, { [CONFIG(scenario.instance)]: 'A: "b"\n' });
    const result = await pullRequest.run({ action: 'opened', event: 'pull_request_target' });
    expect(result.log).not.toContain('::error');
    expect(result.code).toBe(0);
    expect(await revisionOf(scenario.instance)).toBe('add-schools');
  });

  it('is recommended an AppProject for previews in its summary, unless it is put into one', async () => {
    const scenario = await world.scenario();
    const pullRequest = await github.open(scenario, { [CONFIG(scenario.instance)]: 'A: "b"\n' });
    const projectOf = async () => (await readApplication(world, scenario.instance))?.spec;
    const recommended = 'Set `preview-project` to an AppProject for previews';
    const open = await pullRequest.run({ action: 'opened' });
    expect(open.code).toBe(0);
    expect(open.summary).toContain(recommended);
    expect(await projectOf()).toMatchObject({ project: 'default' });
    const fenced = await pullRequest.run({ action: 'synchronize', inputs: { 'preview-project': 'previews' } });
    expect(fenced.code).toBe(0);
    expect(fenced.summary).toContain('### Next steps');
    expect(fenced.summary).not.toContain('preview-project');
    expect(await projectOf()).toMatchObject({ project: 'previews' });
    const merged = await pullRequest.mergeAndRun({ 'preview-project': 'previews' });
    expect(merged.code).toBe(0);
    expect(merged.summary).not.toContain('preview-project');
    expect(await projectOf()).toMatchObject({ project: 'default' });
  }, 180_000);

  it('may use only names that start with its own, and each instance fails alone, with cause and remedy in the comment', async () => {
    const scenario = await world.scenario();
    const [other = ''] = await newNames(1);
    const taken = 'MYSQL_DATABASE: "payroll"\nMYSQL_USERNAME: "clerk"\nSTORAGE_BUCKET_NAME: "payroll"\n';
    const pullRequest = await github.open(scenario, {
      [CONFIG(scenario.instance)]: taken,
      [CONFIG(other)]: 'A: "b"\n',
    });
    const result = await pullRequest.run({ action: 'opened' });
    expect(result.code).toBe(1);
    expect(result.log).toMatch(
      /is refused:.*MySQL database payroll is not.*MySQL user clerk is not.*bucket payroll is not/,
    );
    expect(await namespaceOf(scenario.instance)).toBeUndefined();
    expect(await revisionOf(other)).toBe('add-schools');
    const [comment = ''] = commentOf(pullRequest);
    expect(comment).toMatch(new RegExp(`^\\| \`${scenario.instance}\` \\| ❌ failed`, 'm'));
    expect(comment).toMatch(new RegExp(`^\\| \`${other}\` \\| 🚀 provisioned`, 'm'));
    expect(comment).toContain(`Name databases, users and the bucket launchpad-${scenario.instance}`);

    await pullRequest.commit({ [CONFIG(scenario.instance)]: 'A: "b"\n' });
    const repaired = await pullRequest.run({ action: 'synchronize' });
    expect(repaired.code).toBe(0);
    expect(commentOf(pullRequest)).toEqual([expect.not.stringContaining('❌')]);
  });

  it('cannot lift a guard by what it makes of the files of others', async () => {
    const [added = ''] = await newNames(1);
    const files = { [CONFIG('live')]: `MYSQL_DATABASE: "launchpad-${added}-openedx"\n` };
    const scenario = await world.scenario(files, added);
    const pullRequest = await github.open(scenario, {
      [CONFIG('live')]: 'MYSQL_DATABASE: "another"\n',
      [CONFIG(added)]: 'A: "b"\n',
    });
    const result = await pullRequest.run({ action: 'opened', inputs: { instance: added } });
    expect(result.code).toBe(1);
    expect(result.log).toMatch(/^::error .*the MySQL database launchpad-p-\w+-openedx belongs to instance live/m);
    expect(await namespaceOf(added)).toBeUndefined();
  });

  it('cannot take over what is in the cluster from another branch, though its base does not have it', async () => {
    const scenario = await world.scenario();
    expect((await scenario.run()).code).toBe(0);
    const config = await scenario.config();
    const elsewhere = await world.scenario({}, scenario.instance);
    const pullRequest = await github.open(elsewhere, { [CONFIG(scenario.instance)]: config });
    const result = await pullRequest.run({ action: 'opened' });
    expect(result.code).toBe(1);
    expect(result.log).toMatch(/^::error .*its Application follows main of .*A pull request must not change it/m);
    expect(await revisionOf(scenario.instance)).toBe('main');
  });

  it('is warned of an application.yml that would still follow its branch', async () => {
    const [first = ''] = await newNames(1);
    const scenario = await world.scenario();
    const other = await github.open(scenario, { [CONFIG(first)]: 'A: "b"\n' });
    expect((await other.run({ action: 'opened', inputs: { 'dry-run': 'true' } })).code).toBe(0);
    expect(await namespaceOf(first)).toBeUndefined();
    const made = applicationFile(first, scenario.repository);
    await other.commit({ [APPLICATION(first)]: made });
    const result = await other.run({ action: 'synchronize', inputs: { 'dry-run': 'true' } });
    expect(result.log).toMatch(
      /^::warning::application.yml has spec.source.targetRevision add-schools.*Set it to main/m,
    );
    expect(result.code).toBe(0);
    expect(commentOf(other)).toEqual([expect.stringContaining('🔍 planned (dry run)')]);
  });

  it('says in its comment what is wrong with the settings, and a comment that is refused is a warning', async () => {
    const scenario = await world.scenario();
    const pullRequest = await github.open(scenario, { [CONFIG(scenario.instance)]: 'A: "b"\n' });
    const settings = { LAUNCHPAD_MYSQL_ADMIN_PASSWORD: '' };
    expect((await pullRequest.run({ action: 'opened', settings })).code).toBe(1);
    expect(commentOf(pullRequest)).toEqual([expect.stringContaining('LAUNCHPAD&#95;MYSQL&#95;ADMIN&#95;PASSWORD')]);

    github.api.denied.add('comment');
    const result = await pullRequest.run({ action: 'opened', inputs: { 'dry-run': 'true' } });
    github.api.denied.clear();
    expect(result.code).toBe(0);
    expect(result.log).toMatch(
      /^::warning::The comment on pull request #\d+ was not written: .*Resource not accessible/m,
    );
  });
});

describe('a run for a pull request that is killed', () => {
  it('has its comment say so, and the next one say what came of it', async () => {
    const scenario = await world.scenario();
    const pullRequest = await github.open(scenario, { [CONFIG(scenario.instance)]: 'A: "b"\n' });
    const running = await pullRequest.start({ action: 'opened' });
    await eventually(() => running.log().includes('started (storage)'));
    running.signal('SIGKILL');
    expect((await running.done).code).toBeNull();
    expect(commentOf(pullRequest)).toEqual([expect.stringContaining('The job was stopped')]);
    expect((await pullRequest.run({ action: 'synchronize' })).code).toBe(0);
    expect(commentOf(pullRequest)).toEqual([expect.stringContaining('🚀 provisioned as a preview')]);
  });
});

describe('a pull request with nothing to do', () => {
  it.each<[string, { action: 'opened' | 'closed'; merged?: boolean }, string]>([
    ['that changes no instance', { action: 'opened' }, 'adds or changes no config.yml'],
    ['that was closed', { action: 'closed' }, 'was closed without having been merged: nothing is provisioned'],
    ['that was merged', { action: 'closed', merged: true }, 'is applied by the run on main'],
  ])('%s is green, with a notice and without a comment', async (_, event, told) => {
    const scenario = await world.scenario();
    const pullRequest = await github.open(scenario, { 'docs/a.md': 'a\n' });
    // Not even the cluster is asked.
    const result = await pullRequest.run({ ...event, inputs: { kubeconfig: 'apiVersion: v1' } });
    expect(result.code).toBe(0);
    expect(result.log).toMatch(new RegExp(`^::notice::.*${told}`, 'm'));
    expect(result.outputs).toEqual({ results: '{}' });
    expect(commentOf(pullRequest)).toEqual([]);
  });

  it('is not deprovisioned while it is open, or after it was merged', async () => {
    const scenario = await world.scenario();
    const pullRequest = await github.open(scenario, { [CONFIG(scenario.instance)]: 'A: "b"\n' });
    const inputs = { operation: 'deprovision' };
    for (const event of [{ action: 'opened' }, { action: 'closed', merged: true }] as const) {
      const result = await pullRequest.run({ ...event, inputs });
      expect(result.code).toBe(1);
      expect(result.log).toMatch(/^::error .*removes only what a pull request added that was closed without/m);
    }
  });
});

describe('a push', () => {
  it('that changes no instance is green, and a new branch asks for the input', async () => {
    const scenario = await world.scenario();
    const [before = '', after = ''] = [await headOf(scenario), await moved(scenario)];
    const run = async (range: object) =>
      await scenario.run({ event: 'push', payload: range, inputs: { instance: '', kubeconfig: 'apiVersion: v1' } });
    const idle = await run({ before, after });
    expect(idle.code).toBe(0);
    expect(idle.log).toMatch(/^::notice::The push adds or changes no config.yml/m);
    for (const unknown of ['0'.repeat(40), '1234567890'.repeat(4)]) {
      const refused = await run({ before: unknown, after });
      expect(refused.code).toBe(1);
      expect(refused.log).toMatch(/^::error .*is therefore not known.*Name the instances by input instance/m);
    }
  });
});

const headOf = async ({ repository }: Scenario) => await world.git.git(repository, 'rev-parse', 'main');

async function moved(scenario: Scenario): Promise<string> {
  await world.git.commit(scenario.repository, { 'docs/a.md': 'a\n' });
  return await headOf(scenario);
}

/** An application.yml as somebody writes it who takes the sandbox for the instance. */
function applicationFile(name: string, repository: string): string {
  return `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: ${name}-production
  namespace: argocd
spec:
  project: default
  source:
    repoURL: git@github.com:${repository}.git
    path: instances/${name}/env
    targetRevision: add-schools
  destination:
    server: https://kubernetes.default.svc
    namespace: ${name}
`;
}
