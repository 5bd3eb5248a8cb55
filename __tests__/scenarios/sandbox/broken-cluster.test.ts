import { annotations, type Expected, expectFirstError } from '../broken/first-error.ts';
import { actionCommits, eventually, expectProvisioned, livingPods, secretNames } from '../outcome.ts';
import { openWorld, type Scenario } from '../world.ts';

const world = await openWorld();
const { sandbox } = world;
if (sandbox === undefined) throw new Error('These scenarios need the sandbox.');
const { kubernetes, controller } = sandbox;
afterAll(() => world.stop());
afterEach(() => world.clearFaults());

const quota = (pod: string) =>
  `pods "${pod}" is forbidden: exceeded quota: tight, requested: limits.memory=896Mi, used: limits.memory=1Gi, limited: limits.memory=1Gi`;
const NO_ROOM =
  '0/1 nodes are available: 1 Insufficient memory. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.';
const PREFLIGHT = /^Kubernetes: (Argo missing or too old|permission denied)$/;
const SERVICE = '^(MySQL|MongoDB|Storage)(, (MySQL|MongoDB|Storage))*';

interface BrokenCluster extends Expected {
  readonly name: string;
  readonly break: () => void;
}

/** Found before anything is touched, or by the API server's answer to Argo. */
const AT_ONCE: readonly BrokenCluster[] = [
  {
    name: 'without Argo Workflows',
    break: () => kubernetes.missingKinds.add('Workflow').add('WorkflowTemplate'),
    title: PREFLIGHT,
    what: /does not serve Workflow \(argoproj\.io\/v1alpha1\), WorkflowTemplate \(argoproj\.io\/v1alpha1\)\.$/,
    where: /The cluster https:\/\/\S+ /,
    remedy: /^Install Argo Workflows in the cluster\.$/,
  },
  {
    name: 'without Argo CD',
    break: () => kubernetes.missingKinds.add('Application'),
    title: PREFLIGHT,
    what: /does not serve Application \(argoproj\.io\/v1alpha1\)\.$/,
    where: /The cluster https:\/\/\S+ /,
    remedy: /^Install Argo CD in the cluster\.$/,
  },
  {
    name: 'that allows all verbs but one',
    break: () => kubernetes.access.deny(({ verb, resource }) => resource === 'secrets' && verb === 'create'),
    title: PREFLIGHT,
    what: /is not allowed to:\n {2}- create secrets/,
    where: /in namespace s-\w+$/,
    remedy:
      /Grant the ClusterRole with all of it: kubectl apply -f https:\S+rbac\.yml && kubectl create clusterrolebinding/,
  },
  {
    name: 'whose admission refuses the pods',
    break: () => {
      controller.faults.podRefusal = () => 'admission webhook "policy.example.org" denied the request: no Node here';
    },
    title: new RegExp(`${SERVICE}: admission refused$`),
    what: /ended as Error: a policy of the cluster refuses it: .*"policy\.example\.org" denied the request: no Node here/,
    where: /workflow \w+-\S+ in namespace s-\w+ /,
    remedy:
      /Set what the policy requires by the inputs namespace-labels, pod-labels, pod-annotations and pod-resources/,
  },
];

const TAINTED =
  '0/1 nodes are available: 1 node(s) had untolerated taint {team: blue}. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.';

/** Kubernetes' own words show that it never ends: the run does not wait until its time is up. */
const NEVER: readonly BrokenCluster[] = [
  {
    name: 'whose quota is smaller than a pod',
    break: () => {
      controller.faults.podRefusal = (pod) =>
        `pods "${pod}" is forbidden: exceeded quota: tight, requested: limits.memory=768Mi,pods=1, used: limits.memory=0,pods=0, limited: limits.memory=200Mi,pods=0`;
    },
    title: new RegExp(`${SERVICE}: quota exceeded$`),
    what: /can never start and was terminated: the namespace's ResourceQuota has no room.* exceeded quota: tight/,
    where: /workflow \w+-\S+ in namespace s-\w+ /,
    remedy: /Raise the quota, .*kubectl describe quota -n s-\w+/,
  },
  {
    name: 'whose nodes all have a taint',
    break: () => {
      controller.faults.unschedulable = TAINTED;
    },
    title: new RegExp(`${SERVICE}: no node fits the pod$`),
    what: /can never start and was terminated: no node of the cluster fits its pod: .*untolerated taint \{team: blue\}/,
    where: /workflow \w+-\S+ in namespace s-\w+ /,
    remedy: /take away the taint or selector that the scheduler names/,
  },
];

