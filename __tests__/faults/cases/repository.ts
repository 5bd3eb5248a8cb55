import type { Fault } from '../../../sandbox/faults/rules.ts';
import type { FaultCase, Section } from '../fault-case.ts';
import type { Stage } from '../stage.ts';
import { MOMENTS, type RunMoment } from './moments.ts';

const PAGE = '<html><body>Unicorn!</body></html>';

/** What git asks the remote for. */
const REQUESTS = {
  'Fetch, first question': { method: 'GET', path: /\/info\/refs\?service=git-upload-pack/ },
  'Fetch, pack': { method: 'POST', path: /\/git-upload-pack/ },
  'Push, first question': { method: 'GET', path: /\/info\/refs\?service=git-receive-pack/ },
  'Push, pack': { method: 'POST', path: /\/git-receive-pack/ },
} as const;

type Request = keyof typeof REQUESTS;

interface Transient {
  readonly request: Request;
  readonly what: string;
  readonly fault: Fault;
  readonly times?: number;
  readonly skip?: number;
  /** Only what the run asks for when it has the Lease. */
  readonly underLease?: boolean;
}

const page = (status: number, when: 'before' | 'after' = 'before'): Fault => ({
  kind: 'answer',
  when,
  status,
  body: PAGE,
  type: 'text/html',
});

const TRANSIENT: readonly Transient[] = [
  { request: 'Fetch, first question', what: 'answers 503 twice', fault: page(503), times: 2 },
  {
    request: 'Fetch, first question',
    what: 'answers 429 with Retry-After',
    fault: { kind: 'answer', status: 429, retryAfter: 1 },
  },
  { request: 'Fetch, first question', what: 'drops the connection', fault: { kind: 'drop', when: 'before' } },
  { request: 'Fetch, first question', what: 'ends its answer in the middle', fault: { kind: 'cut' } },
  { request: 'Fetch, pack', what: 'answers 502 once', fault: page(502) },
  { request: 'Fetch, pack', what: 'ends its answer in the middle', fault: { kind: 'cut' } },
  {
    request: 'Fetch, first question',
    what: 'drops the connection when the run has the Lease',
    fault: { kind: 'drop', when: 'before' },
    underLease: true,
  },
  { request: 'Push, first question', what: 'answers 503 once, for the trial', fault: page(503) },
  { request: 'Push, first question', what: 'answers 503 once, for the push', fault: page(503), skip: 1 },
  { request: 'Push, pack', what: 'answers 503 twice', fault: page(503), times: 2 },
  { request: 'Push, pack', what: 'drops the connection', fault: { kind: 'drop', when: 'before' } },
  { request: 'Push, pack', what: 'does it, and drops the connection', fault: { kind: 'drop', when: 'after' } },
  { request: 'Push, pack', what: 'does it, and answers 502', fault: page(502, 'after') },
  { request: 'Push, pack', what: 'does it, and ends its answer in the middle', fault: { kind: 'cut' } },
  {
    request: 'Push, pack',
    what: 'does it, and ends its answer early, as if it were complete',
    fault: { kind: 'cut', looksComplete: true },
  },
];

function gitSurvives({ request, what, fault, times = 1, skip = 0, underLease = false }: Transient): FaultCase {
  return {
    fault: `${request}: the git remote ${what}`,
    ends: 'green',
    arm: ({ git, api, instance }) => {
      const strike = () => git.add({ ...REQUESTS[request], times, skip, fault });
      const { method, path }: RunMoment = MOMENTS.lease;
      const leased = { method, path: new RegExp(path(instance)), times: 1 };
      if (underLease) api.add({ ...leased, fault: { kind: 'call', when: 'after', work: strike } });
      else strike();
    },
    ...(what === 'does it, and drops the connection' ? { lab: true } : {}),
  };
}

