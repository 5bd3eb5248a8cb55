import type { RunningStep } from '../../sandbox/github-runner.ts';
import { deprovisioning, expectRemoved, provisioned } from './deprovisioned.ts';
import { eventually, livingPods, secretNames } from './outcome.ts';
import { leaseRef, openWorld, type Scenario } from './world.ts';

const world = await openWorld();
afterAll(() => world.stop());
afterEach(async () => {
  world.clearFaults();
  await world.deletions.resume();
});

interface Case {
  readonly phase: string;
  /** What the log says of what is left. */
  readonly left: RegExp;
  /** Cancels when the run has come so far. */
  readonly arm: (scenario: Scenario, running: RunningStep, cancel: () => void) => Promise<void> | void;
  readonly mend?: (scenario: Scenario) => Promise<void>;
}

const held = (instance: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'held', namespace: instance },
});

const CASES: Readonly<Record<string, Case>> = {
  'while Argo CD deletes the Application': {
    phase: 'Delete the Application',
    left: /^Being deleted: Application \S+\.\nLeft: .*Bucket /m,
    arm: async (_, running, cancel) => {
      world.deletions.pause();
      await eventually(() => running.log().includes('Waiting until Argo CD has deleted'));
      cancel();
    },
  },
  'while the workflows run': {
    phase: 'Wait for the workflows',
    left: /^Workflows: .*terminated/m,
    arm: async (_, running, cancel) => {
      await eventually(() => /-\S+: Running/.test(running.log()), 60_000);
      cancel();
    },
  },
  'while the namespace goes': {
    phase: 'Delete the namespace',
    left: /^Removed: Application .*Bucket /m,
    arm: async ({ instance }, running, cancel) => {
      const object = held(instance);
      await world.cluster.create({
        ...object,
        metadata: { ...object.metadata, finalizers: ['example.org/hold'] },
      });
      await eventually(() => running.log().includes(`Namespace ${instance} is being deleted`), 120_000);
      cancel();
    },
    mend: async ({ instance }) => {
      await world.cluster.patch(held(instance), { metadata: { finalizers: null } });
    },
  },
  'while it pushes': {
    phase: 'Remove the files',
    left: /^Whether the instance's files were removed from the cluster repository is not known/m,
    arm: (_, running, cancel) => {
      world.git.beforePush = async () => {
        cancel();
        await running.done;
      };
    },
  },
};

describe('a run that deprovisions an instance and is cancelled', () => {
  it.each(Object.entries(CASES))(
    '%s: says so, leaves nothing under way, and the next one finishes',
    async (_, { phase, left, arm, mend }) => {
      const scenario = await world.scenario();
      const { instance } = scenario;
      const config = await provisioned(world, scenario);
      const running = await scenario.start(deprovisioning(scenario));
      await arm(scenario, running, () => running.cancel());
      const result = await running.done;
      expect(result.code).toBe(1);
      expect(result.log).toMatch(/^::error title=Cancelled::The run was cancelled/m);
      expect(result.log).toMatch(new RegExp(`^Stopped in: ${phase}, after `, 'm'));
      expect(result.log).toMatch(left);
      expect(result.summary).toContain('was not deprovisioned: the run was cancelled');
      expect(await livingPods(world, instance)).toEqual([]);
      const secrets = await secretNames(world, instance);
      expect(secrets.filter((secret) => secret.startsWith('launchpad-provision-'))).toEqual([]);
      expect(await world.cluster.read(leaseRef(instance))).toBeUndefined();

      await mend?.(scenario);
      world.git.beforePush = undefined;
      await world.deletions.resume();
      const next = await scenario.run(deprovisioning(scenario));
      expect(next.log).not.toContain('::error');
      expect(next.code).toBe(0);
      await expectRemoved(world, scenario, config);
    },
    300_000,
  );

  it('and whose main is killed: the post step ends its workflows, deletes their Secrets, and tells what is left', async () => {
    const scenario = await world.scenario();
    const { instance } = scenario;
    const config = await provisioned(world, scenario);
    const running = await scenario.start(deprovisioning(scenario));
    const isWaiting = Promise.withResolvers<void>();
    world.proxy.add({
      method: 'GET',
      path: /\/workflows\?.*watch=true/,
      times: 1,
      fault: { kind: 'call', when: 'after', work: () => isWaiting.resolve() },
    });
    await isWaiting.promise;
    running.signal('SIGKILL');
    const result = await running.done;
    expect(result.log).toContain(`Clean up after the run for ${instance}`);
    expect(result.summary).toContain(`Instance ${instance} was not deprovisioned: the run was cancelled`);
    const secrets = await secretNames(world, instance);
    expect(secrets.filter((secret) => secret.startsWith('launchpad-provision-'))).toEqual([]);
    expect(await livingPods(world, instance)).toEqual([]);
    expect(await world.cluster.read(leaseRef(instance))).toBeUndefined();
    expect((await scenario.run(deprovisioning(scenario))).code).toBe(0);
    await expectRemoved(world, scenario, config);
  }, 300_000);
});
