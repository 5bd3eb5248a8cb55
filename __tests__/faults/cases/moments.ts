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
  /** Titles of the phase in which a run is then, by its operation. */
  readonly phase: RegExp;
}

export const MOMENTS = {
  review: {
    name: 'while it checks its permissions',
    server: 'api',
    method: 'POST',
    path: () => '/selfsubjectrulesreviews',
    when: 'before',
    phase: /Check cluster and repository/,
  },
  lease: {
    name: 'when its Lease is created, before it gets the answer',
    server: 'api',
    method: 'POST',
    path: () => '/leases\\?',
    when: 'after',
    phase: /Lock the instance/,
  },
  reading: {
    name: 'while it reads the instance again',
    server: 'api',
    method: 'GET',
    path: (instance) => `/applications/${instance}-production$`,
    when: 'before',
    phase: /Read the instance/,
  },
  namespace: {
    name: 'when the namespace is applied, before it gets the answer',
    server: 'api',
    method: 'PATCH',
    path: (instance) => `/namespaces/${instance}(\\?|$)`,
    when: 'after',
    phase: /Prepare the namespace/,
  },
  namespaceAsked: {
    name: 'when it asks for the namespace, which is not created',
    server: 'api',
    method: 'PATCH',
    path: (instance) => `/namespaces/${instance}(\\?|$)`,
    when: 'before',
    phase: /Prepare the namespace/,
  },
  secret: {
    name: 'when the first Secret is created, before it gets the answer',
    server: 'api',
    method: 'POST',
    path: (instance) => `/${instance}/secrets\\?`,
    when: 'after',
    phase: /Prepare the namespace/,
  },
  workflow: {
    name: 'when a Workflow is created, before it gets the answer',
    server: 'api',
    method: 'POST',
    path: (instance) => `/${instance}/workflows\\?`,
    when: 'after',
    phase: /Prepare the namespace/,
  },
  watch: {
    name: 'while it waits for the Workflows',
    server: 'api',
    method: 'GET',
    path: () => '/workflows\\?.*watch=true',
    when: 'after',
    phase: /Wait for the workflows/,
  },
  temporary: {
    name: 'while it deletes the temporary Secrets',
    server: 'api',
    method: 'DELETE',
    path: (instance) => `/${instance}/secrets\\?.*role%3Dtemporary`,
    when: 'after',
    phase: /Commit the files|Wait for the workflows/,
  },
  push: {
    name: 'before it pushes',
    server: 'git',
    method: 'POST',
    path: () => '/git-receive-pack',
    when: 'before',
    phase: /Commit the files|Remove the files/,
  },
  pushed: {
    name: 'when the commit is pushed, before it gets the answer',
    server: 'git',
    method: 'POST',
    path: () => '/git-receive-pack',
    when: 'after',
    phase: /Commit the files|Remove the files/,
  },
  seed: {
    name: 'while it deletes the seed',
    server: 'api',
    method: 'DELETE',
    path: (instance) => `/${instance}/secrets/launchpad-seed`,
    when: 'after',
    phase: /Create the Application/,
  },
  application: {
    name: 'when the Application is applied, before it gets the answer',
    server: 'api',
    method: 'PATCH',
    path: (instance) => `/applications/${instance}-`,
    when: 'after',
    phase: /Create the Application/,
  },
  applicationAsked: {
    name: 'when it asks for the Application, which is not applied',
    server: 'api',
    method: 'PATCH',
    path: (instance) => `/applications/${instance}-`,
    when: 'before',
    phase: /Create the Application/,
  },
  applicationDeleted: {
    name: 'when the Application is being deleted',
    server: 'api',
    method: 'DELETE',
    path: (instance) => `/applications/${instance}-`,
    when: 'after',
    phase: /Delete the Application/,
  },
  namespaceDeleted: {
    name: 'when the namespace is being deleted',
    server: 'api',
    method: 'DELETE',
    path: (instance) => `/namespaces/${instance}$`,
    when: 'after',
    phase: /Delete the namespace/,
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
  const { name, server, method, path, when, phase }: RunMoment = MOMENTS[moment];
  return {
    ...ending,
    fault: `${what} ${name}`,
    // Where the run goes on until it learns of its end, that may be in a later phase.
    ...(isLast ? { log: new RegExp(`^Stopped in: (?:${phase.source})`, 'm') } : {}),
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
