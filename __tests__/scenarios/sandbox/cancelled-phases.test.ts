import type { RunningStep } from '../../../sandbox/github-runner.ts';
import {
  actionCommits,
  eventually,
  expectProvisioned,
  livingPods,
  readApplication,
  readWorkflows,
  secretNames,
} from '../outcome.ts';
import { leaseRef, openWorld, type Scenario } from '../world.ts';

const world = await openWorld();
afterAll(() => world.stop());
afterEach(() => world.clearFaults());

/** A port where nothing listens, so that the MongoDB workflow keeps trying. */
const NOBODY = { LAUNCHPAD_MONGODB_PORT: '9' };

interface Run {
  readonly scenario: Scenario;
  readonly running: RunningStep;
  /** Cancels the run, as soon as it has reached that phase. */
  readonly cancel: () => void;
}

interface Case {
  /** Title of the phase that the run names. */
  readonly phase: string;
  /** What the log lists as left. */
  readonly left: RegExp;
  readonly settings?: Readonly<Record<string, string>>;
  readonly inputs?: (scenario: Scenario) => Readonly<Record<string, string>>;
  /** Before the run starts. */
  readonly given?: (scenario: Scenario) => Promise<unknown>;
  /** Cancels the run in that phase. */
  readonly arm: (run: Run) => void | Promise<void>;
}

/** Cancels the run when it sends such a request, which then gets no answer. */
const atRequest =
  (method: string, path: (instance: string) => RegExp, when: 'before' | 'after' = 'before') =>
  ({ scenario, running, cancel }: Run) => {
    const work = async () => {
      cancel();
      await running.done;
    };
    world.proxy.add({ method, path: path(scenario.instance), times: 1, fault: { kind: 'call', when, work } });
  };

/** Cancels the run when its log says so. */
const atLine =
  (line: RegExp) =>
  async ({ running, cancel }: Run) => {
    await eventually(() => line.test(running.log()), 30_000);
    cancel();
  };

const somebodysLease = ({ instance }: Scenario) =>
  world.cluster.create({
    ...leaseRef(instance),
    spec: { holderIdentity: 'somebody-else', leaseDurationSeconds: 30, renewTime: new Date().toISOString() },
  });

const UNTOUCHED = /^No changes were made\.$/m;

