import type { StepResult } from '../../sandbox/github-runner.ts';
import { filesOf } from '../scenarios/deprovisioned.ts';
import { readApplication } from '../scenarios/outcome.ts';
import type { Stage } from './stage.ts';

/** What there is of an instance, whatever a run says. */
export interface Facts {
  /** Full hashes of the action's commits on main. */
  readonly commits: readonly string[];
  readonly hasFiles: boolean;
  readonly hasApplication: boolean;
  readonly hasNamespace: boolean;
}

export async function factsOf({ world, scenario, instance }: Stage): Promise<Facts> {
  const namespace = await world.cluster.read({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: instance } });
  const hashes = await world.git.git(scenario.repository, 'log', '--format=%H %s', 'main');
  return {
    commits: hashes.split('\n').flatMap((line) => /^(\w+) (?:feat|chore):/.exec(line)?.[1] ?? []),
    hasFiles: (await filesOf(world, scenario)).length > 0,
    hasApplication: (await readApplication(world, instance)) !== undefined,
    hasNamespace: namespace !== undefined && namespace.metadata?.deletionTimestamp === undefined,
  };
}

interface Claim {
  /** As a report says it, in the log or in the summary. */
  readonly says: RegExp;
  /** @param before what there was before the run */
  readonly isTrue: (facts: Facts, match: RegExpExecArray, before: Facts) => boolean;
}

const sameCommits = (facts: Facts, before: Facts) => facts.commits.length === before.commits.length;

/** What a report says of what is there now, and when that is true. */
const CLAIMS: readonly Claim[] = [
  {
    says: /Nothing was committed|[Nn]o commit was made/g,
    isTrue: (facts, _, before) => sameCommits(facts, before),
  },
  {
    says: /Nothing of the instance was touched|^No changes were made/gm,
    isTrue: (facts, _, before) =>
      sameCommits(facts, before) &&
      facts.hasApplication === before.hasApplication &&
      facts.hasNamespace === before.hasNamespace,
  },
  { says: /no Application was (?:applied|created)/g, isTrue: ({ hasApplication }) => !hasApplication },
  {
    says: /Commit(?: \||\*\*:)? `?\[?`?([0-9a-f]{7})/g,
    isTrue: ({ commits }, [, hash = '']) => commits.some((commit) => commit.startsWith(hash)),
  },
  { says: /files were not removed/g, isTrue: ({ hasFiles }) => hasFiles },
  {
    says: /instance's files are removed|Directory \| `instances\/[^|]*\| ➖ removed/g,
    isTrue: ({ hasFiles }) => !hasFiles,
  },
  { says: /^Removed: .*Application /gm, isTrue: ({ hasApplication }) => !hasApplication },
  { says: /^Removed: .*Namespace /gm, isTrue: ({ hasNamespace }) => !hasNamespace },
  { says: /^Left: .*Application /gm, isTrue: ({ hasApplication }) => hasApplication },
  { says: /^Left: .*Directory /gm, isTrue: ({ hasFiles }) => hasFiles },
  { says: /^(?:Created so far|Updated|Unchanged|Exists): .*Namespace /gm, isTrue: ({ hasNamespace }) => hasNamespace },
  {
    says: /^(?:Created so far|Updated|Unchanged|Exists): .*Application /gm,
    isTrue: ({ hasApplication }) => hasApplication,
  },
];

/** What is said of the outcome without claiming it. */
const OPEN = /not known|could not be read|unknown/;

/** The statements of a run's report that are not true; and that it makes none, which would hide all others. */
export function falseClaims({ log, summary, outputs, code }: StepResult, facts: Facts, before: Facts): string[] {
  const report = `${log.replaceAll(/^::(?:add-mask|debug)::.*$/gm, '')}\n${summary}`;
  const made = CLAIMS.flatMap(({ says, isTrue }) =>
    [...report.matchAll(says)].map((match) => ({ text: match[0], isTrue: isTrue(facts, match, before) })),
  );
  const { 'commit-sha': hash = '' } = outputs;
  return [
    ...made.filter((claim) => !claim.isTrue).map(({ text }) => `says "${text}"`),
    ...(hash === '' || facts.commits.includes(hash) || before.commits.includes(hash) ? [] : [`commit-sha is ${hash}`]),
    ...(code === 1 && made.length === 0 && !OPEN.test(report) ? ['says nothing of what is left'] : []),
  ];
}