/** Nothing ends by itself: it is said early, and is the error when the time is up. */
const IN_THE_WAIT: readonly (BrokenCluster & { readonly early: RegExp })[] = [
  {
    name: 'whose Argo runs as many workflows as it may',
    break: () => {
      controller.faults.isPostponed = () => true;
    },
    early:
      /: the workflow controller runs as many workflows as it may: .*too many workflows are already running\..*What to do: Let the others end/,
    title: new RegExp(`${SERVICE}: too many workflows at once$`),
    what: /(did not end within \d+ s and was terminated|ended as Failed): the workflow controller runs as many workflows as it may/,
    where: /workflow \w+-\S+ in namespace s-\w+ /,
    remedy: /raise `parallelism` and `namespaceParallelism` in the controller's configuration/,
  },
  {
    name: 'that has no room for the pods',
    break: () => {
      controller.faults.unschedulable = NO_ROOM;
    },
    early:
      /: no node of the cluster fits its pod: .*1 Insufficient memory.*Still waiting until a node is added or has room\. What to do: Add nodes or make room/,
    title: new RegExp(`${SERVICE}: no node fits the pod$`),
    what: /(did not end within \d+ s and was terminated|ended as Failed): no node of the cluster fits its pod: Unschedulable: 0\/1 nodes are available: 1 Insufficient memory/,
    where: /workflow \w+-\S+ in namespace s-\w+ /,
    remedy: /Add nodes or make room/,
  },
  {
    name: 'whose quota has no room for the pods',
    break: () => {
      controller.faults.podRefusal = quota;
    },
    early:
      /: the namespace's ResourceQuota has no room for its pod: .*limits\.memory=1Gi.*Still waiting until others of the namespace leave room\. What to do: Raise the quota,/,
    title: new RegExp(`${SERVICE}: quota exceeded$`),
    what: /(did not end within \d+ s and was terminated|ended as Failed): the namespace's ResourceQuota has no room.* exceeded quota: tight/,
    where: /workflow \w+-\S+ in namespace s-\w+ /,
    remedy: /Raise the quota, .*kubectl describe quota -n s-\w+/,
  },
];

describe('a cluster', () => {
  it.each(AT_ONCE)(
    '$name: the first error says what, where and what to do',
    async ({ break: breakIt, ...expected }) => {
      const scenario = await world.scenario();
      breakIt();
      expectFirstError(await scenario.run(), expected);
      await expectNothingLeft(scenario);
    },
    120_000,
  );

  it.each(IN_THE_WAIT)(
    '$name: it is said within the wait, once for each workflow, and is the error in the end',
    async ({ break: breakIt, early, ...expected }) => {
      const scenario = await world.scenario();
      breakIt();
      const result = await scenario.run({ inputs: { timeout: '15s' } });
      const told = annotations(result.log, 'warning').filter(({ text }) => early.test(text));
      expect(told).toHaveLength(3);
      expectFirstError(result, expected);
      expect(annotations(result.log)).toHaveLength(1);
      await expectNothingLeft(scenario);
    },
    120_000,
  );

  it.each(NEVER)(
    '$name: the run ends long before its time is up',
    async ({ break: breakIt, ...expected }) => {
      const scenario = await world.scenario();
      breakIt();
      const result = await scenario.run({ inputs: { timeout: '20m' } });
      expectFirstError(result, expected);
      expect(annotations(result.log)).toHaveLength(1);
      await expectNothingLeft(scenario);
    },
    120_000,
  );

  it('whose quota makes room while the workflows wait: the run goes green', async () => {
    const scenario = await world.scenario();
    controller.faults.podRefusal = quota;
    const running = await scenario.start();
    await eventually(() => annotations(running.log(), 'warning').length === 3, 60_000);
    controller.faults.podRefusal = undefined;
    const result = await running.done;
    expect(result.code).toBe(0);
    await expectProvisioned(world, scenario);
  }, 120_000);

  it('that lacks several kinds and permissions: each is named', async () => {
    const scenario = await world.scenario();
    for (const kind of ['Workflow', 'WorkflowTemplate', 'Application']) kubernetes.missingKinds.add(kind);
    const kinds = annotations((await scenario.run()).log)[0]?.text;
    expect(kinds).toContain('does not serve Workflow (argoproj.io/v1alpha1), WorkflowTemplate');
    expect(kinds).toMatch(/Install Argo Workflows.*Install Argo CD/);
    kubernetes.missingKinds.clear();
    kubernetes.access.deny(
      ({ verb, resource }) => resource === 'workflowtaskresults' || (resource === 'secrets' && verb === 'create'),
    );
    const permissions = annotations((await scenario.run()).log)[0]?.text;
    expect(permissions).toContain(`create secrets in namespace ${scenario.instance}`);
    expect(permissions).toContain(`create, patch workflowtaskresults.argoproj.io in namespace ${scenario.instance}`);
  }, 120_000);
});

