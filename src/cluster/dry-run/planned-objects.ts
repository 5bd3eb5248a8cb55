import { settleAll } from '../../core/concurrency.ts';
import type { PlannedResource } from '../../core/report.ts';
import type { Application } from '../../instance/application/application.ts';
import type { ResourceNames } from '../../instance/instance.ts';
import type { Cluster } from '../api/client.ts';
import { applicationApply, readApplication } from '../argocd/application.ts';
import { LiveObjects } from '../namespace/live-objects.ts';
import { namespaceApply } from '../namespace/namespace.ts';
import { COMPARED_KINDS, type Preparation, type PreparedObjects, preparedObjects } from '../namespace/prepare.ts';
import { missingPullSecrets, PULLING_ACCOUNTS } from '../namespace/registry.ts';
import { accountRef, type ServiceAccountObject } from '../objects/namespace-objects.ts';
import { type KubeObject, refOf, type ServerSideApply } from '../objects/objects.ts';
import { traceIn, withTrace } from '../objects/trace.ts';
import { programsConfigMap } from '../workflows/programs.ts';
import type { Submission } from '../workflows/submit.ts';
import { temporarySecret, workflowObject } from '../workflows/workflow.ts';
import { validateLocally } from './local-validation.ts';
import { changedFields, isApplied } from './object-changes.ts';

/** All that a run puts into the cluster. */
export interface ClusterPlan {
  readonly preparation: Preparation;
  readonly submission: Submission;
  readonly application: Application;
  /** Names that the namespace keeps; undefined where a run generates them. */
  readonly names: ResourceNames | undefined;
}

/**
 * What a run would make, change or leave in the cluster, by server-side applies with `dryRun=All` of the objects that the
 * run would apply. What stands in a namespace that is not there yet is validated here: the API server cannot be asked.
 *
 * @throws ClusterError where the API server would refuse one of them, LaunchpadError `object-invalid`
 */
export async function plannedObjects(cluster: Cluster, plan: ClusterPlan): Promise<PlannedResource[]> {
  const { preparation, submission, application } = plan;
  const { inputs } = submission;
  const { instance, registry } = preparation;
  const prepared = preparedObjects(preparation);
  const workflows = inputs.map((work) => workflowObject(work, submission));
  const temporary = [
    ...inputs.map((input) => temporarySecret(input)),
    programsConfigMap(instance, submission.programs),
  ];
  const inside = [...prepared.objects, ...prepared.bindings].map(({ object }) => object);
  validateLocally([...inside, ...workflows, ...temporary]);

  const [namespace, applied] = await settleAll([
    planned(cluster, namespaceApply(instance, preparation.conventions, plan.names)),
    plannedApplication(cluster, instance, application),
  ]);
  const isNew = namespace.state === 'create';
  const [objects, accounts] = await settleAll([
    isNew ? inside.map(created) : plannedInside(cluster, instance, prepared),
    registry.credentials === undefined ? [] : plannedAccounts(cluster, instance),
    ...(isNew ? [] : workflows.map((object) => cluster.apply(object, { force: false, isDryRun: true }))),
  ]);
  // Their names are those of the run.
  const started = inputs.map(({ kind }) => ({ kind: 'Workflow', name: kind, state: 'start' as const, fields: [] }));
  return [namespace, ...merged([...objects, ...accounts]), ...started, applied];
}

async function plannedApplication(cluster: Cluster, instance: string, application: Application) {
  const existing = await readApplication(cluster, application.metadata.name);
  return await compared(cluster, applicationApply(cluster, instance, application, existing), existing);
}

async function planned(cluster: Cluster, apply: ServerSideApply, live = LiveObjects.UNKNOWN): Promise<PlannedResource> {
  const { object } = apply;
  const existing = live.hasKind(object.kind ?? '') ? live.get(refOf(object)) : await cluster.read(refOf(object));
  return await compared(cluster, apply, existing);
}

/** Compares what is there with what the API server answers would be there. It is asked only where they differ. */
async function compared(
  cluster: Cluster,
  { object, force }: ServerSideApply,
  existing: KubeObject | undefined,
): Promise<PlannedResource> {
  if (existing !== undefined && isApplied(existing, object)) return { ...created(object), state: 'unchanged' };
  const answer = await cluster.apply(withTrace(object, traceIn(existing ?? {})), { force, isDryRun: true });
  if (existing === undefined) return created(object);
  const fields = changedFields(existing, answer);
  return { ...created(object), state: fields.length > 0 ? 'change' : 'unchanged', fields };
}

interface RoleBinding extends KubeObject {
  readonly roleRef?: { readonly name?: string };
}

/** A RoleBinding whose Role would be new is not asked about: the API server looks for the Role, and finds none. */
async function plannedInside(
  cluster: Cluster,
  instance: string,
  { objects, bindings }: PreparedObjects,
): Promise<PlannedResource[]> {
  const all = [...objects, ...bindings].map(({ object }) => object);
  const live = await LiveObjects.read(cluster, instance, all, COMPARED_KINDS);
  const ask = async (apply: ServerSideApply) => await planned(cluster, apply, live);
  const others = await settleAll(objects.map(ask));
  const newRoles = others.filter(({ kind, state }) => kind === 'Role' && state === 'create').map(({ name }) => name);
  const bound = await settleAll(
    bindings.map(async (apply) => {
      const binding: RoleBinding = apply.object;
      return newRoles.includes(binding.roleRef?.name ?? '') ? created(binding) : await ask(apply);
    }),
  );
  return [...others, ...bound];
}

/** The accounts whose list of pull Secrets would grow. */
async function plannedAccounts(cluster: Cluster, instance: string): Promise<PlannedResource[]> {
  const changes = PULLING_ACCOUNTS.map(async (name): Promise<PlannedResource[]> => {
    const ref = accountRef(instance, name);
    const account = await cluster.read<ServiceAccountObject>(ref);
    if (account === undefined) return [created({ ...ref })];
    const isComplete = missingPullSecrets(account) === undefined;
    return [
      {
        ...created({ ...ref }),
        state: isComplete ? 'unchanged' : 'change',
        fields: isComplete ? [] : ['imagePullSecrets'],
      },
    ];
  });
  return (await settleAll(changes)).flat();
}

function created({ kind = '', metadata }: KubeObject): PlannedResource {
  return { kind, name: metadata?.name ?? '', state: 'create', fields: [] };
}

/** One entry for each object, also where it is both applied and patched. */
function merged(resources: readonly PlannedResource[]): PlannedResource[] {
  const byName = new Map<string, PlannedResource>();
  for (const resource of resources) {
    const key = `${resource.kind}/${resource.name}`;
    const before = byName.get(key);
    const states = [before?.state, resource.state];
    const state = (['create', 'change', 'unchanged'] as const).find((one) => states.includes(one)) ?? resource.state;
    byName.set(key, { ...resource, state, fields: [...(before?.fields ?? []), ...resource.fields] });
  }
  return [...byName.values()];
}
