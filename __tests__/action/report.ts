import type { ProvisionReport } from '../../src/report.ts';

/** The report of a run that made a commit. */
export const REPORT: ProvisionReport = {
  instance: 'riverside',
  namespace: 'riverside',
  application: 'riverside-production',
  configPath: 'instances/riverside/config.yml',
  commitSha: '0123456789abcdef0123456789abcdef01234567',
  bucket: 'launchpad-riverside-3fa9c1e',
  changed: true,
  changedKeys: ['MONGODB_PASSWORD', 'STORAGE_BUCKET_NAME'],
  workflows: {
    mysql: { name: 'riverside-mysql-x1', phase: 'Succeeded', seconds: 10.53 },
    mongodb: { name: 'riverside-mongodb-x2', phase: 'Succeeded', seconds: 11 },
    storage: { name: 'riverside-storage-x3', phase: 'Succeeded', seconds: 9.8 },
  },
  resources: [
    { kind: 'MySQL database', name: 'launchpad-riverside-openedx', state: 'created' },
    { kind: 'Bucket', name: 'launchpad-riverside-3fa9c1e', state: 'unchanged' },
  ],
  sync: { sync: 'Synced', health: 'Healthy' },
};
