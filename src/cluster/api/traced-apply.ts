import type { ResourceState } from '../../core/report.ts';
import { stateAfter } from '../dry-run/object-changes.ts';
import type { KubeObject, ServerSideApply } from '../objects/objects.ts';
import { type Trace, traceIn, withTrace } from '../objects/trace.ts';
import type { Cluster } from './client.ts';

/**
 * Applies an object that outlives the run, with the run's trace if the run creates it or changes something of it. A run
 * that changes nothing leaves the trace of the one before, so that it changes nothing at all.
 *
 * @param existing the object as it is; undefined if there is none
 */
export async function applyTraced(
  cluster: Cluster,
  { object, force }: ServerSideApply,
  existing: KubeObject | undefined,
  trace: Trace,
): Promise<{ readonly state: ResourceState['state']; readonly applied: KubeObject }> {
  const apply = async (found: Trace) => await cluster.apply(withTrace(object, found), { force });
  const applied = await apply(existing === undefined ? trace : traceIn(existing));
  const state = stateAfter(existing, applied);
  return { state, applied: state === 'updated' ? await apply(trace) : applied };
}
