import type { Effect, RecordedResource, RunRecord, WorkflowRecord } from '../../core/run-record.ts';
import { describeResources } from '../describe.ts';

/**
 * What a run that did not succeed leaves, and what the next run does with it: lines for the log and the summary.
 *
 * @param options `resources`: whether to list what exists, if no table does
 */
export function describeLeftovers(record: RunRecord, options: { readonly resources: boolean }): string[] {
  const { operation, workflows } = record;
  const phases = phaseSentences(record);
  if (isUntouched(record)) {
    return [...phases, 'No changes were made.'];
  }
  return [
    ...phases,
    ...workflowSentences(workflows),
    ...(operation === 'deprovision' ? deprovisionSentences(record) : provisionSentences(record, options.resources)),
  ];
}

function isUntouched({ resources, workflows, effects, commit }: RunRecord): boolean {
  const isChanged = ({ state }: RecordedResource) => !['unchanged', 'absent', 'kept'].includes(state);
  const hasEffect = Object.values(effects).some((state) => state !== 'no');
  return !hasEffect && workflows.length === 0 && commit === undefined && !resources.some(isChanged);
}

function provisionSentences(record: RunRecord, listResources: boolean): string[] {
  return [
    ...(listResources ? resourceSentences(record) : []),
    ...unknownSentences(record, [
      ['namespace', 'the namespace was created'],
      ['workflows', 'the workflows were started'],
    ]),
    ...secretsSentences(record),
    commitSentence(record),
    rerunSentence(record),
  ];
}

/** @param questions each completes "whether", where that effect is unknown */
function unknownSentences({ effects }: RunRecord, questions: readonly (readonly [Effect, string])[]): string[] {
  const unknown = questions.filter(([effect]) => effects[effect] === 'unknown');
  return unknown.map(([, question]) => `Whether ${question} is not known: the next run finds out.`);
}

function secretsSentences({ effects: { secrets } }: RunRecord): string[] {
  if (secrets === 'no') return [];
  const left = secrets === 'yes' ? 'are left' : 'may be left';
  return [
    `Temporary Secrets of the workflows ${left} in the namespace: they are deleted with the workflows, within a day, or by the next run.`,
  ];
}

function phaseSentences({ phases }: RunRecord): string[] {
  const done = phases.filter(({ outcome }) => outcome === 'done').map(({ title }) => title);
  const stopped = phases.find(({ outcome }) => outcome !== 'done');
  const after =
    stopped?.endedAt === undefined ? '' : `, after ${((stopped.endedAt - stopped.startedAt) / 1000).toFixed(1)} s`;
  return [
    ...(done.length > 0 ? [`Phases done: ${done.join('; ')}.`] : []),
    ...(stopped === undefined ? [] : [`Stopped in: ${stopped.title}${after}.`]),
  ];
}

function workflowSentences(workflows: readonly WorkflowRecord[]): string[] {
  const groups = Map.groupBy(workflows, wordOf);
  const parts = [...groups].map(([word, members]) => `${listed(members.map(({ kind }) => kind))} ${word}`);
  return parts.length === 0 ? [] : [`Workflows: ${parts.join('; ')}.`];
}

function wordOf({ phase, terminated }: WorkflowRecord): string {
  if (phase === 'Succeeded') return 'succeeded';
  if (terminated) return 'terminated';
  const words: Readonly<Record<string, string>> = {
    Failed: 'failed',
    Error: 'failed',
    unknown: 'in a state that could not be read',
    '': 'not begun',
  };
  return words[phase] ?? 'still running';
}

/** A sentence for each state, so that none says of a resource what is true of another. */
function resourceSentences({ resources }: RunRecord): string[] {
  return sentences(resources, [
    ['Created so far', 'created'],
    ['Updated', 'updated'],
    ['Unchanged', 'unchanged'],
    ['Exists', 'present'],
    ['Being deleted', 'deleting'],
  ]);
}

/** The resources of each state, under its title. */
function sentences<S extends string>(
  resources: readonly { readonly kind: string; readonly name: string; readonly state: S }[],
  titles: readonly (readonly [title: string, state: S])[],
): string[] {
  return titles.flatMap(([title, state]) => {
    const those = resources.filter((one) => one.state === state);
    return those.length === 0 ? [] : [`${title}: ${describeResources(those)}.`];
  });
}

function commitSentence({ commit, resources, effects }: RunRecord): string {
  const application = applicationClause({ effects, resources });
  if (commit === undefined) {
    return `${effects.commit !== 'unknown' ? 'Nothing was committed' : 'Whether the commit was pushed is not known: the next run finds out'}${application}.`;
  }
  return `Commit ${commit.sha.slice(0, 7)} has the instance's files${application}.`;
}

