import type { Fault } from '../../../sandbox/faults/rules.ts';
import type { FaultCase, Section } from '../fault-case.ts';

type Provider = 'digitalocean' | 'atlas';
const NAMES = { digitalocean: 'DigitalOcean', atlas: 'Atlas' } as const;

interface VendorFault {
  readonly request: string;
  readonly method: string;
  readonly path: RegExp;
  readonly what: string;
  readonly fault: Fault;
  readonly times?: number;
  /** Undefined: the run gets over it. */
  readonly error?: RegExp;
}

const answer = (status: number, others: object = {}): Fault => ({ kind: 'answer', status, body: '{}', ...others });
const PAGE = { body: '<html><body>Bad gateway</body></html>', type: 'text/html' };
const NO_ANSWER: Fault = { kind: 'drop', when: 'after' };

const DIGITALOCEAN: readonly VendorFault[] = [
  ...[
    { what: 'answers 503 twice', fault: answer(503), times: 2 },
    { what: 'answers 429 with Retry-After', fault: answer(429, { retryAfter: 1 }) },
    { what: 'ends its answer in the middle', fault: { kind: 'cut' } as const },
    { what: 'answers 200 with a page', fault: answer(200, PAGE) },
  ].map((one) => ({ ...one, request: 'Read of the cluster', method: 'GET', path: /\/databases\/[^/]+$/ })),
  ...[{ what: 'does it, and drops the connection', fault: NO_ANSWER }].map((one) => ({
    ...one,
    request: 'Creation of a database',
    method: 'POST',
    path: /\/dbs$/,
  })),
  ...[
    { what: 'answers 429 with Retry-After', fault: answer(429, { retryAfter: 1 }) },
    { what: 'does it, and drops the connection: the password is lost', fault: NO_ANSWER },
    { what: 'does it, and answers 500: the password is lost', fault: answer(500, { when: 'after' }) },
    { what: 'does it, and ends its answer in the middle: the password is lost', fault: { kind: 'cut' } as const },
  ].map((one) => ({ ...one, request: 'Creation of the user', method: 'POST', path: /\/users$/ })),
  {
    request: 'Creation of the user',
    method: 'POST',
    path: /\/users$/,
    what: 'refuses it each time (403)',
    fault: answer(403, { body: '{"id":"forbidden","message":"You are not authorized"}' }),
    times: 99,
    error: /403|authorized/,
  },
  {
    request: 'Read of the cluster',
    method: 'GET',
    path: /\/databases\/[^/]+$/,
    what: 'answers 503 each time',
    fault: answer(503),
    times: 999,
    error: /503/,
  },
];

const ATLAS: readonly VendorFault[] = [
  ...[
    { what: 'answers 503 twice', fault: answer(503), times: 2 },
    { what: 'drops the connection', fault: { kind: 'drop', when: 'before' } as const },
    { what: 'answers 200 with a page', fault: answer(200, PAGE) },
  ].map((one) => ({ ...one, request: 'Token', method: 'POST', path: /\/oauth\/token$/ })),
  ...[
    { what: 'answers 429 with Retry-After', fault: answer(429, { retryAfter: 1 }) },
    { what: 'answers 401 once', fault: answer(401, { body: '{"error":401,"detail":"expired"}' }) },
    { what: 'ends its answer in the middle', fault: { kind: 'cut' } as const },
  ].map((one) => ({ ...one, request: 'Read of the cluster', method: 'GET', path: /\/clusters\/[^/]+$/ })),
  ...[
    { what: 'does it, and drops the connection', fault: NO_ANSWER },
    { what: 'does it, and answers 500', fault: answer(500, { when: 'after' }) },
    { what: 'does it, and ends its answer in the middle', fault: { kind: 'cut' } as const },
  ].map((one) => ({ ...one, request: 'Creation of the user', method: 'POST', path: /\/databaseUsers$/ })),
  ...[{ what: 'answers 502 with a page', fault: answer(502, PAGE) }].map((one) => ({
    ...one,
    request: 'Read of the state',
    method: 'GET',
    path: /\/status$/,
  })),
  {
    request: 'Read of the cluster',
    method: 'GET',
    path: /\/clusters\/[^/]+$/,
    what: 'answers 403, as the address is not on the list',
    fault: answer(403, {
      body: '{"error":403,"errorCode":"IP_ADDRESS_NOT_ON_ACCESS_LIST","detail":"not on the list"}',
    }),
    times: 99,
    error: /ACCESS_LIST|access list/,
  },
];

function caseOf(provider: Provider, { request, what, error, times = 1, ...rule }: VendorFault): FaultCase {
  return {
    fault: `${NAMES[provider]}, ${request.toLowerCase()}: the API ${what}`,
    provider,
    ends: error === undefined ? 'green' : 'red',
    ...(error === undefined ? {} : { error, options: () => ({ inputs: { timeout: '20s' } }) }),
    arm: (stage) => stage[provider].add({ ...rule, times }),
  };
}

export const VENDORS: Section = {
  title: 'DigitalOcean and Atlas',
  cases: [...DIGITALOCEAN.map((one) => caseOf('digitalocean', one)), ...ATLAS.map((one) => caseOf('atlas', one))],
};
