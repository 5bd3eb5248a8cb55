import type { AtlasBehaviour } from './atlas-behaviour.ts';
import { AtlasError } from './atlas-errors.ts';
import type { AtlasUsers } from './atlas-users.ts';
import type { Answer } from './http-api.ts';

/** The cluster of the project. */
export interface AtlasCluster {
  readonly name: string;
  readonly kind: 'dedicated' | 'flex';
  /** Connection string of the scheme mongodb. */
  readonly standard: string;
  /** Connection string of the scheme mongodb+srv. */
  readonly standardSrv: string | undefined;
}

/** A dedicated cluster (schema ClusterDescription20240805, the fields that say how to connect). */
export function getCluster(cluster: AtlasCluster, behaviour: AtlasBehaviour, groupId: string, name: string): Answer {
  checkName(cluster, groupId, name);
  if (cluster.kind === 'flex') {
    const detail = `Flex cluster ${name} cannot be used in the Cluster API.`;
    throw new AtlasError(400, 'CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API', detail, { parameters: [name] });
  }
  const body = { ...fieldsOf(cluster, behaviour, groupId), mongoDBMajorVersion: '8.0', paused: behaviour.isPaused };
  return { status: 200, body };
}

/** A flex cluster (schema FlexClusterDescription20241113). */
export function getFlexCluster(
  cluster: AtlasCluster,
  behaviour: AtlasBehaviour,
  groupId: string,
  name: string,
): Answer {
  checkName(cluster, groupId, name);
  if (cluster.kind !== 'flex') {
    // The document does not name the code for this.
    const detail = `Cluster ${name} cannot be used in the Flex API.`;
    throw new AtlasError(400, 'CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API', detail, { parameters: [name] });
  }
  const providerSettings = { backingProviderName: 'AWS', providerName: 'FLEX', regionName: 'US_EAST_1' };
  return { status: 200, body: { ...fieldsOf(cluster, behaviour, groupId), providerSettings } };
}

/** Whether changes of users have come about (schema ClusterStatus). */
export function getStatus(
  cluster: AtlasCluster,
  users: AtlasUsers,
  { statusLags }: AtlasBehaviour,
  groupId: string,
  name: string,
): Answer {
  checkName(cluster, groupId, name);
  const isShown = Date.now() - users.changedAt >= statusLags;
  return { status: 200, body: { changeStatus: users.isPending && isShown ? 'PENDING' : 'APPLIED' } };
}

function checkName(cluster: AtlasCluster, groupId: string, name: string): void {
  if (name === cluster.name) return;
  const detail = `No cluster named ${name} exists in group ${groupId}.`;
  throw new AtlasError(404, 'CLUSTER_NOT_FOUND', detail, { parameters: [name, groupId] });
}

function fieldsOf({ name, standard, standardSrv }: AtlasCluster, { states }: AtlasBehaviour, groupId: string): object {
  const stateName = states.shift() ?? 'IDLE';
  return {
    id: 'b0123456789abcdef012345b',
    groupId,
    name,
    clusterType: 'REPLICASET',
    ...(stateName === 'CREATING'
      ? {}
      : { connectionStrings: { standard, ...(standardSrv === undefined ? {} : { standardSrv }) } }),
    mongoDBVersion: '8.0.0',
    stateName,
    terminationProtectionEnabled: false,
    versionReleaseSystem: 'LTS',
  };
}
