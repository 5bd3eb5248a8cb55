import { type Fault, GONE, type Rule } from '../../../sandbox/faults/rules.ts';

/** A request that a run sends to the Kubernetes API, by what it does. */
export interface Phase {
  readonly name: string;
  readonly method: string;
  /** Source of a pattern for path and query. */
  readonly path: (instance: string) => string;
  /** How many such requests come before it. */
  readonly skip?: number;
  /** The request that must have failed once for this one to come, by the source of a pattern for path and query. */
  readonly follows?: (instance: string) => string;
  /** Names of faults that a run gets over. */
  readonly survives: readonly Survived[];
}

/** Where credentials can be asked for anew: an exec plugin gives them. */
export const RENEWED = 'answers 401 once to credentials of an exec plugin';

/** Faults, each by what the server does. */
const FAULTS = {
  'answers 503 twice': { times: 2, fault: { kind: 'answer', status: 503 } },
  'answers 429 with Retry-After': { times: 1, fault: { kind: 'answer', status: 429, retryAfter: 1 } },
  [RENEWED]: { times: 1, fault: { kind: 'answer', status: 401, reason: 'Unauthorized' } },
  'answers 409 Conflict once': { times: 1, fault: { kind: 'answer', status: 409, reason: 'Conflict' } },
  'drops the connection': { times: 1, fault: { kind: 'drop', when: 'before' } },
  'does it, and drops the connection': { times: 1, fault: { kind: 'drop', when: 'after' } },
  'does it, and answers 500': { times: 1, fault: { kind: 'answer', when: 'after', status: 500 } },
  'does it, and a gateway answers 504': {
    times: 1,
    fault: { kind: 'answer', when: 'after', status: 504, body: '<html>Gateway Time-out</html>', type: 'text/html' },
  },
  'ends its answer in the middle': { times: 1, fault: { kind: 'cut' } },
  'ends its answer early, as if it were complete': { times: 1, fault: { kind: 'cut', looksComplete: true } },
  'is hidden by a proxy that answers 200 with a page': {
    times: 1,
    fault: { kind: 'answer', status: 200, body: '<html><body>Sign in</body></html>', type: 'text/html' },
  },
  'answers 200 with no JSON': { times: 1, fault: { kind: 'answer', status: 200, body: 'no JSON' } },
  'gives no answer': { times: 1, fault: { kind: 'hang', when: 'before' } },
  'does it, and gives no answer': { times: 1, fault: { kind: 'hang', when: 'after' } },
  'has forgotten the resourceVersion (410)': { times: 1, fault: GONE },
  'takes 3 s': { times: 1, fault: { kind: 'delay', ms: 3_000 } },
  'answers 503 once': { times: 1, fault: { kind: 'answer', status: 503 } },
  'answers 503 for longer than a minute': { fault: { kind: 'answer', status: 503 } },
  'refuses it each time (403)': { fault: { kind: 'answer', status: 403, reason: 'Forbidden' } },
} as const satisfies Readonly<Record<string, { readonly times?: number; readonly fault: Fault }>>;

/** Those that a run must get over. */
export type Survived = Exclude<
  keyof typeof FAULTS,
  `answers 503 ${'once' | 'for longer than a minute'}` | 'refuses it each time (403)'
>;

/** The rules that make that request meet that fault. */
export function rulesOf(
  { method, path, skip = 0, follows }: Phase,
  instance: string,
  name: keyof typeof FAULTS,
): Rule[] {
  const first = follows === undefined ? [] : [{ path: new RegExp(follows(instance)), ...FAULTS['answers 503 once'] }];
  return [...first, { method, path: new RegExp(path(instance)), skip, ...FAULTS[name] }];
}

