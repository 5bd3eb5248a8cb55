import { LaunchpadError } from '../../core/errors.ts';
import type { Cluster } from '../api/client.ts';
import type { ApplicationObject } from '../argocd/application-status.ts';
import { INSTANCE_LABEL } from '../objects/names.ts';
import { type ContentObject, namespaceContent } from './namespace-content.ts';

/**
 * How Argo CD marks the objects of an Application: `<application>:<group>/<kind>:<namespace>/<name>`
 * (https://argo-cd.readthedocs.io/en/stable/user-guide/resource_tracking/).
 */
const TRACKING_ANNOTATION = 'argocd.argoproj.io/tracking-id';

/** Annotations by which a Secret without an owner names the object that it is for. */
const SECRET_OF = [
  { annotation: 'kubernetes.io/service-account.name', kind: 'ServiceAccount' },
  { annotation: 'cert-manager.io/certificate-name', kind: 'Certificate' },
] as const;

/** What Kubernetes, OpenShift and Istio put into every namespace. */
const IN_EVERY_NAMESPACE: ReadonlySet<string> = new Set([
  'ServiceAccount default',
  'ServiceAccount builder',
  'ServiceAccount deployer',
  'ConfigMap kube-root-ca.crt',
  'ConfigMap openshift-service-ca.crt',
  'ConfigMap istio-ca-root-cert',
]);

/** Objects that the error names. */
const MOST_NAMED = 20;

/** Who the namespace must belong to. */
export interface NamespaceOwner {
  readonly instance: string;
  /** Name of the instance's Application; it may be deleted by now. */
  readonly application: string;
  readonly applications: readonly ApplicationObject[];
}

/**
 * Requires that all that is in the namespace is the instance's own: it carries our label, or the instance's Application
 * tracks it, or it belongs to such an object. For a namespace whose name other software uses, too, which would be deleted
 * with it.
 *
 * @throws LaunchpadError `namespace-shared` that names what is not the instance's, or cannot be listed
 */
export async function requireOwnContent(cluster: Cluster, owner: NamespaceOwner): Promise<void> {
  const { objects, unlisted } = await namespaceContent(cluster, owner.instance);
  const own = ownObjects(objects, owner);
  const others = objects.filter((one) => !own.has(one)).map(({ kind, name }) => `${kind.kind} ${name}`);
  if (others.length > 0) {
    const rest = others.length - MOST_NAMED;
    const named = `${others.slice(0, MOST_NAMED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
    throw shared(cluster, owner.instance, `and these objects are not the instance's: ${named}.`);
  }
  if (unlisted.length === 0) return;
  throw shared(
    cluster,
    owner.instance,
    `and what is in it cannot be checked: these resources cannot be listed: ${unlisted.join(', ')}.`,
  );
}

function ownObjects(objects: readonly ContentObject[], owner: NamespaceOwner): ReadonlySet<ContentObject> {
  const tracked = new Set(
    owner.applications.flatMap(({ status }) =>
      (status?.resources ?? []).map(({ group = '', kind, namespace, name }) =>
        [group, kind, namespace, name].join('/'),
      ),
    ),
  );
  const own = new Set(
    objects.filter(
      (one) =>
        IN_EVERY_NAMESPACE.has(`${one.kind.kind} ${one.name}`) ||
        one.object.metadata?.labels?.[INSTANCE_LABEL] === owner.instance ||
        one.object.metadata?.annotations?.[TRACKING_ANNOTATION]?.startsWith(`${owner.application}:`) === true ||
        tracked.has([one.kind.group, one.kind.kind, owner.instance, one.name].join('/')),
    ),
  );
  for (let known = -1; known < own.size; ) {
    known = own.size;
    const uids = new Set([...own].map(({ object }) => object.metadata?.uid));
    const names = new Set([...own].map(({ kind, name }) => `${kind.kind} ${name}`));
    for (const one of objects) if (belongsTo(one, uids, names)) own.add(one);
  }
  return own;
}

/** By its owners; the Endpoints of a Service and some Secrets have none. */
function belongsTo(
  { kind, name, object }: ContentObject,
  uids: ReadonlySet<string | undefined>,
  names: ReadonlySet<string>,
): boolean {
  const { ownerReferences = [] } = object.metadata ?? {};
  if (ownerReferences.some(({ uid }) => uids.has(uid))) return true;
  if (kind.kind === 'Endpoints') return names.has(`Service ${name}`);
  const { annotations } = object.metadata ?? {};
  return kind.kind === 'Secret' && SECRET_OF.some((of) => names.has(`${of.kind} ${annotations?.[of.annotation]}`));
}

function shared({ argocdNamespace }: Cluster, instance: string, what: string): LaunchpadError {
  return new LaunchpadError(
    'namespace-shared',
    `Namespace ${instance} has a name that other software uses, ${what} Deprovisioning would delete all that is in the namespace.`,
    {
      remedy: `Move the other objects to another namespace, or grant "list" for all resources of the namespace, then run again. Or delete by hand what is the instance's own: its Application in namespace ${argocdNamespace}, and the databases, users and bucket that its config.yml names.`,
    },
  );
}