const CASES: Readonly<Record<string, Case>> = {
  'while it asks what it may do': {
    phase: 'Check cluster and repository',
    left: UNTOUCHED,
    arm: atRequest('POST', () => /selfsubjectrulesreviews/),
  },
  'in the preflight': {
    phase: 'Check the instance',
    left: UNTOUCHED,
    arm: atRequest('GET', () => /\/api\/v1\/namespaces\?/),
  },
  'while it waits for the Lease of another run': {
    phase: 'Lock the instance',
    left: UNTOUCHED,
    given: somebodysLease,
    arm: atLine(/waiting for run somebody-else/),
  },
  'when its Lease is made, before it gets the answer': {
    phase: 'Lock the instance',
    left: UNTOUCHED,
    arm: atRequest('POST', () => /\/leases\?/, 'after'),
  },
  'while it reads the instance again': {
    phase: 'Read the instance',
    left: UNTOUCHED,
    arm: atRequest('GET', (instance) => new RegExp(`/applications/${instance}-production$`)),
  },
  'when the namespace is made, before it gets the answer': {
    phase: 'Prepare the namespace and start the workflows',
    left: /^Exists: Namespace \S+\.\nNothing was committed, and no Application was applied\.$/m,
    arm: atRequest('PATCH', (instance) => new RegExp(`/namespaces/${instance}\\?`), 'after'),
  },
  'while it asks for the namespace, before the API server has made it': {
    phase: 'Prepare the namespace and start the workflows',
    left: UNTOUCHED,
    arm: atRequest('PATCH', (instance) => new RegExp(`/namespaces/${instance}\\?`)),
  },
  'while it prepares the namespace': {
    phase: 'Prepare the namespace and start the workflows',
    left: /^Nothing was committed, and no Application was applied\.$/m,
    arm: atRequest('PATCH', (instance) => new RegExp(`/${instance}/rolebindings/`)),
  },
  'when a workflow is submitted, before it gets the answer': {
    phase: 'Prepare the namespace and start the workflows',
    left: /^Nothing was committed, and no Application was applied\.$/m,
    settings: NOBODY,
    arm: atRequest('POST', (instance) => new RegExp(`/${instance}/workflows\\?`), 'after'),
  },
  'while its workflows run': {
    phase: 'Wait for the workflows',
    left: /^Workflows: .*mongodb.* terminated/m,
    settings: NOBODY,
    arm: atLine(/mongodb-\S+: Running/),
  },
  'while it pushes': {
    phase: 'Commit the files',
    left: /^Whether the commit was pushed is not known: the next run finds out, and no Application was applied\.$/m,
    arm: ({ running, cancel }) => {
      world.git.beforePush = async () => {
        cancel();
        await running.done;
      };
    },
  },
  // The Application is applied at the same time.
  'while it deletes the seed': {
    phase: 'Create the Application',
    left: /^Commit \w+ has the instance's files\.$/m,
    arm: atRequest('DELETE', (instance) => new RegExp(`/${instance}/secrets/launchpad-seed`)),
  },
  'while it applies the Application, before the API server has done it': {
    phase: 'Create the Application',
    left: /^Commit \w+ has the instance's files, and no Application was applied\.$/m,
    arm: atRequest('PATCH', () => /\/applications\//),
  },
  'when the Application is applied, before it gets the answer': {
    phase: 'Create the Application',
    left: /^Created so far: .*\nExists: Application \S+\.\n[\s\S]*^Commit \w+ has the instance's files\.$/m,
    arm: atRequest('PATCH', () => /\/applications\//, 'after'),
  },
  'while it waits for Argo CD': {
    phase: 'Wait for Argo CD',
    left: /^Commit \w+ has the instance's files\.$/m,
    inputs: ({ repository }) => ({ 'repository-url': `${world.git.url}/${repository}.git`, 'wait-for-sync': 'true' }),
    arm: atLine(/waiting for Argo CD to look at it/),
  },
};

/** Workflows that have neither ended nor been asked to end. */
async function unstopped(instance: string): Promise<unknown[]> {
  const workflows = await readWorkflows(world, instance);
  return workflows.filter(({ spec, status }) => {
    const text = JSON.stringify({ spec, status });
    return !text.includes('"shutdown":"Terminate"') && !/"finishedAt":"/.test(text);
  });
}

describe('a run that is cancelled', () => {
  it.each(Object.entries(CASES))(
    '%s: says so, leaves nothing under way, and the next one finishes the job',
    async (_, { phase, left, settings = {}, inputs = () => ({}), given, arm }) => {
      const name = `c-${Math.random().toString(36).slice(2, 10)}`;
      const scenario = await world.scenario({ [`instances/${name}/env/app.yml`]: 'kind: Deployment\n' }, name);
      const { instance } = scenario;
      await given?.(scenario);
      const running = await scenario.start({ settings, inputs: inputs(scenario) });
      const cancelled = Promise.withResolvers<void>();
      await arm({
        scenario,
        running,
        cancel: () => {
          running.cancel();
          cancelled.resolve();
        },
      });
      await cancelled.promise;
      await eventually(async () => (await unstopped(instance)).length === 0, 5_000);
      const result = await running.done;

      expect(result.code).toBe(1);
      const [error = ''] = /^::error .*/m.exec(result.log) ?? [];
      expect(error).toMatch(/[Tt]he run was cancelled\./);
      expect(result.log).toMatch(new RegExp(`^Stopped in: ${phase}, after `, 'm'));
      expect(result.log).toMatch(left);
      expect(error).toContain('Run again at any time: it continues from what exists.');
      expect(await unstopped(instance)).toEqual([]);
      expect(await livingPods(world, instance)).toEqual([]);
      const secrets = await secretNames(world, instance);
      expect(secrets.filter((secret) => secret.startsWith('launchpad-provision-'))).toEqual([]);
      const lease = await world.cluster.read(leaseRef(instance));
      if (given === undefined) expect(lease).toBeUndefined();
      else expect(lease?.spec).toMatchObject({ holderIdentity: 'somebody-else' });

      world.proxy.clear();
      world.git.beforePush = undefined;
      await scenario.expireLease();
      const next = await scenario.run({ inputs: { ...inputs(scenario), 'wait-for-sync': 'false' } });
      expect(next.log).not.toContain('::error');
      expect(next.code).toBe(0);
      await expectProvisioned(world, scenario);
      expect(await readApplication(world, instance)).toBeDefined();
      expect(await actionCommits(world, scenario)).toHaveLength(1);
    },
    90_000,
  );
});
