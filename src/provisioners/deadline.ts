import { type Environment, optional } from './environment.ts';

/** Milliseconds that are kept back for the last words, so that a pod explains itself before Argo ends it. */
const RESERVE_MS = 5_000;
const DEFAULT_SECONDS = 600;

/** When Argo ends the pod's workflow. */
export class Deadline {
  readonly #endsAtMs: number;

  constructor(endsAtMs: number) {
    this.#endsAtMs = endsAtMs;
  }

  /** From the workflow's creation and its activeDeadlineSeconds, which the WorkflowTemplate passes on. */
  static of(environment: Environment): Deadline {
    const createdAt = Number(optional(environment, 'CREATED_AT_SECONDS') ?? Date.now() / 1000);
    const seconds = Number(optional(environment, 'DEADLINE_SECONDS') ?? DEFAULT_SECONDS);
    return new Deadline((createdAt + seconds) * 1000);
  }

  /** Milliseconds that are left for work. */
  remainingMs(): number {
    return Math.max(0, this.#endsAtMs - RESERVE_MS - Date.now());
  }
}
