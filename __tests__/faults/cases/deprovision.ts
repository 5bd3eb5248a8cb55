import { type Fault, GONE } from '../../../sandbox/faults/rules.ts';
import { eventually } from '../../scenarios/outcome.ts';
import type { FaultCase, Section } from '../fault-case.ts';
import type { Stage } from '../stage.ts';
import { survived } from './kubernetes.ts';
import { endedAt, type MOMENTS } from './moments.ts';
import { DEPROVISION_PHASES } from './phases.ts';

const DEATHS: readonly (keyof typeof MOMENTS)[] = [
  'lease',
  'applicationDeleted',
  'watch',
  'namespaceDeleted',
  'pushed',
];
const CANCELLED: readonly (keyof typeof MOMENTS)[] = ['applicationDeleted', 'watch', 'namespaceDeleted', 'push'];
const KILLED: readonly (keyof typeof MOMENTS)[] = ['watch', 'namespaceDeleted'];

const PUSH = { method: 'POST', path: /\/git-receive-pack/ };
const SHORT = () => ({ inputs: { timeout: '20s' } });

const FINALIZER = 'example.org/held';
const application = ({ instance }: Stage) => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name: `${instance}-production`, namespace: 'argocd' },
});
const held = ({ instance }: Stage) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'held', namespace: instance },
});

const holdApplication = async (stage: Stage) => {
  await stage.world.cluster.patch(application(stage), {
    metadata: { finalizers: ['resources-finalizer.argocd.argoproj.io', FINALIZER] },
  });
};
const releaseApplication = async (stage: Stage) => {
  await stage.world.cluster.patch(application(stage), { metadata: { finalizers: [] } });
};

/** The deletion of the Application takes a while, so that the run watches it. */
function watched(what: string, fault: Fault): FaultCase {
  const path = /\/applications\?.*watch=true/;
  return {
    fault: `Watch of the Application: the API server ${what}`,
    ends: 'green',
    arm: async (stage) => {
      await holdApplication(stage);
      stage.api.add({ method: 'GET', path, times: 1, fault });
    },
    during: async (stage) => {
      await eventually(() => stage.api.requests.some((request) => path.test(request.path + request.query)), 40_000);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      await releaseApplication(stage);
    },
  };
}

const WATCH: readonly FaultCase[] = [
  watched('has forgotten the resourceVersion (410)', GONE),
  watched('answers 200 with no JSON', { kind: 'answer', status: 200, body: 'no JSON\n' }),
];

const GIT: readonly FaultCase[] = [
  {
    fault: 'Push, pack: the git remote answers 503 twice',
    ends: 'green',
    arm: ({ git }) => git.add({ ...PUSH, times: 2, fault: { kind: 'answer', status: 503 } }),
  },
  {
    fault: 'Push, pack: the git remote drops the connection',
    ends: 'green',
    arm: ({ git }) => git.add({ ...PUSH, times: 1, fault: { kind: 'drop', when: 'before' } }),
  },
  {
    fault: 'Push, pack: the git remote does it, and drops the connection',
    ends: 'green',
    arm: ({ git }) => git.add({ ...PUSH, times: 1, fault: { kind: 'drop', when: 'after' } }),
  },
  {
    fault: 'Push, pack: the branch is protected',
    ends: 'red',
    error: /protect/i,
    arm: ({ world, scenario }) => {
      world.git.refusals.set(scenario.repository, 'error: GH006: Protected branch update failed for refs/heads/main.');
    },
    mend: async ({ world, scenario }) => world.git.refusals.delete(scenario.repository),
  },
];

const SERVERS: readonly FaultCase[] = [
  {
    fault: 'MySQL refuses connections',
    ends: 'red',
    error: /MySQL/,
    options: SHORT,
    arm: ({ mysql }) => mysql.close(),
  },
  {
    fault: 'MySQL does what the fourth request asks, and ends the connection',
    ends: 'green',
    arm: ({ mysql }) => mysql.fault({ kind: 'cut', when: 'after', answers: 3, times: 1 }),
  },
  {
    fault: 'MongoDB ends a connection after the third answer',
    ends: 'green',
    arm: ({ mongodb }) => mongodb.fault({ kind: 'cut', when: 'before', answers: 3, times: 1 }),
  },
  {
    fault: 'MongoDB says nothing more after the fourth request',
    ends: 'red',
    error: /MongoDB/,
    options: SHORT,
    arm: ({ mongodb }) => mongodb.fault({ kind: 'silence', when: 'after', answers: 3 }),
  },
  {
    fault: 'The object store deletes the bucket, and drops the connection',
    ends: 'green',
    arm: ({ storage }) =>
      storage.add({ method: 'DELETE', path: /./, times: 1, fault: { kind: 'drop', when: 'after' } }),
  },
];

const HELD: readonly FaultCase[] = [
  {
    fault: 'Argo CD does not finish the deletion of the Application',
    ends: 'red',
    error: /Application/,
    options: SHORT,
    arm: holdApplication,
    mend: releaseApplication,
  },
  {
    fault: 'A finalizer holds an object of the namespace',
    ends: 'red',
    error: /held|finalizer/i,
    options: SHORT,
    arm: async (stage) => {
      const object = held(stage);
      await stage.world.cluster.create({ ...object, metadata: { ...object.metadata, finalizers: [FINALIZER] } });
    },
    mend: async (stage) => {
      await stage.world.cluster.patch(held(stage), { metadata: { finalizers: null } });
    },
  },
  {
    fault: 'The controller does not run',
    ends: 'red',
    options: () => ({ inputs: { timeout: '10s' } }),
    arm: ({ stopController }) => stopController(),
    during: async (stage) => {
      await eventually(() => /time limit|timed out|not .*within/i.test(stage.running().log()), 60_000);
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      stage.startController();
    },
  },
];

const cases: readonly FaultCase[] = [
  ...DEPROVISION_PHASES.flatMap((phase) => phase.survives.map((name) => survived(phase, name))),
  ...WATCH,
  ...GIT,
  ...SERVERS,
  ...HELD,
  ...DEATHS.map((moment) => endedAt('died', moment)),
  ...CANCELLED.map((moment) => endedAt('cancelled', moment)),
  ...KILLED.map((moment) => endedAt('killed', moment)),
];

export const DEPROVISION: Section = {
  title: 'Deprovisioning',
  cases: cases.map((one) => ({ ...one, operation: 'deprovision', fault: `Deprovisioning: ${one.fault}`, lab: false })),
};
