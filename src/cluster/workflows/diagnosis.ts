import { LaunchpadError } from '../../core/errors.ts';

/** Why a Workflow did not succeed, and all that was found out about it: plain data without secrets. */
export interface Diagnosis {
  /** What people call the work, such as `MySQL`. */
  readonly service: string;
  readonly namespace: string;
  readonly workflow: string;
  /** Argo's word: Failed, Error; or Deleted; or where it had not ended, NeverStarts, or TimedOut when the run's time was up. */
  readonly phase: string;
  readonly message: string;
  /** The node that failed, as Argo calls it. */
  readonly node: string | undefined;
  readonly exitCode: number | undefined;
  /** States of the pod's containers that tell something. */
  readonly containers: readonly ContainerReport[];
  /** Warnings about the pod and the Workflow. */
  readonly warnings: readonly string[];
  /** The last lines of the pod's log, at most 50; where it could not be read, those that the pod's status has. */
  readonly log: readonly string[];
  /** Why the log could not be read. */
  readonly logError?: string | undefined;
  /** Stable, in kebab-case: the provisioner's own code, or the one of the table in causes.ts. */
  readonly code: string;
  /** Service and cause in a few words, such as `MySQL: login denied`. */
  readonly title: string;
  /** What failed, where, and why: whole sentences. */
  readonly cause: string;
  readonly remedy: string;
}

export interface ContainerReport {
  readonly name: string;
  readonly state: 'waiting' | 'running' | 'terminated';
  readonly reason: string;
  readonly message: string;
  readonly exitCode: number | undefined;
}

/** A Workflow that did not succeed. Its message is the cause, its code that of the diagnosis. */
export class WorkflowFailed extends LaunchpadError {
  readonly diagnosis: Diagnosis;

  constructor(diagnosis: Diagnosis) {
    super(diagnosis.code, diagnosis.cause, { remedy: diagnosis.remedy });
    this.name = 'WorkflowFailed';
    this.diagnosis = diagnosis;
  }
}

/** The diagnosis as lines of a log: what was found, in the order of its weight, and the pod's own lines last. */
export function describeDiagnosis(diagnosis: Diagnosis): string[] {
  const { title, workflow, phase, message, node, exitCode, containers, warnings, log, logError } = diagnosis;
  const facts = [
    `phase ${phase}${message === '' ? '' : `, ${message}`}`,
    ...(node === undefined ? [] : [`failed node ${node}${exitCode === undefined ? '' : `, exit code ${exitCode}`}`]),
    ...containers.map((container) => `container ${describeContainer(container)}`),
    ...warnings.map((warning) => `event ${warning}`),
  ];
  return [
    `${title} (${workflow})`,
    ...facts.map((fact) => `  ${fact}`),
    ...(log.length > 0 || logError !== undefined ? [] : ['  no log']),
    ...(logError === undefined ? [] : [`  log not read: ${logError}`]),
    ...log.map((line) => `  ${workflow} | ${line}`),
  ];
}

/** A container's name and what is known of its state. */
export function describeContainer({ name, state, reason, message, exitCode }: ContainerReport): string {
  const code = exitCode === undefined ? '' : `exit code ${exitCode}`;
  return `${name}: ${[state, reason, code, message].filter((part) => part !== '').join(', ')}`;
}
