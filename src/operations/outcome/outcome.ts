import type { Operation } from '../../core/kinds.ts';
import type { DeprovisionReport, PlanReport, ProvisionReport } from '../../core/report.ts';
import type { RunRecord } from '../../core/run-record.ts';

/** How a task ended, and its record. */
export type Outcome = Ended & { readonly task: Task; readonly record: RunRecord };

/** The outcome of a task that failed, or did not begin. */
export type FailedOutcome = Extract<Outcome, { kind: 'failed' }>;

type Ended =
  | { readonly kind: 'provisioned'; readonly report: ProvisionReport }
  | { readonly kind: 'deprovisioned'; readonly report: DeprovisionReport }
  | { readonly kind: 'planned'; readonly report: PlanReport }
  | { readonly kind: 'failed'; readonly error: unknown };

/** What a step does with one instance. */
export interface Task {
  readonly instance: string;
  readonly operation: Operation;
  /** Changes nothing, and shows what it would change. */
  readonly isDryRun: boolean;
  /** Whether a pull request adds the instance: it follows the pull request's branch, and is not in use. */
  readonly isPreview: boolean;
}
