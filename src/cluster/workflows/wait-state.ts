import type { HeldUp } from '../../core/run-record.ts';
import { causeOf, type Problem, problemOf } from '../causes/recognise.ts';
import { type Evidence, symptomsOf } from '../causes/symptoms.ts';
import {
  type EventObject,
  isFinished,
  mainContainer,
  ownMessage,
  type PodObject,
  podNode,
  type WorkflowObject,
  workflowOf,
} from '../objects/workflow-objects.ts';
import type { PodReport, ProvisionerError } from './pod-report.ts';
import { passingProblem } from './provisioner-causes.ts';
import { describeEnd, describeStatus, heldUp, outlookOf } from './wait-words.ts';

/** How a Workflow ended, or its last status if it has not. */
export interface WorkflowOutcome {
  readonly name: string;
  /** Argo's Succeeded, Failed or Error; Deleted if somebody deleted it; NeverStarts or TimedOut if it has not ended. */
  readonly phase: string;
  readonly message: string;
  /** From its creation to its end. */
  readonly seconds: number;
  readonly exitCode: number | undefined;
  /** Output parameters of the pod, by name. */
  readonly outputs: ReadonlyMap<string, string>;
  /** The last known objects and the last known problem. */
  readonly evidence: Evidence;
  readonly problem: Problem | undefined;
}

/** What the wait reports. */
export interface WaitEvents {
  /** One line for each change of a Workflow or of its pod. */
  readonly onChange: (line: string) => void;
  /** A problem of a Workflow, with its remedy; each problem once. */
  readonly onProblem: (line: string) => void;
  /** The reported problems that are not over, whenever they change. */
  readonly onHeldUp: (problems: readonly HeldUp[]) => void;
  /** A Workflow has ended. */
  readonly onOutcome: (outcome: WorkflowOutcome) => void;
}

interface Watched {
  evidence: Evidence;
  /** Of the log, as far as it was read: its last line, and what its program tries again. */
  lastLine: string | undefined;
  passing: ProvisionerError | undefined;
  /** The last reported status. */
  status: string;
  /** Since when its program runs. */
  runningSinceMs: number | undefined;
  problem: CurrentProblem | undefined;
  /** Codes or sentences of the reported problems, so that two that alternate are reported once each. */
  readonly reported: Set<string>;
  outcome: WorkflowOutcome | undefined;
}

interface CurrentProblem {
  readonly cause: Problem;
  readonly sinceMs: number;
  /** Since when it is one that does not pass. */
  readonly neverSinceMs: number | undefined;
  readonly isReported: boolean;
}

/**
 * The known state of the Workflows. It takes the events of the watches in any order, and reports changes. The caller
 * passes the time in.
 */
export class WaitState {
  readonly #namespace: string;
  readonly #events: WaitEvents;
  readonly #watched: ReadonlyMap<string, Watched>;
  #heldUp: readonly HeldUp[] = [];

  constructor(namespace: string, names: readonly string[], events: WaitEvents) {
    this.#namespace = namespace;
    this.#events = events;
    this.#watched = new Map(names.map((name) => [name, newlyWatched()]));
  }

