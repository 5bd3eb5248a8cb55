import { chmod, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { CommandResult } from '../../sandbox/terminal.ts';
import {
  actionCommits,
  bucketOf,
  eventually,
  expectProvisioned,
  livingPods,
  readConfig,
  secretNames,
} from './outcome.ts';
import { type Operator, operatorOf } from './terminal.ts';
import { GIT_TOKEN, leaseRef, openWorld, type Scenario } from './world.ts';

const world = await openWorld();
const operators: Operator[] = [];
afterAll(async () => {
  for (const operator of operators) await operator.leave();
  await world.stop();
});

async function atTerminal(scenario: Scenario): Promise<Operator> {
  const operator = await operatorOf(world, scenario);
  operators.push(operator);
  return operator;
}

/** A port where nothing listens, so that the MongoDB workflow keeps trying. */
const NOBODY = { LAUNCHPAD_MONGODB_PORT: '9' };

/** The secrets of the admin's settings, and those that the instance was given. */
async function secretsOf(scenario: Scenario): Promise<string[]> {
  const config = await readConfig(scenario);
  const settings = Object.entries(world.settings).filter(([name]) => /PASSWORD|SECRET|TOKEN|ACCESS_KEY_ID/.test(name));
  const own = Object.entries(config).filter(([key]) => /PASSWORD|SECRET/.test(key));
  return [GIT_TOKEN, ...[...settings, ...own].map(([, value]) => value)].filter((value) => value.length > 3);
}

async function expectNoSecret(scenario: Scenario, { stdout, stderr }: CommandResult): Promise<void> {
  for (const secret of await secretsOf(scenario)) {
    for (const form of [secret, Buffer.from(secret).toString('base64')]) {
      expect(stdout.includes(form) || stderr.includes(form)).toBe(false);
    }
  }
}

/** Plain lines: no colours, and no commands to a runner of GitHub. */
function expectPlain({ stdout, stderr }: CommandResult): void {
  for (const text of [stdout, stderr]) {
    expect(text).not.toContain('\u001b');
    expect(text).not.toMatch(/^::/m);
  }
}

describe('an operator at a terminal', () => {
  it('provisions an instance from a clone, again without a change, and commits under their own name', async () => {
    const scenario = await world.scenario();
    const { instance, repository } = scenario;
    const operator = await atTerminal(scenario);
    const first = await operator.run(['provision', instance, '--verbose']);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    await expectProvisioned(world, scenario);
    expect(await actionCommits(world, scenario)).toEqual([`feat: add instance ${instance}`]);
    expect(await world.git.git(repository, 'log', '-1', '--format=%an <%ae>%n%b', 'main')).toBe(
      'Ada Operator <ada@example.org>',
    );
    const config = await readConfig(scenario);
    const commit = await world.git.git(repository, 'rev-parse', 'main');
    for (const line of [
      'Loaded .env (environment variables take precedence)',
      '▸ Wait for the workflows',
      `✓ Instance ${instance}: provisioned`,
      `  Namespace    ${instance}`,
      `  Application  ${instance}-production`,
      `  Bucket       ${bucketOf(config)}`,
      `  Config       instances/${instance}/config.yml`,
      `  2. Watch Argo CD deploy it: kubectl get application -n argocd ${instance}-production`,
    ]) {
      expect(first.stdout.split('\n')).toContain(line);
    }
    expect(first.stdout).toMatch(new RegExp(`^ {2}Commit {7}${commit.slice(0, 7)} {2}\\S+/commit/${commit}$`, 'm'));
    expect(first.stdout).toMatch(/^✓ Wait for the workflows: [\w ,]+, \d+\.\d s$/m);
    expectPlain(first);
    await expectNoSecret(scenario, first);
    expect(await readFile(path.join(operator.directory, `instances/${instance}/config.yml`), 'utf8')).toBe(
      await scenario.config(),
    );

    const second = await operator.run(['provision', instance, '--json']);
    expect(second.code).toBe(0);
    expect(JSON.parse(second.stdout)).toMatchObject({
      exitCode: 0,
      errors: [],
      instances: [
        { instance, outcome: 'provisioned', report: { changed: false, commitSha: commit, namespace: instance } },
      ],
    });
    expect(second.stderr).toContain('No file changes');
    expect(await actionCommits(world, scenario)).toHaveLength(1);
    await expectNoSecret(scenario, second);
  });

  it('sees by a dry run what would be done, and nothing is changed', async () => {
    const scenario = await world.scenario();
    const { instance } = scenario;
    const operator = await atTerminal(scenario);
    const result = await operator.run(['provision', instance, '--dry-run']);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout).toMatch(new RegExp(`^ {2}\\+ Namespace +${instance}$`, 'm'));
    expect(result.stdout).toContain(`Plan for instance ${instance} (dry run, no changes made):`);
    expect(result.stdout).toMatch(/\n {2}Plan: \d+ to create, 0 to change, 0 to destroy .*\n$/);
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: instance } };
    expect(await world.cluster.read(namespace)).toBeUndefined();
    expect(await actionCommits(world, scenario)).toEqual([]);
    expectPlain(result);
  });

  it('works on the branch of the clone, or on the one that is named', async () => {
    const scenario = await world.scenario();
    const { instance, repository } = scenario;
    await world.git.commit(repository, { 'README.md': 'Staging\n' }, 'staging');
    const operator = await atTerminal(scenario);
    const named = await operator.run(['provision', instance, '--branch', 'staging']);
    expect(named).toMatchObject({ code: 0, stderr: '' });
    expect(await world.git.log(repository, 'staging')).toContain(`feat: add instance ${instance}`);
    expect(await actionCommits(world, scenario)).toEqual([]);
    await operator.git('checkout', '--quiet', '-b', 'not-pushed');
    const missing = await operator.run(['provision', instance, '--dry-run']);
    expect(missing.code).toBe(2);
    expect(missing.stderr).toMatch(/has no branch not-pushed\.\nWhat to do: .*--branch.*git push -u/);
  });
});

