import type { ConnectionFault } from '../../../sandbox/faults/front.ts';
import type { StepResult } from '../../../sandbox/github-runner.ts';
import { deprovisioning } from '../../scenarios/deprovisioned.ts';
import { eventually } from '../../scenarios/outcome.ts';
import type { FaultCase, Section } from '../fault-case.ts';
import { expectGreen } from '../invariants.ts';
import type { Stage } from '../stage.ts';
import { endedAt, MOMENTS, type RunMoment } from './moments.ts';

const after = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** The API server is away for that time: the run and its post step do not reach it. */
function away(moment: keyof typeof MOMENTS, seconds: number): FaultCase {
  const { name, method, path, when }: RunMoment = MOMENTS[moment];
  return {
    fault: `The API server is away for ${seconds} s, from the moment ${name}`,
    // A Lease that cannot be renewed for 30 s is lost.
    ends: seconds < 20 ? 'green' : 'either',
    leavesRest: seconds > 60,
    within: 240,
    arm: ({ api, instance }) => {
      const work = () => {
        api.add({ path: /./, fault: { kind: 'drop', when: 'before' } });
        api.dropWatches();
        setTimeout(() => api.clear(), seconds * 1000);
      };
      api.add({ method, path: new RegExp(path(instance)), times: 1, fault: { kind: 'call', when, work } });
    },
  };
}

type Database = 'mysql' | 'mongodb';
const NAMES = { mysql: 'MySQL', mongodb: 'MongoDB' } as const;

/** What the pods write, by what stands in their requests. */
const STATEMENTS: readonly { readonly database: Database; readonly what: string; readonly asks: RegExp }[] = [
  { database: 'mysql', what: 'creates the database', asks: /CREATE DATABASE/ },
  { database: 'mysql', what: 'creates the user', asks: /CREATE USER/ },
  { database: 'mysql', what: 'gives the user its privileges', asks: /GRANT / },
  { database: 'mongodb', what: 'creates the user', asks: /createUser/ },
  { database: 'mongodb', what: 'gives the user its roles', asks: /grantRolesToUser|updateUser/ },
];

const OBJECTS: readonly { readonly what: string; readonly path: RegExp }[] = [
  { what: 'creates the bucket', path: /^\/[^/?]+\/?(\?x-id=CreateBucket)?$/ },
  { what: 'sets the CORS rules of the bucket', path: /[?&]cors/ },
];

const MOMENTS_OF_DEATH = ['before', 'after'] as const satisfies readonly ConnectionFault['when'][];

const killedAtStatement = ({ database, what, asks }: (typeof STATEMENTS)[number]) =>
  MOMENTS_OF_DEATH.map(
    (when): FaultCase => ({
      fault: `The pod of the ${NAMES[database]} workflow is killed ${when} the server ${what}`,
      ends: 'either',
      error: /MySQL|MongoDB|^$/,
      arm: (stage) => stage[database].fault({ kind: 'silence', when, answers: 0, asks, times: 1 }),
      during: async (stage) => {
        await eventually(() => !stage.isIdle, 120_000);
        await stage.signalPods(`${database}-`, 'SIGKILL');
      },
    }),
  );

const killedAtObject = ({ what, path }: (typeof OBJECTS)[number]) =>
  MOMENTS_OF_DEATH.map(
    (when): FaultCase => ({
      fault: `The pod of the storage workflow is killed ${when} the server ${what}`,
      ends: 'either',
      arm: (stage) => stage.storage.add({ method: 'PUT', path, times: 1, fault: { kind: 'hang', when } }),
      during: async (stage) => {
        await eventually(() => !stage.isIdle, 120_000);
        await stage.signalPods('storage-', 'SIGKILL');
      },
    }),
  );

/** The database is there again before the workflow gives up. */
const down = (database: Database, seconds: number): FaultCase => ({
  fault: `${NAMES[database]} is down for ${seconds} s`,
  ends: 'green',
  arm: (stage) => stage[database].close(),
  during: async (stage) => {
    await eventually(() => new RegExp(`^${database}-\\S+: Running`, 'm').test(stage.running().log()), 120_000);
    await after(seconds);
    await stage[database].open();
  },
});

const killedAgain = (moment: keyof typeof MOMENTS): FaultCase => {
  const { fault, ...killed } = endedAt('died', moment);
  return { ...killed, fault: `kill -9 ${MOMENTS[moment].name}, and another run at once`, atOnce: true };
};

/** Another run of the instance begins in the same second. */
function besides(fault: string, beside: 'same' | 'opposite'): FaultCase {
  const others = new WeakMap<Stage, Promise<StepResult>>();
  return {
    fault,
    ends: 'green',
    beside,
    within: 240,
    arm: async (stage) => {
      const { done } = await stage.start(beside === 'same' ? {} : deprovisioning(stage.scenario));
      others.set(stage, done);
    },
    during: async (stage) => await others.get(stage),
    mend: async (stage) => {
      const other = await others.get(stage);
      if (other !== undefined) expectGreen(other);
    },
  };
}

export const OUTAGES: Section = {
  title: 'The API server is away',
  cases: (['secret', 'watch', 'application'] as const).flatMap((moment) =>
    [5, 30, 90].map((seconds) => away(moment, seconds)),
  ),
};

export const WRITES: Section = {
  title: 'Pods, databases and runs',
  cases: [
    ...STATEMENTS.flatMap(killedAtStatement),
    ...OBJECTS.flatMap(killedAtObject),
    down('mysql', 20),
    down('mongodb', 20),
    killedAgain('workflow'),
    killedAgain('pushed'),
    besides('Two runs of one instance begin in the same second', 'same'),
    besides('A run that deprovisions begins in the same second as one that provisions', 'opposite'),
  ],
};

export const ALONE: Section = {
  title: 'Argo Workflows',
  cases: [
    {
      fault: 'The controller is stopped for 60 s',
      ends: 'green',
      within: 240,
      arm: ({ stopController }) => stopController(),
      during: async ({ startController }) => {
        await after(60);
        await startController();
      },
      mend: ({ startController }) => startController(),
    },
  ],
};
