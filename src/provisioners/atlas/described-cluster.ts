import { type Fields, fieldsOf, listIn, textIn } from '../../core/fields.ts';
import { hintOf, type VendorCode } from '../causes.ts';
import { type ApiAnswer, fieldsIn, need } from '../http/send.ts';
import { ProvisionerError } from '../provisioner-error.ts';

/** Ways to a cluster: over the internet, by VPC peering (or custom DNS on AWS), or through a private endpoint. */
export const CONNECTION_KINDS = ['standard', 'private', 'private-endpoint'] as const;
export type ConnectionKind = (typeof CONNECTION_KINDS)[number];

/** The connection strings of one way to the cluster. */
export interface ConnectionStrings {
  readonly kind: ConnectionKind;
  /** `mongodb://` with all members. */
  readonly standard: string | undefined;
  /** `mongodb+srv://` with the name that DNS has the members under. */
  readonly srv: string | undefined;
}

/**
 * A cluster as the API describes it (schemas ClusterDescription20240805 and FlexClusterDescription20241113 of the Atlas
 * Administration API v2).
 */
export interface DescribedCluster {
  /** IDLE, CREATING, UPDATING, REPAIRING, DELETING or DELETED. */
  readonly state: string;
  readonly isPaused: boolean;
  /** Several of the kind `private-endpoint` where the cluster has endpoints in several regions. */
  readonly ways: readonly ConnectionStrings[];
}

/** The cluster in an answer. @throws InvalidAnswer without its state */
export function clusterOf(answer: ApiAnswer): DescribedCluster {
  const cluster = fieldsIn(answer);
  const strings = fieldsOf(cluster.connectionStrings);
  const way = (kind: ConnectionKind, fields: Fields, standard: string, srv: string): ConnectionStrings[] => {
    const found = { kind, standard: textIn(fields, standard), srv: textIn(fields, srv) };
    return found.standard === undefined && found.srv === undefined ? [] : [found];
  };
  return {
    state: need(answer, 'stateName', textIn(cluster, 'stateName')),
    isPaused: cluster.paused === true,
    ways: [
      ...way('standard', strings, 'standard', 'standardSrv'),
      ...way('private', strings, 'private', 'privateSrv'),
      ...listIn(strings, 'privateEndpoint').flatMap((endpoint) =>
        way('private-endpoint', endpoint, 'connectionString', 'srvConnectionString'),
      ),
    ],
  };
}

/** @throws ProvisionerError `atlas-paused`, `atlas-creating`, `atlas-cluster-state` */
export function requireUsable(
  { name, host }: { readonly name: string; readonly host: string },
  cluster: DescribedCluster | undefined,
): DescribedCluster {
  const state = cluster?.state ?? 'CREATING';
  const fail = (code: VendorCode, problem: string) =>
    new ProvisionerError(code, `Cluster ${name} of Atlas is ${problem}. Nothing was changed.`, {
      host,
      hint: hintOf(code, { cluster: name }),
    });
  if (cluster?.isPaused === true) throw fail('atlas-paused', 'paused');
  if (cluster === undefined || state === 'CREATING')
    throw fail('atlas-creating', 'still being created (it is CREATING)');
  if (state === 'DELETING' || state === 'DELETED') throw fail('atlas-cluster-state', state);
  return cluster;
}