describe('what goes wrong at a terminal', () => {
  it('in a workflow: exits with 1, and standard error says what to do, and what is there', async () => {
    const scenario = await world.scenario();
    const { instance } = scenario;
    const operator = await atTerminal(scenario);
    const wrong = { LAUNCHPAD_MYSQL_ADMIN_PASSWORD: 'not-the-password' };
    const result = await operator.run(['provision', instance, '--json'], wrong);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(`✗ ${instance}: MySQL: login denied`);
    expect(result.stderr).toMatch(/^What to do: /m);
    expect(result.stderr).toMatch(/^Workflows: .*mysql failed/m);
    expect(JSON.parse(result.stdout)).toMatchObject({
      outcome: 'failed',
      exitCode: 1,
      instances: [{ instance, outcome: 'failed', errors: [{ remedy: expect.any(String) }] }],
    });
    expect(result.stdout + result.stderr).not.toContain('not-the-password');

    const rerun = await operator.run(['provision', instance]);
    expect(rerun.code).toBe(0);
    await expectNoSecret(scenario, result);
    await expectProvisioned(world, scenario);
  });

  it('in the settings: exits with 2, names all of them, and speaks of options and variables', async () => {
    const scenario = await world.scenario();
    const operator = await atTerminal(scenario);
    await writeFile(path.join(operator.directory, 'empty.env'), '');
    const args = ['provision', scenario.instance, '--settings-file', 'empty.env', '--mysql-port', 'x'];
    const result = await operator.run(args);
    expect(result).toMatchObject({ code: 2 });
    for (const part of [
      'mysql-host (LAUNCHPAD_MYSQL_HOST): missing',
      'mysql-port',
      'storage-type',
      '--settings-file',
    ]) {
      expect(result.stderr).toContain(part);
    }
    expect(result.stderr).not.toMatch(/with:|env:|secrets\./);
    const json = await operator.run([...args, '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({
      outcome: 'invalid',
      exitCode: 2,
      errors: [{ code: 'settings-invalid' }],
      instances: [],
    });
  });

  it.each([
    [['provision'], /Missing required argument 'instance'/],
    [['provision', 'kube-system'], /kube-system" is reserved/],
    [['provision', 'my-school', '--kubeconfig', '/etc/kubeconfig'], /Set KUBECONFIG in the environment/],
    [['provision', 'my-school', '--repository-path', '..'], /is not a clone of a git repository/],
  ])('in the call %j: exits with 2', async (args, message) => {
    const operator = await atTerminal(await world.scenario());
    const result = await operator.run(args);
    expect(result).toMatchObject({ code: 2, stdout: expect.not.stringContaining('✗') });
    expect(result.stderr).toMatch(message);
    expect(result.stderr).toMatch(/^What to do: /m);
  });

  it('with the kubeconfig, the author or a committed .env: exits with 2, before anything is asked', async () => {
    const operator = await atTerminal(await world.scenario());
    const args = ['provision', 'my-school'];
    const lost = await operator.run(args, { KUBECONFIG: '/nowhere/kubeconfig' });
    expect(lost).toMatchObject({ code: 2, stderr: expect.stringContaining('What to do: Set KUBECONFIG to') });
    await operator.git('config', '--unset', 'user.email');
    const nobody = await operator.run(args);
    expect(nobody).toMatchObject({ code: 2, stderr: expect.stringContaining('pass --commit-author-email') });
    await operator.git('add', '.env');
    const committed = await operator.run(args);
    expect(committed).toMatchObject({ code: 2, stderr: expect.stringContaining('.env is committed') });
  });

  it('with the credentials of git: says which ones are used', async () => {
    const scenario = await world.scenario();
    const operator = await atTerminal(scenario);
    const result = await operator.run(['provision', scenario.instance], { LAUNCHPAD_GITHUB_TOKEN: 'may-only-read' });
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/may not push to .*\nWhat to do: Try git push --dry-run .*LAUNCHPAD_GITHUB_TOKEN/);
    expect(result.stdout + result.stderr).not.toContain('may-only-read');
  });

  it('with a file of secrets that everybody may read: it is said', async () => {
    const scenario = await world.scenario();
    const operator = await atTerminal(scenario);
    await chmod(path.join(operator.directory, '.env'), 0o644);
    const result = await operator.run(['provision', scenario.instance, '--dry-run']);
    expect(result.stdout).toContain('Warning: .env holds secrets, and everybody on this machine may read it');
  });
});

