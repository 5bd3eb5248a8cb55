import type { Settings } from '../../src/core/settings.ts';
import { ConfigFile } from '../../src/instance/config/config-file.ts';

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

export function configOf(text: string, name = 'instances/school/config.yml'): ConfigFile {
  return ConfigFile.parse(new TextEncoder().encode(text), name);
}