  get isOver(): boolean {
    return [...this.#watched.values()].every(({ outcome }) => outcome !== undefined);
  }

  /** @param nowMs milliseconds of a monotonic clock, as in all methods here */
  workflowChanged(workflow: WorkflowObject, isDeleted: boolean, nowMs: number): void {
    const name = workflow.metadata?.name ?? '';
    const watched = this.#watched.get(name);
    if (watched === undefined || watched.outcome !== undefined) return;
    watched.evidence = { ...watched.evidence, workflow: isDeleted ? undefined : workflow };
    if (isDeleted || isFinished(workflow)) this.#end(name, watched);
    else this.#update(name, watched, nowMs);
  }

  /** What a running program says in its log. */
  logRead(name: string, { lines, passing }: PodReport, nowMs: number): void {
    const watched = this.#watched.get(name);
    if (watched === undefined) return;
    watched.lastLine = lines.at(-1);
    watched.passing = passing;
    this.#update(name, watched, nowMs);
  }

  podChanged(pod: PodObject, nowMs: number): void {
    const name = workflowOf(pod);
    const watched = this.#watched.get(name);
    if (watched === undefined) return;
    watched.evidence = { ...watched.evidence, pod };
    if (!isRunning(pod)) watched.runningSinceMs = undefined;
    else watched.runningSinceMs ??= nowMs;
    this.#update(name, watched, nowMs);
  }

  eventSeen(event: EventObject, nowMs: number): void {
    for (const [name, watched] of this.#watched) {
      const about = event.involvedObject?.name;
      if (about !== name && about !== watched.evidence.pod?.metadata?.name) continue;
      // A repeated event is the same object with a new count.
      const others = watched.evidence.events.filter(({ metadata }) => metadata?.uid !== event.metadata?.uid);
      watched.evidence = { ...watched.evidence, events: [...others, event] };
      this.#update(name, watched, nowMs);
    }
  }

  /** Time has passed: a problem may have lasted long enough to be reported. */
  timePassed(nowMs: number): void {
    for (const [name, watched] of this.#watched) this.#update(name, watched, nowMs);
  }

  /** The unfinished Workflows with their status. */
  get waiting(): readonly { readonly name: string; readonly status: string; readonly lastLine: string | undefined }[] {
    return [...this.#watched]
      .filter(([, { outcome }]) => outcome === undefined)
      .map(([name, { status, problem, lastLine }]) => ({
        name,
        status: problem?.isReported === true ? heldUp(problem.cause) : status,
        lastLine: status === 'Running' ? lastLine : undefined,
      }));
  }

  /** Whether a program has not begun to run. */
  get isStarting(): boolean {
    return [...this.#watched.values()].some(({ outcome, evidence: { pod } }) => outcome === undefined && !hasRun(pod));
  }

  /** Workflows whose programs run, each with its pod and when that began. */
  get running(): readonly { readonly name: string; readonly pod: string; readonly sinceMs: number }[] {
    return [...this.#watched].flatMap(([name, { outcome, evidence, runningSinceMs }]) => {
      const pod = evidence.pod?.metadata?.name;
      return outcome !== undefined || pod === undefined || runningSinceMs === undefined
        ? []
        : [{ name, pod, sinceMs: runningSinceMs }];
    });
  }

  /**
   * The outcomes in the order of the names. Unfinished Workflows are TimedOut after these seconds.
   *
   * @param unreadable why their state cannot be read, if it cannot
   */
  outcomes(seconds: number, unreadable?: string): WorkflowOutcome[] {
    return [...this.#watched].map(([name, { outcome, evidence, problem, status }]) => {
      if (outcome !== undefined) return outcome;
      const ended = endOf(
        name,
        'TimedOut',
        evidence,
        problem?.cause ?? this.#problemOf(name, { evidence, passing: undefined }),
      );
      const message = unreadable === undefined ? status : `${status}; its state cannot be read: ${unreadable}`;
      return { ...ended, message, seconds };
    });
  }

  #end(name: string, watched: Watched): void {
    const { evidence, problem } = watched;
    const { workflow } = evidence;
    const phase =
      workflow === undefined ? 'Deleted' : isFinished(workflow) ? (workflow.status?.phase ?? '') : 'NeverStarts';
    watched.outcome = endOf(name, phase, evidence, problem?.cause);
    this.#reportHeldUp();
    this.#events.onChange(`${name}: ${describeEnd(watched.outcome)}`);
    this.#events.onOutcome(watched.outcome);
  }

  #update(name: string, watched: Watched, nowMs: number): void {
    if (watched.outcome !== undefined) return;
    const cause = this.#problemOf(name, watched);
    // What held it up until its time was up is why.
    if (cause === undefined && watched.problem !== undefined && this.#isOutOfTime(name, watched)) return;
    if (cause === undefined) watched.problem = undefined;
    else watched.problem = nextProblem(watched.problem, cause, nowMs);
    if (isHopeless(watched.problem, nowMs)) {
      this.#end(name, watched);
      return;
    }
    this.#reportProblem(name, watched, nowMs);
    this.#reportHeldUp();
    // A lock, say, is waited for a minute before it counts as a problem.
    if (watched.problem?.isReported === true) return;
    const status = describeStatus(watched.evidence);
    if (status === watched.status) return;
    watched.status = status;
    this.#events.onChange(`${name}: ${status}`);
  }

  #reportProblem(name: string, watched: Watched, nowMs: number): void {
    const { problem, reported } = watched;
    if (problem === undefined || nowMs - problem.sinceMs < problem.cause.patienceMs) return;
    watched.problem = { ...problem, isReported: true };
    const { code, sentence, remedy } = problem.cause;
    // The scheduler's reason may change, so its sentence counts; other sentences alternate for one problem.
    const key = code === 'unschedulable' ? sentence : code;
    if (reported.has(key)) return;
    reported.add(key);
    this.#events.onProblem(`${name}: ${sentence}. ${outlookOf(problem.cause)} What to do: ${remedy}`);
  }

