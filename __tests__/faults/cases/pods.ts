import { eventually, livingPods } from '../../scenarios/outcome.ts';
import type { FaultCase, Section } from '../fault-case.ts';
import type { Stage } from '../stage.ts';

const KINDS = ['mysql', 'mongodb', 'storage'] as const;
const NAMES = { mysql: 'MySQL', mongodb: 'MongoDB', storage: 'storage' } as const;
const PASSWORD = /\/secrets\/launchpad-mongodb-user-password/;

const after = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Ends the pod as soon as it runs: its server gives it no answer meanwhile. */
function killedPod(kind: (typeof KINDS)[number]): FaultCase {
  return {
    fault: `The pod of the ${NAMES[kind]} workflow is killed`,
    ends: 'red',
    error: new RegExp(NAMES[kind], 'i'),
    arm: (stage) => {
      if (kind === 'storage') stage.storage.add({ path: /./, fault: { kind: 'hang', when: 'before' } });
      else stage[kind].fault({ kind: 'silence', when: 'after', answers: 0 });
    },
    during: async (stage) => {
      // It has asked its server, which says nothing.
      await eventually(() => !stage.isIdle);
      await stage.signalPods(`${kind}-`, 'SIGKILL');
    },
  };
}

const lostPassword = (signal: 'SIGTERM' | 'SIGKILL'): FaultCase => ({
  fault: `The node of the MongoDB pod goes down (${signal}) as DigitalOcean makes the password`,
  provider: 'digitalocean',
  ends: 'red',
  error: /MongoDB/,
  arm: (stage) =>
    stage.digitalocean.add({
      method: 'POST',
      path: /\/users$/,
      times: 1,
      fault: {
        kind: 'call',
        when: 'after',
        work: async () => {
          await stage.signalPods('mongodb-', signal);
          if (signal === 'SIGKILL') throw new Error('No answer.');
        },
      },
    }),
});

interface PodFault {
  readonly what: string;
  readonly arm: (stage: Stage) => void;
  readonly error?: RegExp;
}

/** The API server as the MongoDB pod sees it, which keeps the password there. */
const POD_API: readonly PodFault[] = [
  {
    what: 'answers 503 twice',
    arm: ({ podApi }) => podApi.add({ path: PASSWORD, times: 2, fault: { kind: 'answer', status: 503 } }),
  },
  {
    what: 'drops the connection',
    arm: ({ podApi }) => podApi.add({ path: PASSWORD, times: 1, fault: { kind: 'drop', when: 'before' } }),
  },
  {
    what: 'does it, and drops the connection',
    arm: ({ podApi }) =>
      podApi.add({ method: 'PATCH', path: PASSWORD, times: 1, fault: { kind: 'drop', when: 'after' } }),
  },
  {
    what: 'stores the password, and drops the connection',
    arm: ({ podApi }) =>
      podApi.add({ method: 'PATCH', path: PASSWORD, times: 1, skip: 1, fault: { kind: 'drop', when: 'after' } }),
  },
  {
    what: 'answers 409 Conflict once',
    arm: ({ podApi }) =>
      podApi.add({
        method: 'PATCH',
        path: PASSWORD,
        times: 1,
        fault: { kind: 'answer', status: 409, reason: 'Conflict' },
      }),
  },
  {
    what: 'refuses it each time (403)',
    error: /403|forbidden|Secret/i,
    arm: ({ podApi }) => podApi.add({ path: PASSWORD, fault: { kind: 'answer', status: 403, reason: 'Forbidden' } }),
  },
];

export const PODS: Section = {
  title: 'Argo Workflows and its pods',
  cases: [
    {
      fault: 'The controller stands still for 4 s',
      ends: 'green',
      arm: ({ stopController }) => stopController(),
      during: async ({ startController }) => {
        await after(6_000);
        await startController();
      },
    },
    {
      fault: 'The controller does not run',
      ends: 'red',
      options: () => ({ inputs: { timeout: '10s' } }),
      arm: ({ stopController }) => stopController(),
      during: async (stage) => {
        await eventually(() => /time limit|timed out|not .*within/i.test(stage.running().log()), 60_000);
        await after(3_000);
        await stage.startController();
      },
    },
    ...KINDS.map(killedPod),
    lostPassword('SIGTERM'),
    lostPassword('SIGKILL'),
    ...POD_API.map(
      ({ what, arm, error }): FaultCase => ({
        fault: `Password Secret, as the pod writes it: the API server ${what}`,
        provider: 'digitalocean',
        ends: error === undefined ? 'green' : 'red',
        ...(error === undefined ? {} : { error, options: () => ({ inputs: { timeout: '20s' } }) }),
        arm,
      }),
    ),
    {
      fault: 'A workflow fails, and the API server cannot reach the kubelet for its log',
      ends: 'red',
      error: /MySQL/,
      options: () => ({ inputs: { timeout: '20s' } }),
      arm: async (stage) => {
        await stage.mysql.close();
        stage.api.add({
          path: /\/pods\/[^/]+\/log/,
          fault: { kind: 'answer', status: 500, reason: 'InternalError' },
        });
      },
    },
    {
      fault: 'A pod is deleted by somebody while it runs',
      ends: 'either',
      arm: (stage) => stage.mysql.fault({ kind: 'silence', when: 'after', answers: 0 }),
      during: async (stage) => {
        const { world, instance, signalPods } = stage;
        await eventually(() => !stage.isIdle);
        const [name = ''] = (await livingPods(world, instance)).filter((pod) => pod.startsWith('mysql-'));
        await world.cluster.delete({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: instance } });
        await signalPods('mysql-', 'SIGKILL');
      },
    },
  ],
};