describe('an API server that goes away during the wait', () => {
  it('is logged once with how long the run retries, and the run continues when it is back', async () => {
    const scenario = await world.scenario();
    controller.pause();
    const before = watches();
    const running = await scenario.start();
    await eventually(() => watches() >= before + 3, 60_000);
    const path = /\/(workflows|pods|events)\?.*watch=true/;
    world.proxy.add({ path, fault: { kind: 'drop', when: 'before' } });
    world.proxy.dropWatches();
    await eventually(() => running.log().includes('gave no answer to GET'), 60_000);
    world.proxy.clear();
    await eventually(() => running.log().includes(' answers again, after '), 60_000);
    controller.resume();
    const { code, log } = await running.done;
    expect(code).toBe(0);
    const told = annotations(log, 'warning').filter(({ text }) => text.includes('gave no answer'));
    expect(told.map(({ text }) => text)).toEqual([
      expect.stringMatching(/gave no answer to GET \S+: .* Retrying for \d+ s at most; the workflows keep running/),
    ]);
    await expectProvisioned(world, scenario);
  }, 120_000);
});

describe('a service account that something deletes', () => {
  it('is named, with what to look for', async () => {
    const scenario = await world.scenario();
    controller.pause();
    const running = await scenario.start();
    await eventually(() => running.log().includes('started (storage)'), 60_000);
    const metadata = { name: 'launchpad-provision-provisioner', namespace: scenario.instance };
    await world.cluster.delete({ apiVersion: 'v1', kind: 'ServiceAccount', metadata });
    controller.resume();
    expectFirstError(await running.done, {
      title: /^(MySQL|Storage|MySQL, Storage): service account missing$/,
      what: /ended as Error: the service account of its pod is not there: .*launchpad-provision-provisioner/,
      where: new RegExp(`in namespace ${scenario.instance} `),
      remedy: /Each run creates it: find out what deletes it/,
    });
  }, 120_000);
});

