import { type Problem, problemOf } from '../causes/recognise.ts';
import { type Evidence, symptomsOf } from '../causes/symptoms.ts';
import {
  type EventObject,
  isFinished,
  isUntouched,
  mainContainer,
  type PodObject,
  podNode,
  type WorkflowObject,
  workflowOf,
} from '../objects/workflow-objects.ts';

/** How a Workflow ended, or where it stood when the wait did. */
export interface WorkflowOutcome {
  readonly name: string;
  /** Argo's word: Succeeded, Failed, Error; Deleted, where somebody deleted it; TimedOut, where it has not ended. */
  readonly phase: string;
  readonly message: string;
  /** From its creation to its end. */
  readonly seconds: number;
  readonly exitCode: number | undefined;
  /** Output parameters of the pod, by name. */
  readonly outputs: ReadonlyMap<string, string>;
  /** What was known of it at the end, and what held it up then. */
  readonly evidence: Evidence;
  readonly problem: Problem | undefined;
}

/** What the wait tells while it goes on. */
export interface WaitEvents {
  /** One line for each change of a Workflow or of its pod. */
  readonly onChange: (line: string) => void;
  /** What may keep a Workflow from its end, with what to do; once for each Workflow until it is something else. */
  readonly onProblem: (line: string) => void;
  /** A Workflow has ended. */
  readonly onOutcome: (outcome: WorkflowOutcome) => void;
}

interface Watched {
  evidence: Evidence;
  /** Words of where it stands, as they were told. */
  stage: string;
  problem: { readonly cause: Problem; readonly sinceMs: number; isReported: boolean } | undefined;
  /** Codes and words of troubles that were told, so that two that take turns are not told again and again. */
  readonly reported: Set<string>;
  outcome: WorkflowOutcome | undefined;
}

/**
 * What is known of the Workflows that are waited for. It takes in what the watches tell, in whatever order, and tells
 * what changed; time is given to it.
 */
export class WaitState {
  readonly #namespace: string;
  readonly #events: WaitEvents;
  readonly #watched: ReadonlyMap<string, Watched>;

  constructor(namespace: string, names: readonly string[], events: WaitEvents) {
    this.#namespace = namespace;
    this.#events = events;
    this.#watched = new Map(names.map((name) => [name, newlyWatched()]));
  }