describe('a command that is cancelled', () => {
  it('ends what it began, gives the Lease back and exits with 130, also where Ctrl-C arrives twice at once', async () => {
    const scenario = await world.scenario();
    const { instance } = scenario;
    const operator = await atTerminal(scenario);
    const running = operator.start(['provision', instance], NOBODY);
    await eventually(() => /mongodb-\S+: Running/.test(running.text()), 30_000);
    const lease = await world.cluster.read(leaseRef(instance));
    expect(JSON.stringify(lease)).toMatch(/"holderIdentity":"terminal-[0-9a-z]+-[0-9a-f]{8}"/);
    expect(JSON.stringify(lease?.metadata?.annotations)).toMatch(/:"[^"]+@[^"]+"/);
    running.signal('SIGINT');
    running.signal('SIGINT');
    const result = await running.done;
    expect(result.code).toBe(130);
    expect(result.stdout).toContain('Warning: Stopping the workflows');
    expect(result.stderr).toContain(`✗ ${instance}: cancelled\nThe run was cancelled.`);
    expect(await world.cluster.read(leaseRef(instance))).toBeUndefined();
    await eventually(async () => (await livingPods(world, instance)).length === 0);
    const left = (await secretNames(world, instance)).filter((name) => name.startsWith('launchpad-provision-'));
    expect(left).toEqual([]);
  });
});

describe('deprovisioning an instance at a terminal', () => {
  it('asks for its name once more, which a pipe cannot answer', async () => {
    const scenario = await world.scenario();
    const { instance } = scenario;
    const operator = await atTerminal(scenario);
    expect(await operator.run(['provision', instance])).toMatchObject({ code: 0 });
    const config = await expectProvisioned(world, scenario);

    const silent = await operator.run(['deprovision', instance]);
    expect(silent).toMatchObject({ code: 2, stderr: expect.stringContaining(`pass --confirm ${instance}`) });
    const wrong = await operator.run(['deprovision', instance, '--confirm', 'other-school']);
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('"other-school"') });
    const planned = await operator.run(['deprovision', instance, '--dry-run']);
    expect(planned).toMatchObject({ code: 0, stdout: expect.stringContaining(`Plan for instance ${instance}`) });
    expect(await expectProvisioned(world, scenario)).toEqual(config);

    const confirmed = await operator.run(['deprovision', instance, '--confirm', instance]);
    expect(confirmed).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`✓ Instance ${instance}: deprovisioned with all its data`),
    });
    expect(await scenario.config()).toBe('');
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: instance } };
    expect(await world.cluster.read(namespace)).toBeUndefined();
    expectPlain(confirmed);
  });
});