/** What the remote says to a push that it will not take, each time. */
const REFUSALS: Readonly<Record<string, { readonly lines: string; readonly error: RegExp }>> = {
  'the branch is protected': {
    lines: 'error: GH006: Protected branch update failed for refs/heads/main.',
    error: /protect/i,
  },
  'a ruleset refuses it': {
    lines: 'error: GH013: Repository rule violations found for refs/heads/main.',
    error: /rule/i,
  },
  'push protection finds a secret': {
    lines:
      'error: GH013: Repository rule violations found for refs/heads/main.\n- GITHUB PUSH PROTECTION\n  Push cannot contain secrets',
    error: /secret|rule/i,
  },
  'a hook of the remote refuses it': { lines: 'Commit message does not follow the pattern ABC-123', error: /pattern/ },
};

const refusal = ([what, { lines, error }]: readonly [string, (typeof REFUSALS)[string]]): FaultCase => ({
  fault: `Push, pack: ${what}`,
  ends: 'red',
  error,
  arm: ({ world, scenario }) => {
    world.git.refusals.set(scenario.repository, lines);
  },
  mend: async ({ world, scenario }) => world.git.refusals.delete(scenario.repository),
});

const race = ({ world, git, scenario }: Stage, times: number) =>
  git.add({
    ...REQUESTS['Push, pack'],
    times,
    fault: {
      kind: 'call',
      when: 'before',
      work: () => world.git.commit(scenario.repository, { [`other-${Math.random()}.txt`]: 'another\n' }),
    },
  });

const SPECIAL: readonly FaultCase[] = [
  {
    fault: 'Push, pack: another pushes first, three times',
    ends: 'green',
    lab: true,
    arm: (stage) => race(stage, 3),
  },
  { fault: 'Push, pack: another pushes first, each time', ends: 'red', error: /main/, arm: (stage) => race(stage, 99) },
  {
    fault: 'Push, pack: the git remote answers 503 each time',
    ends: 'red',
    error: /503/,
    within: 240,
    arm: ({ git }) => git.add({ ...REQUESTS['Push, pack'], fault: page(503) }),
  },
  {
    fault: 'Push, pack: the git remote does it, and drops the connection each time',
    ends: 'green',
    within: 240,
    arm: ({ git }) => git.add({ ...REQUESTS['Push, pack'], fault: { kind: 'drop', when: 'after' } }),
  },
  {
    fault: 'Push, pack: the git remote does it, and cannot be reached any more',
    ends: 'either',
    within: 240,
    arm: ({ git }) =>
      git.add({
        ...REQUESTS['Push, pack'],
        times: 1,
        fault: {
          kind: 'call',
          when: 'after',
          work: () => {
            git.add({ path: /./, fault: { kind: 'drop', when: 'before' } });
            throw new Error('No answer.');
          },
        },
      }),
  },
  {
    fault: 'Fetch, first question: the git remote drops the connection each time',
    ends: 'red',
    within: 240,
    arm: ({ git }) => git.add({ ...REQUESTS['Fetch, first question'], fault: { kind: 'drop', when: 'before' } }),
  },
  {
    fault: 'Fetch, first question: the git remote gives no answer',
    ends: 'red',
    within: 300,
    options: () => ({ inputs: { timeout: '1m' } }),
    arm: ({ git }) => git.add({ ...REQUESTS['Fetch, first question'], fault: { kind: 'hang', when: 'before' } }),
  },
  {
    fault: 'Fetch, first question: the repository is not found (404)',
    ends: 'red',
    error: /not found|404/i,
    arm: ({ git }) =>
      git.add({ path: /./, fault: { kind: 'answer', status: 404, body: 'Not Found', type: 'text/plain' } }),
  },
  {
    fault: 'Push, first question: the git remote refuses it (403)',
    ends: 'red',
    error: /403|denied|permission|may not/i,
    arm: ({ git }) =>
      git.add({
        ...REQUESTS['Push, first question'],
        fault: { kind: 'answer', status: 403, body: 'Permission denied.', type: 'text/plain' },
      }),
  },
];

export const REPOSITORY: Section = {
  title: 'Git remote',
  cases: [...TRANSIENT.map(gitSurvives), ...Object.entries(REFUSALS).map(refusal), ...SPECIAL],
};
