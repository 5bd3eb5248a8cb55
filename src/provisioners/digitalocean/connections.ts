import { ProvisionerError } from '../report.ts';
import type { ClusterConnection, DigitaloceanCluster, ManagedCluster } from './api.ts';

/** The places where a cluster is reached: the public one first, as it is reached from everywhere. */
export function connectionsOf(cluster: ManagedCluster): ClusterConnection[] {
  return [cluster.public, cluster.private].filter((connection) => connection !== undefined);
}

/** @throws ProvisionerError `digitalocean-engine` */
export function requireEngine(
  { id, host }: DigitaloceanCluster,
  cluster: ManagedCluster,
  engine: string,
): ManagedCluster {
  if (cluster.engine === engine) return cluster;
  throw new ProvisionerError(
    'digitalocean-engine',
    `DigitalOcean's cluster ${id} is one of ${cluster.engine || 'an unknown engine'}, not of ${engine}.`,
    { host, hint: `Set input ${engine}-cluster-id to the ID of a cluster of ${engine}.` },
  );
}