/** The requests of a run that provisions, in their order. */
export const PHASES: readonly Phase[] = [
  {
    name: 'Discovery of the kinds',
    method: 'GET',
    path: () => '^/apis/argoproj.io/v1alpha1$',
    survives: ['answers 503 twice', 'is hidden by a proxy that answers 200 with a page'],
  },
  {
    name: 'Access review',
    method: 'POST',
    path: () => '/selfsubjectrulesreviews',
    survives: ['answers 503 twice', 'answers 429 with Retry-After', RENEWED, 'gives no answer'],
  },
  {
    name: 'List of Applications',
    method: 'GET',
    path: () => '/applications\\?limit',
    survives: ['ends its answer early, as if it were complete', 'answers 200 with no JSON'],
  },
  {
    name: 'Read of the namespace',
    method: 'GET',
    path: (instance) => `^/api/v1/namespaces/${instance}$`,
    survives: ['is hidden by a proxy that answers 200 with a page'],
  },
  {
    name: 'Creation of the Lease',
    method: 'POST',
    path: () => '/leases\\?',
    survives: [
      'does it, and drops the connection',
      'does it, and a gateway answers 504',
      'gives no answer',
      'does it, and gives no answer',
    ],
  },
  {
    name: 'List of the namespaces',
    method: 'GET',
    path: () => '^/api/v1/namespaces\\?limit',
    survives: ['ends its answer early, as if it were complete'],
  },
  {
    name: 'Apply of the namespace',
    method: 'PATCH',
    path: (instance) => `/namespaces/${instance}(\\?|$)`,
    survives: ['does it, and drops the connection', 'answers 409 Conflict once', 'gives no answer'],
  },
  {
    name: 'Creation of Secrets',
    method: 'POST',
    path: (instance) => `/${instance}/secrets\\?`,
    survives: [
      'does it, and drops the connection',
      'does it, and answers 500',
      'ends its answer in the middle',
      'is hidden by a proxy that answers 200 with a page',
    ],
  },
  {
    name: 'Apply of a Role',
    method: 'PATCH',
    path: (instance) => `/${instance}/roles/`,
    survives: ['ends its answer in the middle'],
  },
  {
    name: 'Apply of a WorkflowTemplate',
    method: 'PATCH',
    path: (instance) => `/${instance}/workflowtemplates/`,
    survives: ['answers 409 Conflict once', 'does it, and gives no answer'],
  },
  {
    name: 'Creation of a ConfigMap',
    method: 'POST',
    path: (instance) => `/${instance}/configmaps\\?`,
    survives: ['answers 429 with Retry-After'],
  },
  {
    name: 'Creation of a Workflow',
    method: 'POST',
    path: (instance) => `/${instance}/workflows\\?`,
    survives: [
      'does it, and drops the connection',
      'ends its answer in the middle',
      'does it, and a gateway answers 504',
      'gives no answer',
      'does it, and gives no answer',
      'takes 3 s',
    ],
  },
  {
    name: 'Creation of a temporary Secret',
    method: 'POST',
    path: (instance) => `/${instance}/secrets\\?`,
    // The seed, and the Secret of the password.
    skip: 2,
    survives: ['does it, and drops the connection', 'answers 409 Conflict once'],
  },
  {
    name: "List of the run's Workflows",
    method: 'GET',
    path: () => '/workflows\\?limit=500&labelSelector=launchpad-provision%2Frun%3D',
    follows: () => '/workflows\\?.*watch=true',
    survives: [
      'ends its answer early, as if it were complete',
      'answers 503 twice',
      'is hidden by a proxy that answers 200 with a page',
    ],
  },
  {
    name: 'Watch of the Workflows',
    method: 'GET',
    path: () => '/workflows\\?.*watch=true',
    survives: [
      'answers 503 twice',
      'ends its answer in the middle',
      'has forgotten the resourceVersion (410)',
      'answers 200 with no JSON',
      'is hidden by a proxy that answers 200 with a page',
      RENEWED,
      'gives no answer',
    ],
  },
  {
    name: 'Watch of pods',
    method: 'GET',
    path: () => '/pods\\?.*watch=true',
    survives: ['answers 200 with no JSON'],
  },
  {
    name: 'Deletion of the temporary Secrets',
    method: 'DELETE',
    path: (instance) => `/${instance}/secrets\\?.*role%3Dtemporary`,
    survives: ['does it, and drops the connection', 'answers 409 Conflict once'],
  },
  {
    name: 'Read of the password',
    method: 'GET',
    path: (instance) => `/${instance}/secrets/launchpad-mongodb-user-password$`,
    survives: ['ends its answer in the middle', 'is hidden by a proxy that answers 200 with a page'],
  },
  {
    name: "Deletion of the password's Secret",
    method: 'DELETE',
    path: (instance) => `/${instance}/secrets\\?.*run%3D[\\w-]+$`,
    survives: ['does it, and drops the connection'],
  },
  {
    name: 'Deletion of the seed',
    method: 'DELETE',
    path: (instance) => `/${instance}/secrets/launchpad-seed`,
    survives: ['does it, and drops the connection'],
  },
  {
    name: 'Read of the Application',
    method: 'GET',
    path: (instance) => `/applications/${instance}-production$`,
    survives: ['ends its answer in the middle'],
  },
  {
    name: 'Apply of the Application',
    method: 'PATCH',
    path: (instance) => `/applications/${instance}-production`,
    survives: [
      'does it, and drops the connection',
      'ends its answer in the middle',
      'answers 409 Conflict once',
      'does it, and answers 500',
      'does it, and gives no answer',
    ],
  },
  {
    name: 'Release of the Lease',
    method: 'DELETE',
    path: (instance) => `/leases/launchpad-${instance}`,
    survives: ['does it, and drops the connection', 'answers 409 Conflict once'],
  },
];

/** The requests of a run that deprovisions, in their order: those that a run that provisions does not send so. */
export const DEPROVISION_PHASES: readonly Phase[] = [
  {
    name: 'Creation of the Lease',
    method: 'POST',
    path: () => '/leases\\?',
    survives: ['does it, and drops the connection'],
  },
  {
    name: 'Deletion of the Application',
    method: 'DELETE',
    path: (instance) => `/applications/${instance}-production`,
    survives: ['answers 503 twice', 'does it, and drops the connection', 'answers 409 Conflict once'],
  },
  {
    name: 'Creation of a Workflow',
    method: 'POST',
    path: (instance) => `/${instance}/workflows\\?`,
    survives: ['does it, and answers 500'],
  },
  {
    name: 'Deletion of the namespace',
    method: 'DELETE',
    path: (instance) => `/namespaces/${instance}$`,
    survives: ['answers 503 twice', 'does it, and drops the connection', 'answers 409 Conflict once'],
  },
  {
    name: 'Wait for the namespace',
    method: 'GET',
    path: (instance) => `^/api/v1/namespaces/${instance}$`,
    survives: ['ends its answer in the middle'],
  },
];
