import type { Moment } from '../../../sandbox/faults/rules.ts';
import type { FaultCase } from '../fault-case.ts';
import type { Stage } from '../stage.ts';

/** A moment of a run: a request of it, before the server gets it or when it has done it. */
export interface RunMoment {
  readonly name: string;
  readonly server: 'api' | 'git';
  readonly method: string;
  readonly path: (instance: string) => string;
  readonly when: Moment;
}

export const MOMENTS = {
  review: {
    name: 'while it checks its permissions',
    server: 'api',
    method: 'POST',
    path: () => '/selfsubjectaccessreviews',
    when: 'before',
  },
  lease: {
    name: 'when its Lease is created, before it gets the answer',
    server: 'api',
    method: 'POST',
    path: () => '/leases\\?',
    when: 'after',
  },
  reading: {
    name: 'while it looks for earlier runs',
    server: 'api',
    method: 'GET',
    path: (instance) => `/${instance}/workflows\\?limit`,
    when: 'before',
  },
  namespace: {
    name: 'when the namespace is applied, before it gets the answer',
    server: 'api',
    method: 'PATCH',
    path: (instance) => `/namespaces/${instance}\\?`,
    when: 'after',
  },
  secret: {
    name: 'when the first Secret is created, before it gets the answer',
    server: 'api',
    method: 'POST',
    path: (instance) => `/${instance}/secrets\\?`,
    when: 'after',
  },
  program: {
    name: 'when a program is stored',
    server: 'api',
    method: 'POST',
    path: (instance) => `/${instance}/configmaps\\?`,
    when: 'after',
  },
  workflow: {
    name: 'when a Workflow is created, before it gets the answer',
    server: 'api',
    method: 'POST',
    path: (instance) => `/${instance}/workflows\\?`,
    when: 'after',
  },
  watch: {
    name: 'while it waits for the Workflows',
    server: 'api',
    method: 'GET',
    path: (instance) => `/${instance}/workflows\\?.*watch=true`,
    when: 'after',
  },
  temporary: {
    name: 'while it deletes the temporary Secrets',
    server: 'api',
    method: 'DELETE',
    path: (instance) => `/${instance}/secrets/launchpad-provision-`,
    when: 'after',
  },
  push: { name: 'before it pushes', server: 'git', method: 'POST', path: () => '/git-receive-pack', when: 'before' },
  pushed: {
    name: 'when the commit is pushed, before it gets the answer',
    server: 'git',
    method: 'POST',
    path: () => '/git-receive-pack',
    when: 'after',
  },
  seed: {
    name: 'while it deletes the seed',
    server: 'api',
    method: 'DELETE',
    path: (instance) => `/${instance}/secrets/launchpad-seed`,
    when: 'after',
  },
  application: {
    name: 'when the Application is applied, before it gets the answer',
    server: 'api',
    method: 'PATCH',
    path: (instance) => `/applications/${instance}-`,
    when: 'after',
  },
  release: {
    name: 'while it releases its Lease',
    server: 'api',
    method: 'DELETE',
    path: (instance) => `/leases/launchpad-${instance}`,
    when: 'before',
  },
  applicationDeleted: {
    name: 'when the Application is being deleted',
    server: 'api',
    method: 'DELETE',
    path: (instance) => `/applications/${instance}-`,
    when: 'after',
  },
  namespaceDeleted: {
    name: 'when the namespace is being deleted',
    server: 'api',
    method: 'DELETE',
    path: (instance) => `/namespaces/${instance}$`,
    when: 'after',
  },
} as const satisfies Readonly<Record<string, RunMoment>>;

/** How a run is ended from outside. */
type End = Pick<FaultCase, 'ends' | 'leavesRest'> & {
  readonly what: string;
  readonly work: (stage: Stage) => void;
  /** Whether the run's request waits for its end: it gets no answer. */
  readonly isLast: boolean;
};

export const ENDS = {
  cancelled: { what: 'The job is cancelled', ends: 'red', isLast: true, work: (stage) => stage.running().cancel() },
  terminated: {
    what: 'The runner stops the job (SIGTERM)',
    ends: 'red',
    isLast: false,
    work: (stage) => stage.running().signal('SIGTERM'),
  },
  interrupted: {
    what: 'SIGINT comes',
    ends: 'red',
    isLast: false,
    work: (stage) => stage.running().signal('SIGINT'),
  },
  killed: {
    what: 'The main step is killed, and the post step runs',
    ends: 'killed',
    isLast: false,
    work: (stage) => stage.running().signal('SIGKILL'),
  },
  died: {
    what: 'The runner dies',
    ends: 'killed',
    leavesRest: true,
    isLast: false,
    work: (stage) => stage.running().die(),
  },
} as const satisfies Readonly<Record<string, End>>;

/** The case of a run that is ended so at that moment. */
export function endedAt(end: keyof typeof ENDS, moment: keyof typeof MOMENTS): FaultCase {
  const { what, work, isLast, ...ending }: End = ENDS[end];
  const { name, server, method, path, when }: RunMoment = MOMENTS[moment];
  return {
    ...ending,
    fault: `${what} ${name}`,
    arm: (stage) =>
      stage[server].add({
        method,
        path: new RegExp(path(stage.instance)),
        times: 1,
        fault: {
          kind: 'call',
          when,
          work: async () => {
            work(stage);
            if (isLast) await stage.running().done;
          },
        },
      }),
  };
}