  get isOver(): boolean {
    return [...this.#watched.values()].every(({ outcome }) => outcome !== undefined);
  }

  /** @param nowMs milliseconds of any clock that does not jump, as everywhere here */
  workflowChanged(workflow: WorkflowObject, isDeleted: boolean, nowMs: number): void {
    const name = workflow.metadata?.name ?? '';
    const watched = this.#watched.get(name);
    if (watched === undefined || watched.outcome !== undefined) return;
    watched.evidence = { ...watched.evidence, workflow: isDeleted ? undefined : workflow };
    if (isDeleted || isFinished(workflow)) this.#end(name, watched);
    else this.#look(name, watched, nowMs);
  }

  /** A pod that is deleted keeps its last state: it may tell why. */
  podChanged(pod: PodObject, nowMs: number): void {
    const name = workflowOf(pod);
    const watched = this.#watched.get(name);
    if (watched === undefined) return;
    watched.evidence = { ...watched.evidence, pod };
    this.#look(name, watched, nowMs);
  }

  eventSeen(event: EventObject, nowMs: number): void {
    for (const [name, watched] of this.#watched) {
      const about = event.involvedObject?.name;
      if (about !== name && about !== watched.evidence.pod?.metadata?.name) continue;
      // One that happens again is the same object, told anew.
      const others = watched.evidence.events.filter(({ metadata }) => metadata?.uid !== event.metadata?.uid);
      watched.evidence = { ...watched.evidence, events: [...others, event] };
      this.#look(name, watched, nowMs);
    }
  }

  /** Time has passed: what was given patience may be due. */
  timePassed(nowMs: number): void {
    for (const [name, watched] of this.#watched) this.#look(name, watched, nowMs);
  }

  /** Those that have not ended, each with where it stands. */
  get waiting(): readonly { readonly name: string; readonly stage: string; readonly pod: string | undefined }[] {
    return [...this.#watched]
      .filter(([, { outcome }]) => outcome === undefined)
      .map(([name, { stage, problem, evidence }]) => ({
        name,
        stage: problem?.isReported === true ? `held up: ${problem.cause.heading}` : stage,
        pod: stage === 'Running' ? evidence.pod?.metadata?.name : undefined,
      }));
  }

  /** How each ended, in the order of the names; those that have not count as TimedOut after these seconds. */
  outcomes(seconds: number): WorkflowOutcome[] {
    return [...this.#watched].map(
      ([name, { outcome, evidence, problem, stage }]) =>
        outcome ?? {
          ...endOf(name, 'TimedOut', evidence, problem?.cause ?? this.#trouble(name, evidence)),
          message: stage,
          seconds,
        },
    );
  }

  #end(name: string, watched: Watched): void {
    const { evidence, problem } = watched;
    const phase = evidence.workflow === undefined ? 'Deleted' : (evidence.workflow.status?.phase ?? '');
    watched.outcome = endOf(name, phase, evidence, problem?.cause);
    this.#events.onChange(`${name}: ${describeEnd(watched.outcome)}`);
    this.#events.onOutcome(watched.outcome);
  }

  #look(name: string, watched: Watched, nowMs: number): void {
    if (watched.outcome !== undefined) return;
    const cause = this.#trouble(name, watched.evidence);
    if (cause === undefined) watched.problem = undefined;
    else if (watched.problem?.cause.code === cause.code) watched.problem = { ...watched.problem, cause };
    else watched.problem = { cause, sinceMs: nowMs, isReported: false };
    this.#tellTrouble(name, watched, nowMs);
    if (watched.problem !== undefined) return;
    const stage = stageOf(watched.evidence);
    if (stage === watched.stage) return;
    watched.stage = stage;
    this.#events.onChange(`${name}: ${stage}`);
  }

  #tellTrouble(name: string, { problem, reported }: Watched, nowMs: number): void {
    if (problem === undefined || nowMs - problem.sinceMs < problem.cause.patienceMs) return;
    problem.isReported = true;
    const { code, sentence, remedy, isPermanent } = problem.cause;
    // The scheduler counts nodes in its words, and its reason may change; other words take turns.
    const update = code === 'unschedulable' ? sentence : code;
    if (reported.has(update)) return;
    reported.add(update);
    const hope = isPermanent ? 'It will not start.' : 'The wait goes on, as this may mend itself.';
    this.#events.onProblem(`${name}: ${sentence}. ${hope} What to do: ${remedy}`);
  }

  #trouble(name: string, evidence: Evidence): Problem | undefined {
    // Before its first state has come there is nothing to tell from.
    if (evidence.workflow === undefined) return undefined;
    return problemOf(symptomsOf(evidence), { namespace: this.#namespace, workflow: name });
  }
}

function newlyWatched(): Watched {
  return {
    evidence: { workflow: undefined, pod: undefined, events: [] },
    stage: 'Submitted',
    problem: undefined,
    reported: new Set(),
    outcome: undefined,
  };
}

function endOf(name: string, phase: string, evidence: Evidence, problem: Problem | undefined): WorkflowOutcome {
  const { workflow } = evidence;
  const node = workflow === undefined ? undefined : podNode(workflow);
  const { finishedAt } = workflow?.status ?? {};
  const created = Date.parse(workflow?.metadata?.creationTimestamp ?? '');
  const seconds = (Date.parse(finishedAt ?? '') - created) / 1000;
  const exitCode = Number(node?.outputs?.exitCode);
  return {
    name,
    phase,
    message:
      phase === 'Deleted'
        ? 'the Workflow was deleted before it ended'
        : (workflow?.status?.message ?? node?.message ?? ''),
    seconds: Number.isFinite(seconds) ? seconds : 0,
    exitCode: Number.isInteger(exitCode) ? exitCode : undefined,
    outputs: new Map((node?.outputs?.parameters ?? []).map(({ name: parameter, value = '' }) => [parameter, value])),
    evidence,
    problem,
  };
}

function describeEnd({ phase, message, seconds }: WorkflowOutcome): string {
  const after = `${phase} after ${seconds.toFixed(0)} s`;
  return phase === 'Succeeded' || message === '' ? after : `${after}, ${message}`;
}

/** How far a Workflow is that has not ended, in a few words: what its pod does, or before that what Argo says of it. */
export function stageOf({ workflow, pod, events }: Evidence): string {
  if (workflow === undefined || isUntouched(workflow)) return 'Submitted';
  if (pod === undefined) {
    const node = podNode(workflow);
    const message = node?.message ?? workflow.status?.message ?? '';
    if (message !== '') return `${node?.phase ?? workflow.status?.phase}, ${message}`;
    return node?.phase === 'Running' ? 'Running' : 'Taken up by Argo Workflows';
  }
  const { running, terminated } = mainContainer(pod)?.state ?? {};
  if (terminated !== undefined) return `Pod ended with exit code ${terminated.exitCode}, Argo takes in the result`;
  if (running !== undefined) return 'Running';
  const node = pod.spec?.nodeName ?? '';
  return startOf(pod, events) ?? (node === '' ? 'Pod made, waiting for a node' : `Scheduled on ${node}`);
}

/** What the kubelet does: it tells of an image in two events, `Pulling` and `Pulled` (pkg/kubelet/images). */
function startOf({ metadata }: PodObject, events: readonly EventObject[]): string | undefined {
  const own = events.filter(({ involvedObject }) => involvedObject?.name === metadata?.name);
  const last = own.findLast(({ reason = '' }) => ['Pulling', 'Pulled', 'Created', 'Started'].includes(reason));
  if (last === undefined) return undefined;
  if (last.reason !== 'Pulling') return 'Starting';
  return `Pulling image ${/"([^"]+)"/.exec(last.message ?? '')?.[1] ?? ''}`.trimEnd();
}
