import { randomBytes } from 'node:crypto';
import { type Controller, startController } from './argo/controller.ts';
import type { Listening } from './databases/listening.ts';
import { startMongodb } from './databases/mongodb.ts';
import { startMysql } from './databases/mysql.ts';
import { type GitServer, startGitServer } from './git/server.ts';
import { type KubernetesServer, startKubernetes } from './kubernetes/server.ts';
import { type S3Server, startS3 } from './storage/s3.ts';
import type { AccessKey } from './storage/signature.ts';

/** Everything that the action works with, embedded in this process. */
export interface Sandbox {
  readonly kubernetes: KubernetesServer;
  readonly controller: Controller;
  readonly mysql: Listening;
  readonly mongodb: Listening;
  readonly s3: S3Server;
  readonly git: GitServer;
  /** Settings by environment variable, as an operator of this cluster would have them. */
  readonly settings: Readonly<Record<string, string>>;
  /** Somebody else who has buckets in the same service. */
  readonly otherCustomer: AccessKey;
  /** Token that may push to the git server, as `x-access-token`. */
  readonly gitToken: string;
  stop(): Promise<void>;
}

/** Starts the sandbox: nothing to install, no root, free ports on this machine, all state in memory. */
export async function startSandbox(): Promise<Sandbox> {
  const secret = () => randomBytes(12).toString('hex');
  const customer = { accessKeyId: `AK${secret()}`, secretAccessKey: secret() };
  const otherCustomer = { accessKeyId: `AK${secret()}`, secretAccessKey: secret() };
  const admin = { adminUser: 'sandbox-admin', adminPassword: secret() };
  const mongodbAdmin = { adminUser: 'sandbox-admin', adminPassword: secret() };
  const gitToken = secret();
  const [kubernetes, mysql, mongodb, s3, git] = await Promise.all([
    startKubernetes(),
    startMysql(admin),
    startMongodb(mongodbAdmin),
    startS3([customer, otherCustomer]),
    startGitServer([
      { name: 'x-access-token', password: gitToken, mayPush: true },
      { name: 'reader', password: 'reader', mayPush: false },
    ]),
  ]);
  makeNamespace(kubernetes, 'argocd');
  const controller = startController(kubernetes);
  return {
    kubernetes,
    controller,
    mysql,
    mongodb,
    s3,
    git,
    otherCustomer,
    gitToken,
    settings: {
      LAUNCHPAD_MYSQL_HOST: mysql.host,
      LAUNCHPAD_MYSQL_PORT: String(mysql.port),
      LAUNCHPAD_MYSQL_ADMIN_USER: admin.adminUser,
      LAUNCHPAD_MYSQL_ADMIN_PASSWORD: admin.adminPassword,
      LAUNCHPAD_MONGODB_HOST: mongodb.host,
      LAUNCHPAD_MONGODB_PORT: String(mongodb.port),
      LAUNCHPAD_MONGODB_ADMIN_USER: mongodbAdmin.adminUser,
      LAUNCHPAD_MONGODB_ADMIN_PASSWORD: mongodbAdmin.adminPassword,
      LAUNCHPAD_STORAGE_TYPE: 's3',
      LAUNCHPAD_STORAGE_REGION: 'us-east-1',
      LAUNCHPAD_STORAGE_ENDPOINT_URL: s3.url,
      LAUNCHPAD_STORAGE_ACCESS_KEY_ID: customer.accessKeyId,
      LAUNCHPAD_STORAGE_SECRET_ACCESS_KEY: customer.secretAccessKey,
    },
    stop: async () => {
      await controller.stop();
      await Promise.all([kubernetes.stop(), mysql.stop(), mongodb.stop(), s3.stop(), git.stop()]);
    },
  };
}

function makeNamespace({ store }: KubernetesServer, name: string): void {
  const info = { apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces', isNamespaced: false };
  store.create(info, '', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
}
