import type { Settings } from '../../src/core/settings.ts';
import { ConfigFile } from '../../src/instance/config/config-file.ts';
import { Seed } from '../../src/instance/new/seed.ts';
import type { InstanceFiles, PlanContext } from '../../src/instance/plan.ts';

/** Settings of an operator whose servers are at example.org. */
export const SETTINGS: Settings = {
  registry: { server: 'ghcr.io', credentials: undefined },
  mysql: {
    provider: 'direct',
    host: 'mysql.example.org',
    port: 3306,
    adminUser: 'boss',
    adminPassword: 'mysql-secret',
    sslMode: 'preferred',
    ca: undefined,
  },
  mongodb: {
    provider: 'direct',
    host: 'mongodb.example.org',
    port: 27017,
    adminUser: 'boss',
    adminPassword: 'mongodb-secret',
    authSource: 'admin',
    replicaSet: undefined,
    ca: undefined,
  },
  storage: {
    type: 's3',
    region: 'us-east-1',
    accessKey: { id: 'AK', secret: 'storage-secret' },
    endpointUrl: 'https://s3.example.org',
    makePublic: false,
  },
  clusterDomain: 'example.org',
  environment: 'production',
  instancesDirectory: 'instances',
  provisionerImage: 'node:24-alpine',
  templateEnvironment: new Map([['LAUNCHPAD_STORAGE_SECRET_ACCESS_KEY', 'storage-secret']]),
};

/** An instance without files, in a repository without other instances. */
export const NO_FILES: InstanceFiles = { config: undefined, application: undefined, others: [] };

/** The repository that `planContext` deploys from. */
export const REPOSITORY = 'git@github.com:example-org/cluster.git';

/** What a plan of instance school on branch main needs. */
export function planContext(templates: PlanContext['templates'], changes: Partial<PlanContext> = {}): PlanContext {
  return { name: 'school', settings: SETTINGS, branch: 'main', repositoryUrl: REPOSITORY, templates, ...changes };
}

export const bytes = (text: string) => new TextEncoder().encode(text);
export const text = (content: Uint8Array) => Buffer.from(content).toString('utf8');

/** A seed that always generates the same values. */
export const fixedSeed = (byte = 7) => Seed.from(new Uint8Array(32).fill(byte));

export function configOf(text: string, name = 'instances/school/config.yml'): ConfigFile {
  return ConfigFile.parse(bytes(text), name);
}
