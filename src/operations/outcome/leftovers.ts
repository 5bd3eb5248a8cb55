import type { RunRecord, UnknownOutcome, WorkflowRecord } from '../../core/run-record.ts';

/**
 * What a run that did not succeed leaves, and what the next run does with it: lines for the log and the summary.
 *
 * @param options `resources`: whether to list what exists, if no table does
 */
export function describeLeftovers(record: RunRecord, options: { readonly resources: boolean }): string[] {
  const { operation, resources, workflows } = record;
  const phases = phaseSentences(record);
  if (resources.length === 0 && workflows.length === 0) {
    return [...phases, 'Nothing of the instance was touched: the next run starts from the beginning.'];
  }
  return [
    ...phases,
    ...workflowSentences(workflows),
    ...(operation === 'deprovision' ? deprovisionSentences(record) : provisionSentences(record, options.resources)),
  ];
}

function provisionSentences(record: RunRecord, listResources: boolean): string[] {
  return [...(listResources ? resourceSentences(record) : []), commitSentence(record), rerunSentence(record)];
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

function resourceSentences({ resources }: RunRecord): string[] {
  const there = resources.map(({ kind, name, state }) => `${kind} ${name} (${state})`);
  return there.length === 0 ? [] : [`There now: ${there.join(', ')}.`];
}

function commitSentence({ commit, resources, outcomeUnknown }: RunRecord): string {
  const application = applicationClause(outcomeUnknown, resources);
  if (commit === undefined) {
    const isKnown = outcomeUnknown !== 'commit';
    return `${isKnown ? 'Nothing was committed' : 'Whether the commit was pushed is not known: the next run finds out'}${application}.`;
  }
  return `Commit ${commit.sha.slice(0, 7)} holds the instance's files${application}.`;
}

function applicationClause(outcomeUnknown: UnknownOutcome | undefined, resources: RunRecord['resources']): string {
  if (outcomeUnknown === 'application') return '; whether the Application was applied is not known';
  return resources.some(({ kind }) => kind === 'Application') ? '' : ', and no Application was applied';
}

function rerunSentence({ commit, seedKept }: RunRecord): string {
  const seed = seedKept && commit === undefined ? ' Names and passwords that were made up stay the same.' : '';
  return `The next run goes on from there: it leaves alone what is right and makes what is missing.${seed}`;
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

/** `undetermined`: its workflow succeeded, but its results cannot be read. */
type LeftoverState = 'removed' | 'gone already' | 'left' | 'undetermined';

/** All resources of the instance that the run knows of, in the order in which a run deletes them. */
export function leftoversOf({ resources, expected, workflows }: RunRecord): Leftover[] {
  const keyOf = ({ kind, name }: { readonly kind: string; readonly name: string }) => `${kind} ${name}`;
  const known = new Map(resources.map((resource) => [keyOf(resource), stateOf(resource.state)]));
  const succeeded = workflows.filter(({ phase }) => phase === 'Succeeded').map(({ kind }) => kind);
  const work = expected.map(({ kind, name, by }): Leftover => {
    const state = succeeded.includes(by) ? 'undetermined' : 'left';
    return { kind, name, state: known.get(keyOf({ kind, name })) ?? state };
  });
  const worked = new Set(work.map(keyOf));
  const others = resources
    .filter((resource) => !worked.has(keyOf(resource)))
    .map(({ kind, name, state }) => ({ kind, name, state: stateOf(state) }));
  const isFirst = ({ kind }: Leftover) => kind === 'Application';
  return [...others.filter(isFirst), ...work, ...others.filter((one) => !isFirst(one))];
}

function stateOf(state: RunRecord['resources'][number]['state']): LeftoverState {
  if (state === 'deleted') return 'removed';
  return state === 'absent' ? 'gone already' : 'left';
}

function deprovisionSentences(record: RunRecord): string[] {
  const leftovers = leftoversOf(record);
  const sentence = (title: string, state: LeftoverState) => {
    const those = leftovers.filter((one) => one.state === state).map(({ kind, name }) => `${kind} ${name}`);
    return those.length === 0 ? [] : [`${title}: ${those.join(', ')}.`];
  };
  return [
    ...sentence('Removed', 'removed'),
    ...sentence('Removed, or gone already', 'undetermined'),
    ...sentence('Gone already', 'gone already'),
    ...sentence('Left', 'left'),
    filesSentence(record),
    'The next run with operation: deprovision goes on from there: what is gone already is left so, and the rest is removed.',
  ];
}

function filesSentence({ commit, outcomeUnknown }: RunRecord): string {
  if (commit !== undefined) return "The cluster repository has the instance's files no more.";
  return outcomeUnknown === 'commit'
    ? "Whether the instance's files were removed from the cluster repository is not known: the next run finds out."
    : "The instance's files were not removed from the cluster repository.";
}
