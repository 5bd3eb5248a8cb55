import type { Instance } from '../instance/instance.ts';
import type { Settings } from '../settings.ts';
import { INSTANCE_LABEL, KIND_LABEL, type Kind, PASSWORD_SECRET, ROLE_LABEL, RUN_LABEL } from './names.ts';
import type { KubeObject } from './objects.ts';

/** One kind of work in one run: what its Workflow, its Secret and its ConfigMap are made from. */
export interface Work {
  readonly kind: Kind;
  readonly instance: string;
  /** Identity of the run, fit for a label and for the end of a name. */
  readonly run: string;
  /** Arguments of the Workflow besides the names of its Secret, ConfigMap and image: nothing secret. */
  readonly parameters: Readonly<Record<string, string>>;
  /** What the pod needs to know and nobody else: becomes the temporary Secret. */
  readonly secrets: Readonly<Record<string, string>>;
  /** The bundled program that the pod runs. */
  readonly program: string;
}

/** What the three provisioners are told: the parameters and secrets of each kind of work. */
export function workOf(
  instance: Instance,
  settings: Settings,
  run: string,
  programs: Readonly<Record<Kind, string>>,
): readonly Work[] {
  const { mysql, mongodb, storage } = instance;
  const work = (kind: Kind, parameters: Work['parameters'], secrets: Record<string, string | undefined>): Work => ({
    kind,
    instance: instance.name,
    run,
    parameters,
    secrets: Object.fromEntries(
      Object.entries(secrets).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
    program: programs[kind],
  });
  return [
    work(
      'mysql',
      {
        host: mysql.host,
        port: String(mysql.port),
        database: mysql.database,
        username: mysql.username,
        'ssl-mode': settings.mysql.sslMode,
      },
      {
        MYSQL_PASSWORD: mysql.password,
        MYSQL_ADMIN_USER: settings.mysql.adminUser,
        MYSQL_ADMIN_PASSWORD: settings.mysql.adminPassword,
        MYSQL_CA: settings.mysql.ca,
      },
    ),
    work(
      'mongodb',
      {
        provider: settings.mongodb.provider,
        host: mongodb.host,
        port: String(mongodb.port),
        database: mongodb.database,
        'forum-database': mongodb.forumDatabase,
        username: mongodb.username,
        'auth-source': mongodb.authSource,
        'admin-auth-source': settings.mongodb.authSource,
        'auth-mechanism': mongodb.authMechanism,
        'replica-set': mongodb.replicaSet,
        'use-ssl': String(mongodb.useSsl),
        'password-secret-name': PASSWORD_SECRET,
      },
      {
        MONGODB_PASSWORD: mongodb.password,
        MONGODB_ADMIN_USER: settings.mongodb.adminUser,
        MONGODB_ADMIN_PASSWORD: settings.mongodb.adminPassword,
        MONGODB_CA: settings.mongodb.ca,
      },
    ),
    work(
      'storage',
      {
        type: storage.type,
        bucket: storage.name,
        region: storage.region,
        'endpoint-url': storage.endpointUrl ?? '',
      },
      {
        STORAGE_ACCESS_KEY_ID: settings.storage.accessKeyId,
        STORAGE_SECRET_ACCESS_KEY: settings.storage.secretAccessKey,
      },
    ),
  ];
}

/** Seconds that Argo keeps a Workflow after its end: minutes when it succeeded, a day when somebody may want to look. */
const TTL_SECONDS = { afterSuccess: 600, afterFailure: 86_400 };

/** The Workflow: a reference to the instance's WorkflowTemplate and arguments, as `templateReferencing: Strict` asks. */
export function workflowObject(work: Work, provisionerImage: string, deadlineSeconds: number): KubeObject {
  const parameters = {
    ...work.parameters,
    'provisioner-image': provisionerImage,
    'secret-name': temporaryName(work),
    'configmap-name': temporaryName(work),
  };
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: metadataOf(work, workflowName(work)),
    spec: {
      workflowTemplateRef: { name: `launchpad-provision-${work.kind}` },
      arguments: { parameters: Object.entries(parameters).map(([name, value]) => ({ name, value })) },
      activeDeadlineSeconds: deadlineSeconds,
      ttlStrategy: {
        secondsAfterSuccess: TTL_SECONDS.afterSuccess,
        secondsAfterFailure: TTL_SECONDS.afterFailure,
      },
    },
  };
}

/** The Secret with the admin's credentials and the instance's password for one pod. */
export function temporarySecret(work: Work): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: temporaryMetadata(work),
    type: 'Opaque',
    stringData: work.secrets,
  };
}

/** The ConfigMap with the program of one pod. */
export function programConfigMap(work: Work): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: temporaryMetadata(work),
    data: { [`${work.kind}.js`]: work.program },
  };
}

/**
 * Name of the Workflow. It is unlike any other's, as the run's identity is part of it, and it is known before the
 * request: a repeated POST whose first answer was lost meets the Workflow that it made instead of making a second.
 */
export function workflowName(work: Pick<Work, 'kind' | 'run'>): string {
  return `${work.kind}-${work.run}`;
}

/** Name of the temporary Secret and of the ConfigMap of one kind of work in one run. */
export function temporaryName(work: Pick<Work, 'kind' | 'run'>): string {
  return `launchpad-provision-${work.kind}-${work.run}`;
}

function temporaryMetadata(work: Work) {
  const metadata = metadataOf(work, temporaryName(work));
  return { ...metadata, labels: { ...metadata.labels, [ROLE_LABEL]: 'temporary' } };
}

function metadataOf(work: Work, name: string) {
  return {
    name,
    namespace: work.instance,
    labels: { [INSTANCE_LABEL]: work.instance, [RUN_LABEL]: work.run, [KIND_LABEL]: work.kind },
  };
}