function applicationClause({ effects, resources }: Pick<RunRecord, 'effects' | 'resources'>): string {
  if (effects.application === 'unknown') return '; whether the Application was applied is not known';
  return resources.some(({ kind }) => kind === 'Application') ? '' : ', and no Application was applied';
}

function rerunSentence({ commit, seedKept }: RunRecord): string {
  const seed = seedKept && commit === undefined ? ' Generated names and passwords stay the same.' : '';
  return `Re-running is safe: it keeps what exists and creates what is missing.${seed}`;
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** A resource of an instance that is being deprovisioned. */
export interface Leftover {
  readonly kind: string;
  readonly name: string;
  readonly state: LeftoverState;
}

/** `not removed`: its name is not known. `undetermined`: its workflow succeeded, but its results cannot be read. `unknown`: it may be removed or left. */
type LeftoverState =
  | 'removed'
  | 'already absent'
  | 'kept'
  | 'left'
  | 'being deleted'
  | 'undetermined'
  | 'unknown'
  | 'not removed';

/** The requests by which a run deletes a resource itself. */
const DELETED_BY: Readonly<Record<string, Effect>> = {
  Application: 'application',
  Namespace: 'namespace',
  Directory: 'commit',
};

/** All resources of the instance that the run knows of, in the order in which a run deletes them. */
export function leftoversOf({ resources, expected, workflows, effects, unknownBucket }: RunRecord): Leftover[] {
  const keyOf = ({ kind, name }: { readonly kind: string; readonly name: string }) => `${kind} ${name}`;
  const stateOf = ({ kind, state }: RecordedResource) => {
    const effect = DELETED_BY[kind];
    return effect !== undefined && effects[effect] === 'unknown' ? 'unknown' : LEFTOVER_STATES[state];
  };
  const known = new Map(resources.map((resource) => [keyOf(resource), stateOf(resource)]));
  const work = expected.map(({ kind, name, by }): Leftover => {
    const workflow = workflows.find((candidate) => candidate.kind === by);
    const state = workflow === undefined && effects.workflows === 'unknown' ? 'unknown' : stateAfter(workflow);
    return { kind, name, state: known.get(keyOf({ kind, name })) ?? state };
  });
  const worked = new Set(work.map(keyOf));
  const others = resources
    .filter((resource) => !worked.has(keyOf(resource)))
    .map((resource) => ({ kind: resource.kind, name: resource.name, state: stateOf(resource) }));
  const isFirst = ({ kind }: Leftover) => kind === 'Application';
  const all = [...others.filter(isFirst), ...work, ...others.filter((one) => !isFirst(one))];
  if (unknownBucket === undefined) return all;
  // Its generated name is that of no bucket.
  const bucket: Leftover = { kind: 'Bucket', name: unknownBucket, state: 'not removed' };
  return [...all.filter(({ kind }) => kind !== 'Bucket'), bucket];
}

const LEFTOVER_STATES: Readonly<Record<RecordedResource['state'], LeftoverState>> = {
  created: 'left',
  updated: 'left',
  unchanged: 'left',
  present: 'left',
  kept: 'kept',
  deleted: 'removed',
  absent: 'already absent',
  deleting: 'being deleted',
};

/** What is known of a resource whose workflow did not report it. One that failed may have removed it before. */
function stateAfter(workflow: WorkflowRecord | undefined): LeftoverState {
  if (workflow === undefined || workflow.phase === '') return 'left';
  return workflow.phase === 'Succeeded' ? 'undetermined' : 'unknown';
}

function deprovisionSentences(record: RunRecord): string[] {
  return [
    ...sentences(leftoversOf(record), [
      ['Removed', 'removed'],
      ['Removed or already absent', 'undetermined'],
      ['Already absent', 'already absent'],
      ['Being deleted', 'being deleted'],
      ['Left', 'left'],
      ['Not removed, check by hand', 'not removed'],
      ['Kept', 'kept'],
      ['Not known whether removed or left', 'unknown'],
    ]),
    ...unknownSentences(record, [['workflows', 'the workflows were started']]),
    ...secretsSentences(record),
    filesSentence(record),
    'Run again with operation: deprovision to remove the rest.',
  ];
}

function filesSentence({ commit, effects }: RunRecord): string {
  if (commit !== undefined) return "The instance's files are removed from the cluster repository.";
  return effects.commit === 'unknown'
    ? "Whether the instance's files were removed from the cluster repository is not known: the next run finds out."
    : "The instance's files were not removed from the cluster repository.";
}
