import type { ConnectionFault } from '../../../sandbox/faults/front.ts';
import type { Fault } from '../../../sandbox/faults/rules.ts';
import type { FaultCase, Section } from '../fault-case.ts';
import type { Stage } from '../stage.ts';

const DATABASES = ['mysql', 'mongodb'] as const;
type Database = (typeof DATABASES)[number];
const NAMES = { mysql: 'MySQL', mongodb: 'MongoDB' } as const;

/** A run whose workflows have little time, and yet enough where eight runs share two cores. */
const SHORT = () => ({ inputs: { timeout: '20s' } });

/** Milliseconds for which a server is down that comes back. */
const DOWN_MS = 4_000;

const cuts: readonly (ConnectionFault & { readonly what: string })[] = [
  { what: 'ends a connection before it greets', kind: 'cut', when: 'after', answers: 0, times: 1 },
  { what: 'ends a connection in the login', kind: 'cut', when: 'before', answers: 1, times: 1 },
  { what: 'ends a connection after the third answer', kind: 'cut', when: 'before', answers: 3, times: 1 },
  {
    what: 'does what the sixth request asks, and ends the connection',
    kind: 'cut',
    when: 'after',
    answers: 5,
    times: 2,
  },
];

const silences: readonly (ConnectionFault & { readonly what: string })[] = [
  { what: 'accepts connections and says nothing', kind: 'silence', when: 'after', answers: 0 },
  { what: 'says nothing more after the fourth request', kind: 'silence', when: 'after', answers: 3 },
];

function lost(database: Database): FaultCase[] {
  const name = NAMES[database];
  return [
    ...cuts.map(
      ({ what, ...fault }): FaultCase => ({
        fault: `${name} ${what}`,
        ends: 'green',
        arm: (stage) => stage[database].fault(fault),
      }),
    ),
    ...silences.map(
      ({ what, ...fault }): FaultCase => ({
        fault: `${name} ${what}`,
        ends: 'red',
        error: new RegExp(name),
        options: SHORT,
        arm: (stage) => stage[database].fault(fault),
      }),
    ),
    {
      fault: `${name} refuses connections for ${DOWN_MS / 1000} s`,
      ends: 'green',
      arm: (stage) => stage[database].close(),
      during: async (stage) => {
        await new Promise((resolve) => setTimeout(resolve, DOWN_MS));
        await stage[database].open();
      },
    },
    {
      fault: `${name} refuses connections`,
      ends: 'red',
      error: new RegExp(`${name}.*(?:refused|out of time)`),
      options: SHORT,
      arm: (stage) => stage[database].close(),
    },
  ];
}

const slowDown: Fault = {
  kind: 'answer',
  status: 503,
  body: '<Error><Code>SlowDown</Code><Message>Reduce your request rate</Message></Error>',
  type: 'application/xml',
};

interface StorageFault {
  readonly what: string;
  readonly fault: Fault;
  readonly method?: string;
  readonly times?: number;
  readonly within?: number;
}

/** Faults of the object store that a run gets over. */
const STORAGE: readonly StorageFault[] = [
  { what: 'answers 503 SlowDown twice', fault: slowDown, times: 2 },
  {
    what: 'answers 500 to the creation of the bucket',
    method: 'PUT',
    fault: { kind: 'answer', status: 500, body: '' },
  },
  { what: 'drops the connection', fault: { kind: 'drop', when: 'before' } },
  { what: 'creates the bucket, and drops the connection', method: 'PUT', fault: { kind: 'drop', when: 'after' } },
  { what: 'creates the bucket, and answers 500', method: 'PUT', fault: { kind: 'answer', when: 'after', status: 500 } },
  { what: 'ends its answer in the middle', method: 'GET', fault: { kind: 'cut' } },
  {
    what: 'is hidden by a page of a gateway (502)',
    fault: { kind: 'answer', status: 502, body: '<html>', type: 'text/html' },
  },
  { what: 'gives no answer once', fault: { kind: 'hang', when: 'before' }, within: 180 },
];

const STORAGE_FAILS: readonly (StorageFault & { readonly error: RegExp })[] = [
  { what: 'drops each connection', fault: { kind: 'drop', when: 'before' }, error: /Storage/ },
  { what: 'gives no answer', fault: { kind: 'hang', when: 'before' }, error: /Storage/ },
  {
    what: 'refuses the key (403)',
    fault: {
      kind: 'answer',
      status: 403,
      body: '<Error><Code>InvalidAccessKeyId</Code><Message>No such key</Message></Error>',
      type: 'application/xml',
    },
    error: /Storage.*(?:key|403)/,
  },
];

const storageAt = ({ storage }: Stage, { method, fault, times }: StorageFault, usual: { readonly times?: number }) =>
  storage.add({
    ...(method === undefined ? {} : { method }),
    path: /./,
    fault,
    ...(times === undefined ? usual : { times }),
  });

/** What MongoDB answers while its primary changes. */
const STEPDOWN: readonly (readonly [command: string, what: string])[] = [
  ['createUser', 'is asked for the user'],
  ['usersInfo', 'is asked for users'],
];

export const SERVERS: Section = {
  title: 'MySQL, MongoDB and object storage',
  cases: [
    ...DATABASES.flatMap(lost),
    ...STEPDOWN.map(
      ([command, what]): FaultCase => ({
        fault: `MongoDB is no primary any more when it ${what}`,
        ends: 'green',
        arm: ({ mongodbRefuses }) => mongodbRefuses(command, { code: 10107, codeName: 'NotWritablePrimary' }),
      }),
    ),
    ...STORAGE.map(
      (one): FaultCase => ({
        fault: `The object store ${one.what}`,
        ends: 'green',
        arm: (stage) => storageAt(stage, one, { times: 1 }),
        ...(one.within === undefined ? {} : { within: one.within }),
      }),
    ),
    ...STORAGE_FAILS.map(
      (one): FaultCase => ({
        fault: `The object store ${one.what}`,
        ends: 'red',
        error: one.error,
        options: SHORT,
        arm: (stage) => storageAt(stage, one, {}),
      }),
    ),
  ],
};
