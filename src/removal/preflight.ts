import type { AccessCheck } from '../cluster/api/access.ts';
import type { Progress } from '../core/progress.ts';
import { type RemovalReading, readRemoval } from '../operations/deprovision-preflight.ts';
import { type Run, requireFit, runOf } from '../operations/preflight.ts';
import type { ProvisionRequest } from '../operations/request.ts';
import type { Surroundings } from '../operations/session.ts';

export interface RemovalPreflightOptions {
  /** What the user of the kubeconfig must be allowed to do. */
  readonly checks: readonly AccessCheck[];
  readonly progress: Progress;
}

/**
 * Step 1 of taking down: everything that can be found out, and found wrong, before anything is touched.
 *
 * @throws LaunchpadError, or an AggregateError of several
 */
export async function removalPreflight(
  surroundings: Surroundings,
  request: ProvisionRequest,
  { checks, progress }: RemovalPreflightOptions,
): Promise<{ run: Run; reading: RemovalReading | undefined }> {
  await requireFit(surroundings, request, checks);
  const run = await runOf(surroundings, request, progress);
  return { run, reading: await readRemoval(run, surroundings.tips) };
}
