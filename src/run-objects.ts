import type { Preparation } from './cluster/namespace/prepare.ts';
import type { Submission } from './cluster/workflows/submit.ts';
import { workOf } from './cluster/workflows/work.ts';
import type { Plan } from './instance/plan.ts';
import type { Operation, ProvisionRequest } from './operations/request.ts';

/** What stands in the namespace before the workflows start: the same for a run and for a dry run. */
export function preparationOf({ instance, settings, assets }: ProvisionRequest): Preparation {
  return {
    instance,
    registry: settings.registry,
    manifests: [assets.rbac, ...Object.values(assets.workflowTemplates)],
  };
}

/** The workflows of a run, and of a dry run that asks about them. */
export function submissionOf(
  { settings, run, assets, timeoutMs }: ProvisionRequest,
  { instance }: Plan,
  operation: Operation = 'provision',
): Submission {
  return {
    works: workOf(instance, settings, { operation, run: run.id, programs: assets.provisioners }),
    provisionerImage: settings.provisionerImage,
    deadlineSeconds: Math.ceil(timeoutMs / 1000),
  };
}
