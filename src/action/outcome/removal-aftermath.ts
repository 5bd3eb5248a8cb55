import type { RunRecord } from '../../core/run-record.ts';

/** Something of an instance that is being taken down, and what is known of it. */
export interface Remains {
  readonly kind: string;
  readonly name: string;
  readonly state: RemainsState;
}

/** `told`: its workflow succeeded, and what it said cannot be read. */
export type RemainsState = 'removed' | 'gone already' | 'left' | 'told';

/** All that the instance had as far as the run came to know it, in the order in which it goes. */
export function remainsOf({ resources, expected, workflows }: RunRecord): Remains[] {
  const keyOf = ({ kind, name }: { readonly kind: string; readonly name: string }) => `${kind} ${name}`;
  const known = new Map(resources.map((resource) => [keyOf(resource), stateOf(resource.state)]));
  const succeeded = workflows.filter(({ phase }) => phase === 'Succeeded').map(({ kind }) => kind);
  const work = expected.map(({ kind, name, by }): Remains => {
    const untold = succeeded.includes(by) ? 'told' : 'left';
    return { kind, name, state: known.get(keyOf({ kind, name })) ?? untold };
  });
  const worked = new Set(work.map(keyOf));
  const others = resources
    .filter((resource) => !worked.has(keyOf(resource)))
    .map(({ kind, name, state }) => ({ kind, name, state: stateOf(state) }));
  const isFirst = ({ kind }: Remains) => kind === 'Application';
  return [...others.filter(isFirst), ...work, ...others.filter((one) => !isFirst(one))];
}

function stateOf(state: RunRecord['resources'][number]['state']): RemainsState {
  if (state === 'deleted') return 'removed';
  return state === 'absent' ? 'gone already' : 'left';
}

/** What a run leaves that was to take an instance down and did not, and what the next one will do: for log and summary. */
export function removalAftermath(record: RunRecord): string[] {
  const remains = remainsOf(record);
  const sentence = (title: string, state: RemainsState) => {
    const those = remains.filter((one) => one.state === state).map(({ kind, name }) => `${kind} ${name}`);
    return those.length === 0 ? [] : [`${title}: ${those.join(', ')}.`];
  };
  return [
    ...sentence('Removed', 'removed'),
    ...sentence('Removed, or gone already', 'told'),
    ...sentence('Gone already', 'gone already'),
    ...sentence('Left', 'left'),
    filesSentence(record),
    'The next run with operation: deprovision goes on from there: what is gone already is left so, and the rest is removed.',
  ];
}

function filesSentence({ commit, unheard }: RunRecord): string {
  if (commit !== undefined) return "The cluster repository has the instance's files no more.";
  return unheard === 'commit'
    ? "Whether the instance's files were removed from the cluster repository is not known: the next run finds out."
    : "The instance's files were not removed from the cluster repository.";
}
