import { randomBytes } from 'node:crypto';
import { type Controller, startController } from './argo/controller.ts';
import { type ArgoCd, startArgoCd } from './argocd/controller.ts';
import { type MongodbServer, startMongodb } from './databases/mongodb.ts';
import { startMysql } from './databases/mysql.ts';
import { type GitServer, startGitServer } from './git/server.ts';
import { type KubernetesServer, startKubernetes } from './kubernetes/server.ts';
import type { Listening } from './listening.ts';
import { type S3Server, startS3 } from './storage/s3.ts';
import type { Flavour } from './storage/service.ts';
import type { AccessKey } from './storage/signature.ts';
import { startVendors, type Vendors } from './vendors/vendors.ts';

/** Everything that the action works with, embedded in this process. */
export interface Sandbox {
  readonly kubernetes: KubernetesServer;
  readonly controller: Controller;
  /** Switched off at first. */
  readonly argocd: ArgoCd;
  readonly mysql: Listening;
  readonly mongodb: MongodbServer;
  readonly s3: S3Server;
  /** APIs of managed databases; the servers behind them are the sandbox's own. */
  readonly vendors: Vendors;
  readonly git: GitServer;
  /** Settings by environment variable, as an operator of this cluster would have them. */
  readonly settings: Readonly<Record<string, string>>;
  /** Somebody else who has buckets in the same service. */
  readonly otherCustomer: AccessKey;
  /** Token that may push to the git server, as `x-access-token`. */
  readonly gitToken: string;
  stop(): Promise<void>;
}

export interface SandboxOptions {
  /** Which service the S3 server is like; without it any that is S3-compatible. */
  readonly storage?: Flavour | undefined;
}

/** Starts the sandbox: nothing to install, no root, free ports on this machine, all state in memory. */
export async function startSandbox({ storage = 'compatible' }: SandboxOptions = {}): Promise<Sandbox> {
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
    startS3([customer, otherCustomer], { flavour: storage }),
    startGitServer([
      { name: 'x-access-token', password: gitToken, mayPush: true },
      { name: 'reader', password: 'reader', mayPush: false },
    ]),
  ]);
  const vendors = await startVendors({
    host: '127.0.0.1',
    mysql: { ...admin, host: mysql.host, port: mysql.port },
    mongodb: { ...mongodbAdmin, host: mongodb.host, port: mongodb.port },
  });
  createNamespace(kubernetes, 'argocd');
  const controller = startController(kubernetes);
  const argocd = startArgoCd(kubernetes);
  argocd.credentials.set(git.url, { username: 'x-access-token', password: gitToken });
  return {
    kubernetes,
    controller,
    argocd,
    mysql,
    mongodb,
    s3,
    vendors,
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
      LAUNCHPAD_STORAGE_TYPE: storage === 'spaces' ? 'spaces' : 's3',
      LAUNCHPAD_STORAGE_REGION: 'us-east-1',
      LAUNCHPAD_STORAGE_ENDPOINT_URL: s3.url,
      LAUNCHPAD_STORAGE_ACCESS_KEY_ID: customer.accessKeyId,
      LAUNCHPAD_STORAGE_SECRET_ACCESS_KEY: customer.secretAccessKey,
    },
    stop: async () => {
      await controller.stop();
      await argocd.stop();
      await vendors.stop();
      await Promise.all([kubernetes.stop(), mysql.stop(), mongodb.stop(), s3.stop(), git.stop()]);
    },
  };
}

function createNamespace({ store }: KubernetesServer, name: string): void {
  const info = { apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces', isNamespaced: false };
  store.create(info, '', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
}