describe('a controller that sees a workflow before its template', () => {
  it('gets it again: the run succeeds, with one workflow of each kind in what it tells', async () => {
    const scenario = await world.scenario();
    controller.faults.isTemplateUnknown = (workflow) => /^m(ysql|ongodb)-provision-\d+-\d+-[0-9a-f]+$/.test(workflow);
    const result = await scenario.run();
    expect(result.log).not.toContain('::error');
    expect(result.log).toMatch(/^Argo did not know the WorkflowTemplate yet: submitting again \(mysql, mongodb\)$/m);
    expect(result.code).toBe(0);
    await expectProvisioned(world, scenario);
    const workflows: Record<string, { name: string; phase: string }> = JSON.parse(result.outputs.workflows ?? '{}');
    expect(workflows).toMatchObject({
      mysql: { name: expect.stringMatching(/-2$/), phase: 'Succeeded' },
      mongodb: { name: expect.stringMatching(/-2$/), phase: 'Succeeded' },
      storage: { name: expect.stringMatching(/[0-9a-f]$/), phase: 'Succeeded' },
    });
    expect(result.summary).not.toContain('| Error |');
    const again = await scenario.run();
    expect(again.log).not.toContain('Resuming ');
  }, 120_000);

  it('and never sees the template: that is the error', async () => {
    const scenario = await world.scenario();
    controller.faults.isTemplateUnknown = (workflow) => workflow.startsWith('mysql-');
    expectFirstError(await scenario.run(), {
      title: /^MySQL: WorkflowTemplate missing$/,
      what: /the WorkflowTemplate that it refers to is not there/,
      where: new RegExp(`in namespace ${scenario.instance} `),
      remedy: /Each run applies it: find out what deletes it/,
    });
    await expectNothingLeft(scenario);
  }, 120_000);
});

describe('a controller that does not look at the workflows', () => {
  it('is said within 20 s, and is the error in the end; no pod, temporary Secret or commit is left', async () => {
    const scenario = await world.scenario();
    controller.pause();
    const running = await scenario.start({ inputs: { timeout: '22s' } });
    await eventually(() => running.log().includes('started (storage)'), 60_000);
    const started = performance.now();
    await eventually(() => running.log().includes('::warning::'), 60_000);
    expect(performance.now() - started).toBeLessThan(20_000);
    const result = await running.done;
    const told = annotations(result.log, 'warning').map(({ text }) => text);
    expect(
      told.filter((text) =>
        /: no workflow controller has looked at it\. .*What to do: Check that the Argo Workflows controller runs/.test(
          text,
        ),
      ),
    ).toHaveLength(3);
    expectFirstError(result, {
      title: new RegExp(`${SERVICE}: no workflow controller$`),
      what: /did not end within 22 s and was terminated: no workflow controller has looked at it/,
      where: new RegExp(`in namespace ${scenario.instance} `),
      remedy: /Check that the Argo Workflows controller runs and manages the namespace/,
    });
    expect(result.summary).toContain(`## ❌ Instance ${scenario.instance} was not provisioned in time\n`);
    expect(result.log).toContain('Workflows: mysql, mongodb and storage terminated.');
    await expectNothingLeft(scenario);
  }, 120_000);
});

/** How many watches have been opened. */
function watches(): number {
  return world.proxy.requests.filter(({ query }) => query.includes('watch=true')).length;
}

async function expectNothingLeft(scenario: Scenario): Promise<void> {
  expect(await livingPods(world, scenario.instance)).toEqual([]);
  const names = await secretNames(world, scenario.instance);
  expect(names.filter((name) => name.startsWith('launchpad-provision-'))).toEqual([]);
  expect(await actionCommits(world, scenario)).toEqual([]);
}

describe('a cluster whose API server reaches no kubelet, so that no log can be read', () => {
  const withoutLogs = () => world.proxy.add({ path: /\/pods\/[^/]+\/log/, fault: { kind: 'answer', status: 502 } });

  it('tells why a provisioner failed all the same', async () => {
    withoutLogs();
    const scenario = await world.scenario();
    const result = await scenario.run({ settings: { LAUNCHPAD_MYSQL_ADMIN_PASSWORD: 'not-the-password' } });
    expectFirstError(result, {
      title: /^MySQL: login denied$/,
      what: /denies the admin user \S+ the login\.$/,
      where: /^MySQL at [\w.]+:\d+ /,
      remedy: /^Check inputs mysql-admin-user and mysql-admin-password/,
    });
    expect(result.log.match(/log not read: .*502/g)).toHaveLength(1);
    expect(result.log).toContain('phase Failed, main: Error (exit code 1)\n');
  });

  it('and what was made, where all went well', async () => {
    withoutLogs();
    const scenario = await world.scenario();
    const { code, log, summary } = await scenario.run();
    expect(code).toBe(0);
    expect(`${log}${summary}`).toMatch(/MySQL database[^\n]*created/);
    await expectProvisioned(world, scenario);
  });
});
