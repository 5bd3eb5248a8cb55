import { createHash } from 'node:crypto';
import { settleAll } from '../../core/concurrency.ts';
import { KINDS, type Kind } from '../../core/kinds.ts';
import type { Cluster } from '../api/client.ts';
import { isAlreadyExists } from '../api/errors.ts';
import { INSTANCE_LABEL, ROLE_LABEL } from '../objects/names.ts';
import type { KubeObject } from '../objects/objects.ts';

/** The compressed programs of the pods (brotli), with their SHA-256. They are the same for all runs of a process. */
export interface Programs {
  readonly sha256: Readonly<Record<Kind, string>>;
  /** Name of the ConfigMap: another version of a program has another one. */
  readonly configMap: string;
  /** In base64, by the names of the files in the pods. */
  readonly files: Readonly<Record<string, string>>;
}

const ROLE = 'programs';

/** @param packed the content of `dist/provisioners/<kind>.js.br` */
export function programsOf(packed: Readonly<Record<Kind, Uint8Array>>): Programs {
  const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  const { mysql, mongodb, storage } = packed;
  const sha256 = { mysql: hashOf(mysql), mongodb: hashOf(mongodb), storage: hashOf(storage) };
  const version = hashOf(Buffer.from(KINDS.map((kind) => sha256[kind]).join(' '))).slice(0, 12);
  const files = KINDS.map((kind) => [`${kind}.js.br`, Buffer.from(packed[kind]).toString('base64')]);
  return { sha256, configMap: `launchpad-programs-${version}`, files: Object.fromEntries(files) };
}

/** The ConfigMap with the programs. It stays in the namespace, so that the next run finds it. */
export function programsConfigMap(instance: string, { configMap, files }: Programs): KubeObject {
  const labels = { [INSTANCE_LABEL]: instance, [ROLE_LABEL]: ROLE };
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: configMap, namespace: instance, labels },
    immutable: true,
    binaryData: files,
  };
}

/**
 * Creates the ConfigMap if the namespace does not have it, and deletes those of other versions, and what versions before
 * 1.1 stored for one run: previous runs, which used them, have ended. The pods check the programs themselves, so that the
 * ConfigMap need not be read.
 *
 * @param isNew whether the namespace is new, and has none
 */
export async function keepPrograms(
  cluster: Cluster,
  instance: string,
  programs: Programs,
  isNew: boolean,
): Promise<void> {
  const type = { apiVersion: 'v1', kind: 'ConfigMap', namespace: instance };
  const labelSelector = `${INSTANCE_LABEL}=${instance},${ROLE_LABEL} in (${ROLE},temporary)`;
  const items = isNew ? [] : await cluster.listMetadata(type, { labelSelector });
  const names = items.map(({ metadata }) => metadata?.name ?? '');
  const others = names.filter((name) => name !== programs.configMap);
  await settleAll([
    ...(names.includes(programs.configMap) ? [] : [create(cluster, programsConfigMap(instance, programs))]),
    ...others.map((name) =>
      cluster.delete({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: instance } }),
    ),
  ]);
}

async function create(cluster: Cluster, configMap: KubeObject): Promise<void> {
  try {
    await cluster.create(configMap, { isMetadataEnough: true });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}
