import type { Operation } from '../../core/kinds.ts';
import type { DeprovisionReport, PlanReport, ProvisionReport } from '../../core/report.ts';
import type { RunRecord } from '../../core/run-record.ts';

/** How a task ended, and what it had come to by then. */
export type Outcome = Ended & { readonly task: Task; readonly record: RunRecord };

/** One that failed, or was not begun. */
export type FailedOutcome = Extract<Outcome, { kind: 'failed' }>;

type Ended =
  | { readonly kind: 'provisioned'; readonly report: ProvisionReport }
  | { readonly kind: 'deprovisioned'; readonly report: DeprovisionReport }
  | { readonly kind: 'planned'; readonly report: PlanReport }
  | { readonly kind: 'failed'; readonly error: unknown };

/** What is to be done with one instance. */
export interface Task {
  readonly instance: string;
  readonly operation: Operation;
  /** Nothing is to be changed, only shown what would be. */
  readonly isDryRun: boolean;
  /** Whether it is what a pull request adds: the instance follows the pull request's branch, and is not in use. */
  readonly isPreview: boolean;
}