  #reportHeldUp(): void {
    const heldUp = [...this.#watched].flatMap(([name, { outcome, problem }]) => {
      if (outcome !== undefined || problem?.isReported !== true) return [];
      const { sentence, remedy } = problem.cause;
      return [{ what: `${name}: ${sentence}`, remedy }];
    });
    if (heldUp.map(({ what }) => what).join('\n') === this.#heldUp.map(({ what }) => what).join('\n')) return;
    this.#heldUp = heldUp;
    this.#events.onHeldUp(heldUp);
  }

  #isOutOfTime(workflow: string, { evidence }: Watched): boolean {
    return causeOf(symptomsOf(evidence), { namespace: this.#namespace, workflow })?.code === 'deadline';
  }

  #problemOf(name: string, { evidence, passing }: Pick<Watched, 'evidence' | 'passing'>): Problem | undefined {
    // Nothing is known before its first state has come.
    if (evidence.workflow === undefined) return undefined;
    const inCluster = problemOf(symptomsOf(evidence), { namespace: this.#namespace, workflow: name });
    if (inCluster !== undefined || passing === undefined || !isRunning(evidence.pod)) return inCluster;
    return passingProblem(passing);
  }
}

function nextProblem(last: CurrentProblem | undefined, cause: Problem, nowMs: number): CurrentProblem {
  const same = last?.cause.code === cause.code ? last : undefined;
  const neverSinceMs = cause.endsAfterMs === undefined ? undefined : (same?.neverSinceMs ?? nowMs);
  return { cause, sinceMs: same?.sinceMs ?? nowMs, neverSinceMs, isReported: same?.isReported ?? false };
}

function isHopeless(problem: CurrentProblem | undefined, nowMs: number): boolean {
  const { cause, neverSinceMs } = problem ?? {};
  return neverSinceMs !== undefined && nowMs - neverSinceMs >= (cause?.endsAfterMs ?? 0);
}

function hasRun(pod: PodObject | undefined): boolean {
  return isRunning(pod) || (pod !== undefined && mainContainer(pod)?.state?.terminated !== undefined);
}

function isRunning(pod: PodObject | undefined): boolean {
  return pod !== undefined && mainContainer(pod)?.state?.running !== undefined;
}

function newlyWatched(): Watched {
  return {
    evidence: { workflow: undefined, pod: undefined, events: [] },
    lastLine: undefined,
    passing: undefined,
    status: 'Submitted',
    runningSinceMs: undefined,
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
        : ownMessage(workflow?.status?.message ?? node?.message ?? ''),
    seconds: Number.isFinite(seconds) ? seconds : 0,
    exitCode: Number.isInteger(exitCode) ? exitCode : undefined,
    outputs: new Map((node?.outputs?.parameters ?? []).map(({ name: parameter, value = '' }) => [parameter, value])),
    evidence,
    problem,
  };
}
