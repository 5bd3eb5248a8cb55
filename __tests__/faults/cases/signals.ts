import { eventually } from '../../scenarios/outcome.ts';
import { leaseRef } from '../../scenarios/world.ts';
import type { FaultCase, Section } from '../fault-case.ts';
import type { Stage } from '../stage.ts';
import { endedAt, type MOMENTS } from './moments.ts';

type Name = keyof typeof MOMENTS;

const EACH: readonly Name[] = [
  'review',
  'lease',
  'reading',
  'namespace',
  'secret',
  'workflow',
  'watch',
  'temporary',
  'push',
  'pushed',
  'seed',
  'application',
];
const CANCELLED: readonly Name[] = [
  'review',
  'lease',
  'reading',
  'namespaceAsked',
  'namespace',
  'workflow',
  'watch',
  'push',
  'pushed',
  'seed',
  'applicationAsked',
  'application',
];
const WITH_A_STEP_AFTER: readonly Name[] = ['lease', 'namespace', 'workflow', 'watch', 'pushed'];
const LAB: readonly Name[] = ['workflow', 'watch', 'pushed'];

const LEASE = { holderIdentity: 'somebody-else', leaseDurationSeconds: 30 };

/** Cancels the run as soon as its log says so. */
const cancelledAt = (line: RegExp) => async (stage: Stage) => {
  await eventually(() => line.test(stage.running().log()), 30_000);
  stage.running().cancel();
};

const WAITING: readonly FaultCase[] = [
  {
    fault: 'The job is cancelled while it waits for the Lease of another run',
    ends: 'red',
    log: /^Stopped in: Lock the instance/m,
    arm: async ({ world, instance }) => {
      await world.cluster.create({ ...leaseRef(instance), spec: { ...LEASE, renewTime: new Date().toISOString() } });
    },
    during: cancelledAt(/waiting for run somebody-else/),
    mend: ({ scenario }) => scenario.expireLease(),
  },
  {
    fault: 'The job is cancelled while it waits for Argo CD',
    ends: 'red',
    log: /^Stopped in: Wait for Argo CD/m,
    arm: async ({ world, scenario, instance }) => {
      await world.git.commit(scenario.repository, { [`instances/${instance}/env/app.yml`]: 'kind: Deployment\n' });
    },
    options: ({ git, scenario }) => ({
      inputs: { 'repository-url': `${git.url}/${scenario.repository}.git`, 'wait-for-sync': 'true' },
    }),
    during: cancelledAt(/waiting for Argo CD to look at it/),
  },
];

function ended(end: Parameters<typeof endedAt>[0], names: readonly Name[]): FaultCase[] {
  return names.map((name) => ({
    ...endedAt(end, name),
    ...(LAB.includes(name) && end === 'died' ? { lab: true } : {}),
  }));
}

export const SIGNALS: Section = {
  title: 'A run that is ended from outside',
  cases: [
    ...ended('died', EACH),
    ...ended('cancelled', CANCELLED),
    ...ended('killed', WITH_A_STEP_AFTER),
    ...ended('terminated', ['watch', 'push']),
    ...ended('interrupted', ['workflow', 'push']),
    ...WAITING,
  ],
};
